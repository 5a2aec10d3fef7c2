package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/outfile"
	"fleet/plan"
	"fleet/spec"
)

// planOptions are the flags of fleet plan.
type planOptions struct {
	run       runOptions
	selection selectionOptions
	save      string // file to save the plan to; empty for none
	detailed  bool   // --detailed-exitcode
}

func (o *planOptions) declare(f *flagSet) {
	o.run.output.declare(f, planColumn)
	o.selection.declare(f)
	o.selection.declareReplace(f)
	guardFlags(f, &o.run)
	quotaFlag(f, &o.run)
	fullFlag(f, &o.run)
	f.StringVar(&o.save, "save", "", "save the plan to `FILE`")
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	f.check(func() error {
		if o.save == "" {
			return nil
		}
		if err := outfile.CheckWritable(o.save); err != nil {
			return exit.Invalidf("--save %s: %w", o.save, err)
		}
		return nil
	})
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show the changes that apply would make",
		Long: `Compares the spec with what exists and shows the difference. It only reads.

Symbols: + create, ~ change in place, ± replace, - delete, @ adopt, > start,
. stop, = pause, _ archive, ! recover, * activate, o deactivate, ^ release, w wait,
x clear leftovers. A step that must not run is shown as blocked, with the flag or
edit that would allow it; the exit code is then 5.

--target and the other flags that select plan a part of the fleet, together with
what it needs. --save writes the plan to a file for fleet show and fleet apply.
The digest identifies everything that the plan does; apply --approve takes it.`,
		Example: `  fleet plan
  fleet plan --target 'sandbox.worker[0..9]' --save p.json
  fleet plan -f specs/ --detailed-exitcode
  fleet plan -o json | jq .summary`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.plan(cmd.Context(), o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// plan shows a plan, and saves it if --save is given.
func (a *app) plan(ctx context.Context, o planOptions) error {
	a.flags.spec.unset = spec.UnsetEnvironment
	p := a.newRun(o.run)
	if err := p.openSelected(ctx, o.selection); err != nil {
		return err
	}
	defer p.session.close()
	pl, err := p.compute(ctx)
	if err != nil {
		return err
	}
	var saved *plan.Saved
	if !pl.Empty() || o.save != "" || !p.printsTextOnly() { // text shows no digest of an empty plan
		saved = p.savedPlan(pl)
	}
	p.printPlan(pl)
	if err := p.writePlan(pl); err != nil {
		return err
	}
	if o.save != "" {
		if err := p.writeSaved(saved, o.save); err != nil {
			return err
		}
	}
	return p.planError(pl, o.detailed)
}

// planError returns the error that sets the exit code of fleet plan.
func (p *planRun) planError(pl *plan.Plan, detailed bool) error {
	switch {
	case len(pl.Blocked()) > 0:
		return exit.Refusedf("%s blocked; apply would refuse this plan", stepsAre(len(pl.Blocked())))
	case detailed && !pl.Empty():
		return exit.Silent(exit.Differences)
	case detailed:
		return p.uncomparedError(pl)
	}
	return nil
}

// uncomparedError returns an error if the plan could not compare everything,
// because environment variables are not set.
func (p *planRun) uncomparedError(pl *plan.Plan) error {
	n := pl.UncomparedCount()
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s only partly compared because values are not set: %s", plan.Plural(n, "object was", "objects were"), p.fleet.UnsetSummary())
}
