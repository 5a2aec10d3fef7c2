package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/gc"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// gcOptions are the flags of fleet gc.
type gcOptions struct {
	run     runOptions
	rules   ruleOptions
	dryRun  bool
	unowned bool

	snapshots bool
	keep      int // former versions to keep; read only if --keep is given
}

func (o *gcOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.rules.declare(f)
	allowDestroyFlag(f, &o.run, "allow deleting up to `N` objects, beyond the blast-radius limit")
	yesFlag(f, &o.run.yes)
	f.BoolVar(&o.run.skipBlocked, "skip-blocked", false, "apply the other steps if some are blocked")
	f.BoolVar(&o.dryRun, "dry-run", false, "report and plan without applying")
	f.BoolVar(&o.unowned, "unowned", false, "let rules select unowned objects")
	f.BoolVar(&o.snapshots, "snapshots", false, "also delete former versions of snapshots, failed builds and temporary snapshots that are unused")
	f.IntVar(&o.keep, "keep", 0, "with --snapshots: keep `N` former versions of each snapshot, instead of those that the spec keeps")
	f.check(func() error {
		switch {
		case f.Changed("keep") && !o.snapshots:
			return exit.Invalidf("--keep has no effect without --snapshots")
		case o.keep < 0:
			return exit.Invalidf("--keep must be a number of versions from 0, not %d", o.keep)
		}
		return nil
	})
}

func (a *app) gcCommand() *cobra.Command {
	o := gcOptions{run: runOptions{question: "Collect these? Only yes is accepted:", expectedAnswer: "yes"}}
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Report unused objects, and delete, stop or archive them by rules",
		Long: `Reports what the fleet has, which sandboxes never stop, are stuck or are
duplicates, and which snapshots are left over. With rules, from a file or as one
rule given by flags, it plans to delete, stop or archive the objects that they
select, asks for approval, and applies the plan.

Never touched are: protected objects; those of another fleet or tool; those used
or created within --spare-active; a sandbox whose label fleet-lease has a time
(RFC 3339) in the future; a snapshot that a sandbox was made from. Objects used
after the plan was made are skipped too.

Unowned objects are selected only by a rule for them, together with --unowned,
and deleted only with --allow-destroy.

--snapshots also deletes snapshots that the fleet owns and does not need: former
versions, failed builds, and temporary snapshots of interrupted replacements.
Those that keep retains, that any sandbox of the organisation uses, or that nothing
proves to be the fleet's, stay. --keep 0 deletes the kept ones, too.`,
		Example: `  fleet gc
  fleet gc --snapshots --dry-run
  fleet gc --idle-for 2d --action archive
  fleet gc --rules gc.yaml --dry-run
  fleet gc --owner nobody --label purpose=scratch --older-than 7d --unowned --allow-destroy 20`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules, err := o.rules.read(cmd.Context(), cmd.Flags().Changed)
			if err != nil {
				return err
			}
			a.flags.spec.unset = spec.UnsetAll
			p := a.newRun(o.run)
			if err := p.open(cmd.Context()); err != nil {
				return err
			}
			defer p.session.close()
			return p.collect(cmd.Context(), rules, o, cmd.Flags().Changed("keep"))
		},
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}

// collect reports what exists, and applies the rules. keeps means that --keep was given.
func (p *planRun) collect(ctx context.Context, rules gc.RuleSet, o gcOptions, keeps bool) error {
	opts := gc.Options{
		Unowned: o.unowned, AllowDestroy: o.run.plan.AllowDestroy, SpareActive: rules.SpareActive, Created: p.creations().List(), Snapshots: o.snapshots,
	}
	if keeps {
		opts.Keep = &o.keep
	}
	all := o.snapshots || slices.ContainsFunc(rules.Rules, func(r gc.Rule) bool { return r.Owner == gc.OwnerNone || r.Kind != spec.SandboxKind })
	world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Organization: all, Facts: all, Creations: opts.Created})
	if err != nil {
		return err
	}
	opts.Now = p.session.ServerNow()
	report, pl := gc.Collect(p.fleet, world, rules.Rules, opts)
	p.collected = report
	pl.Forecast = plan.NewForecast(p.fleet, world, pl)
	p.setLocation(pl, world)
	if p.printsText() {
		render.GCReport(p.app.out, p.fleet.Name, report, p.app.style(p.app.out))
	}
	if !o.dryRun && !pl.Empty() {
		if p.printsText() {
			fmt.Fprintln(p.app.out)
		}
		return p.proceed(ctx, pl)
	}
	if p.printsText() && (len(rules.Rules) > 0 || o.snapshots) {
		fmt.Fprint(p.app.out, "\n"+p.planText(pl))
	}
	if err := p.writeOutputs(p.document(pl), gcColumn); err != nil {
		return err
	}
	return dryRunError(pl)
}
