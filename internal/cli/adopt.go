package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/export"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/selection"
	"fleet/plan"
	"fleet/spec"
)

// adoptOptions are the flags of fleet adopt.
type adoptOptions struct{ run runOptions }

func (o *adoptOptions) declare(f *flagSet) {
	parallelismFlag(f, &o.run.parallelism)
	fullFlag(f, &o.run)
	yesFlag(f, &o.run.yes)
	environmentChangeFlag(f, &o.run)
	f.BoolVar(&o.run.skipBlocked, "skip-blocked", false, "adopt the other sandboxes if some are blocked")
}

func (a *app) adoptCommand() *cobra.Command {
	o := adoptOptions{run: runOptions{
		output: outputOptions{format: render.TextFormat}, grace: apply.DefaultGracePeriod,
		question: "Adopt these? Only yes is accepted:", expectedAnswer: "yes",
	}}
	cmd := &cobra.Command{
		Use:   "adopt SELECTOR...",
		Short: "Adopt sandboxes that no fleet owns",
		Long: `Adopts the selected sandboxes that no fleet owns and whose names the spec
declares: it writes the labels of the fleet, and updates in place what differs
from the spec. It applies no other step of the plan and never replaces a sandbox.
It shows the plan and asks for approval.

A selector is a name, a pattern of names such as agent-*, or labels with their
values such as team=a,stage=dev. Sandboxes of other fleets and tools are never
adopted.

For selected sandboxes that the spec does not declare, it prints the blocks to add
to the spec, with adopt: true, on standard output; everything else goes to
standard error. Values of env_vars and of proxies become references to environment
variables.`,
		Example: `  fleet adopt web
  fleet adopt 'agent-*' team=research --yes
  fleet adopt '*' > more.yaml`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeSandboxes,
		RunE: func(cmd *cobra.Command, args []string) error {
			selectors, err := selection.ParseSandboxSelectors(args)
			if err != nil {
				return err
			}
			p := a.newRun(o.run)
			if err := p.open(cmd.Context()); err != nil {
				return err
			}
			defer p.session.close()
			return p.adopt(cmd.Context(), selectors)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// adopt prints the blocks of selected sandboxes that the spec does not declare,
// and adopts the others.
func (p *planRun) adopt(ctx context.Context, selectors selection.SandboxSelectors) error {
	world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Organization: true})
	if err != nil {
		return err
	}
	undeclared, err := p.selectSandboxes(world, selectors)
	if err != nil {
		return err
	}
	text, err := p.missingBlocks(ctx, undeclared)
	if err != nil {
		return err
	}
	if _, err := p.app.out.Write(text); err != nil {
		return err
	}
	redirected := *p.app // only the blocks are data
	redirected.out = p.app.err
	p.app = &redirected
	return p.adoptSelected(ctx)
}

// selectSandboxes sets which sandboxes the plan adopts, and returns the names of
// selected ones that the spec does not declare. A sandbox with an owner is an
// error if a selector names it; those that a pattern or labels select are noted.
func (p *planRun) selectSandboxes(world *plan.World, selectors selection.SandboxSelectors) (undeclared []string, err error) {
	declared, ownership := p.fleet.ByName(spec.SandboxKind), world.Ownerships(p.fleet)
	adopted := map[string]bool{}
	p.options.plan.Adopt = adopted
	owners := map[string]int{}
	for _, o := range world.Objects[spec.SandboxKind] {
		named, selected := selectors.Matches(o)
		if !selected {
			continue
		}
		owner := ownerText(ownership[o], declared[o.Name], o)
		switch {
		case owner != "" && named && owner != thisFleet:
			return nil, exit.Refusedf("sandbox %q belongs to %s; nothing was sent", o.Name, owner)
		case owner != "":
			owners[owner]++
		case declared[o.Name] != nil:
			adopted[o.Name] = true
		default:
			undeclared = append(undeclared, o.Name)
		}
	}
	slices.Sort(undeclared)
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		n := owners[owner]
		p.app.note("%s skipped: %s to %s.", plan.Plural(n, "selected sandbox", "selected sandboxes"), plan.PluralWord(n, "it belongs", "they belong"), owner)
	}
	return undeclared, selectors.UnmatchedError(world.Objects[spec.SandboxKind])
}

// thisFleet is the owner of the sandboxes of the fleet itself.
const thisFleet = "this fleet"

// ownerText returns the owner of a sandbox, or "" if the fleet may adopt it for
// r, its resource of the spec, which may be nil.
func ownerText(s plan.Ownership, r *spec.Resource, o *plan.Object) string {
	switch s.Role {
	case plan.RoleCopy:
		return fmt.Sprintf("no fleet, but has labels of fleet %s, as a fork does", s.Owner)
	case plan.RoleOtherFleet:
		return "fleet " + s.Owner
	case plan.RoleTool:
		if plan.ManagedByTool(r, o) {
			return s.Owner
		}
		return ""
	case plan.RoleUnowned:
		return ""
	}
	return thisFleet
}

// adoptSelected plans the adoptions and runs them.
func (p *planRun) adoptSelected(ctx context.Context) error {
	adopted := p.options.plan.Adopt
	if len(adopted) == 0 {
		return nil
	}
	pl, err := p.compute(ctx)
	if err != nil {
		return err
	}
	pl.Steps = slices.DeleteFunc(pl.Steps, func(s *plan.Step) bool {
		return s.Address.Kind != spec.SandboxKind || s.Want == nil || !adopted[s.Name] || s.Action == plan.NoOp
	})
	fmt.Fprint(p.app.out, p.planText(pl))
	switch blocked := len(pl.Blocked()); {
	case pl.Empty():
		return nil
	case blocked > 0 && (!p.options.skipBlocked || blocked == pl.ChangeCount()):
		return exit.Refusedf("%s blocked; nothing was sent", stepsAre(blocked))
	}
	if err := p.approve(ctx, pl); err != nil {
		return err
	}
	return p.apply(ctx, pl)
}

// missingBlocks returns the blocks that the spec needs to declare sandboxes.
func (p *planRun) missingBlocks(ctx context.Context, names []string) ([]byte, error) {
	if len(names) == 0 {
		return nil, nil
	}
	result, err := export.Run(ctx, p.session.Client, export.Options{
		Name: p.fleet.Name, Names: names, Adopt: true, Secrets: export.SecretsEnv, AppendTo: p.fleet,
	})
	if wrong := (*export.OptionsError)(nil); errors.As(err, &wrong) {
		return nil, exit.Invalidf("%w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("exporting the sandboxes that the spec does not declare: %w", err)
	}
	p.app.note("%s not in the spec: add the printed blocks to it, and run fleet apply.", plan.Plural(len(names), "selected sandbox is", "selected sandboxes are"))
	for _, line := range result.Notes {
		p.app.note("%s", line)
	}
	return bytes.TrimLeft(result.Text, "\n"), nil
}
