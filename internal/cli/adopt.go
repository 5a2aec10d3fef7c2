package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/export"
	"fleet/internal/observe"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// An adoption is one run of adopt.
type adoptRun struct {
	planRun
	selectors  []sandboxSelector
	undeclared []string // names of unowned sandboxes that the spec does not declare
}

func (a *app) adoptCommand() *cobra.Command {
	d := adoptRun{planRun: planRun{app: a, outputs: outputs{format: "text", list: []output{textToStdout}}, question: "Adopt these? Only yes is accepted:", expectedAnswer: "yes"}}
	cmd := &cobra.Command{
		Use:   "adopt SELECTOR...",
		Short: "Adopt sandboxes that no fleet owns",
		Long: `Takes over the sandboxes that are selected, that no fleet owns and that the spec
declares by their names: it writes the fleet's labels, and changes in place what is
not as the spec wants it. Nothing else of the plan is carried out, and nothing is
ever replaced for it. It shows what it would do, and asks.

A selector is a name, a pattern of names such as agent-*, or labels with their
values such as team=a,stage=dev. Sandboxes of other fleets and of other tools stay
theirs.

For selected sandboxes that the spec does not declare, the blocks to add to it are
printed on standard output, with adopt: true; all else goes to standard error. Values
of env_vars and of proxies become references to environment variables.`,
		Example: `  fleet adopt web
  fleet adopt 'agent-*' team=research --yes
  fleet adopt '*' > more.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if d.selectors, err = parseSandboxSelectors(args); err != nil {
				return err
			}
			if d.fleet, d.session, err = d.loadAndOpen(cmd.Context()); err != nil {
				return err
			}
			defer d.session.close()
			return d.adopt(cmd.Context())
		},
	}
	d.adoptFlags(cmd)
	return cmd
}

func (d *adoptRun) adoptFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	parallelismFlag(f, &d.parallelism)
	f.BoolVar(&d.full, "full", false, "show every step, including identical ones")
	f.BoolVarP(&d.yes, "yes", "y", false, "skip the confirmation")
	environmentChangeFlag(f, &d.opts)
	f.BoolVar(&d.skipBlocked, "skip-blocked", false, "adopt the other sandboxes if some are blocked")
}

// adopt selects, prints what the spec does not declare, and adopts what it does.
func (d *adoptRun) adopt(ctx context.Context) error {
	world, err := observe.ObserveInventory(ctx, d.session.Client, d.fleet, true)
	if err != nil {
		return err
	}
	if err := d.selectSandboxes(world); err != nil {
		return err
	}
	text, err := d.missingBlocks(ctx)
	if err != nil {
		return err
	}
	if _, err := d.Out.Write(text); err != nil {
		return err
	}
	redirected := *d.app // the blocks alone are data
	redirected.Out = d.Err
	d.app = &redirected
	return d.adoptSelected(ctx)
}

// selectSandboxes sorts the selected sandboxes. One that was named and cannot be adopted
// is an error; of those that a pattern or labels select it is told.
func (d *adoptRun) selectSandboxes(world *plan.World) error {
	declared, ownership := d.fleet.ByName(spec.SandboxKind), world.Ownerships(d.fleet)
	d.opts.Adopt = map[string]bool{}
	owners := map[string]int{}
	for _, o := range world.Sandboxes {
		named, selected := d.selects(o)
		if !selected {
			continue
		}
		owner := ownerText(ownership[o], declared[o.Name], o)
		switch {
		case owner != "" && named && owner != "this fleet":
			return refused("%q belongs to %s: nothing was sent", o.Name, owner)
		case owner != "":
			owners[owner]++
		case declared[o.Name] != nil:
			d.opts.Adopt[o.Name] = true
		default:
			d.undeclared = append(d.undeclared, o.Name)
		}
	}
	slices.Sort(d.undeclared)
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		d.note("%s selected %s to %s already.", plan.Plural(owners[owner], "sandbox", "sandboxes"), plan.PluralWord(owners[owner], "belongs", "belong"), owner)
	}
	for _, s := range d.selectors {
		if !s.matched {
			return invalid("%s", s.noMatchText(world.Sandboxes))
		}
	}
	return nil
}

// ownerText says whose a sandbox is, or "" when r, which may be nil, may adopt it.
func ownerText(s plan.Ownership, r *spec.Resource, o *plan.Object) string {
	switch s.Role {
	case plan.RoleCopy:
		return fmt.Sprintf("no fleet, and carries labels of the fleet %s, as a fork does", s.Owner)
	case plan.RoleOtherFleet:
		return "the fleet " + s.Owner
	case plan.RoleTool:
		if plan.ManagedByTool(r, o) {
			return s.Owner
		}
		return ""
	case plan.RoleUnowned:
		return ""
	}
	return "this fleet"
}

// adoptSelected plans the adoptions and carries them out.
func (d *adoptRun) adoptSelected(ctx context.Context) error {
	if len(d.opts.Adopt) == 0 {
		return nil
	}
	pl, err := d.compute(ctx)
	if err != nil {
		return err
	}
	pl.Steps = slices.DeleteFunc(pl.Steps, func(s *plan.Step) bool {
		return s.Address.Kind != spec.SandboxKind || s.Want == nil || !d.opts.Adopt[s.Name] || s.Action == plan.NoOp
	})
	fmt.Fprint(d.Out, d.planText(pl))
	switch blocked := len(pl.Blocked()); {
	case pl.Empty():
		return nil
	case blocked > 0 && (!d.skipBlocked || blocked == countChanges(pl)):
		return refused("%s blocked: nothing was sent", stepsAre(blocked))
	}
	if err := d.approve(ctx, pl); err != nil {
		return err
	}
	return d.applyPlan(ctx, pl)
}

// missingBlocks are what the spec lacks to declare what it does not.
func (d *adoptRun) missingBlocks(ctx context.Context) ([]byte, error) {
	if len(d.undeclared) == 0 {
		return nil, nil
	}
	result, err := export.Run(ctx, d.session.Client, export.Options{
		Name: d.fleet.Name, Names: d.undeclared, Adopt: true, Secrets: export.SecretsEnv, AppendTo: d.fleet,
	})
	if mistaken := (*export.OptionsError)(nil); errors.As(err, &mistaken) {
		return nil, invalid("%w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("describing what the spec does not declare: %w", err)
	}
	d.note("%s selected %s not in the spec: add the blocks that are printed to it, and apply.", plan.Plural(len(d.undeclared), "sandbox", "sandboxes"), plan.PluralWord(len(d.undeclared), "is", "are"))
	for _, line := range result.Notes {
		d.note("%s", line)
	}
	return bytes.TrimLeft(result.Text, "\n"), nil
}

// An adoptee selects sandboxes by name, by a pattern of names, or by labels.
type sandboxSelector struct {
	text    string
	labels  map[string]string // nil for names
	matched bool              // it has selected something
}

func parseSandboxSelectors(args []string) ([]sandboxSelector, error) {
	list := make([]sandboxSelector, len(args))
	for i, text := range args {
		list[i].text = text
		if !strings.Contains(text, "=") {
			if _, err := path.Match(text, ""); err != nil {
				return nil, invalid("%q is not a pattern; write one such as agent-*", text)
			}
			continue
		}
		labels, err := parseLabels(text)
		if err != nil {
			return nil, err
		}
		list[i].labels = labels
	}
	return list, nil
}

// parseLabels reads labels with their values, such as team=a,stage=dev.
func parseLabels(text string) (map[string]string, error) {
	labels := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		k, v, ok := strings.Cut(pair, "=")
		if !ok || k == "" {
			return nil, invalid("%s: write labels with their values, such as team=a,stage=dev", text)
		}
		labels[k] = v
	}
	return labels, nil
}

// matches reports whether the selector selects a sandbox, and whether it names
// it in full.
func (s *sandboxSelector) matches(o *plan.Object) (named, selected bool) {
	if s.labels == nil {
		pattern, _ := path.Match(s.text, o.Name) // it was checked
		return s.text == o.Name, pattern || s.text == o.Name
	}
	for k, v := range s.labels {
		if have, ok := o.Labels[k]; !ok || have != v {
			return false, false
		}
	}
	return false, true
}

// noMatchText says that the selector selects no sandbox.
func (s *sandboxSelector) noMatchText(sandboxes []*plan.Object) string {
	if s.labels != nil {
		return fmt.Sprintf("no sandbox has the labels %s; fleet status --all shows what there is", s.text)
	}
	names := make([]string, len(sandboxes))
	for i, o := range sandboxes {
		names[i] = o.Name
	}
	hint := suggest.DidYouMean(s.text, names)
	if hint == "" {
		hint = "fleet status --all shows what there is"
	}
	return fmt.Sprintf("no sandbox is called %q; %s", s.text, hint)
}

// selects reports whether a sandbox is selected, and whether by its full name.
func (d *adoptRun) selects(o *plan.Object) (named, selected bool) {
	for i := range d.selectors {
		full, matches := d.selectors[i].matches(o)
		d.selectors[i].matched = d.selectors[i].matched || matches
		named, selected = named || full, selected || matches
	}
	return named, selected
}
