package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// guardFlags declares the flags that widen what a plan may do.
func guardFlags(f *pflag.FlagSet, opts *plan.Options) {
	f.BoolVar(&opts.AdoptAll, "adopt", false, "adopt unowned sandboxes, and snapshots of unknown origin, that have the names in the spec")
	f.BoolVar(&opts.CreateMissing, "create-missing", false, "create missing sandboxes even if the spec sets on_missing: ignore")
	environmentChangeFlag(f, opts)
	f.IntVar(&opts.AllowDestroy, "allow-destroy", 0, "allow deleting or replacing up to `N` objects, beyond the blast-radius limit")
}

// environmentChangeFlag declares --allow-environment-change.
func environmentChangeFlag(f *pflag.FlagSet, opts *plan.Options) {
	f.BoolVar(&opts.AllowEnvironmentChange, "allow-environment-change", false, "allow changing a fleet that was applied for another environment, and relabel it")
}

// checkGuardFlags refuses what the flags cannot mean.
func (p *planRun) checkGuardFlags(cmd *cobra.Command) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if p.opts.AllowDestroy < 0 {
			return invalid("--allow-destroy is a number of objects, not %d", p.opts.AllowDestroy)
		}
		return before(cmd, args)
	}
}

func (a *app) planCommand() *cobra.Command {
	p := planRun{app: a}
	var detailed bool
	var save string
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show the changes that apply would make",
		Long: `Compares the spec with what exists and shows the difference. It only reads.

Symbols: + create, ~ change in place, ± replace, - delete, @ adopt, > start,
. stop, = pause, _ archive, ! recover, * activate, o deactivate, ^ release, w wait,
x clear what is left over. What must not be done is shown as blocked, with the
flag or edit that would allow it; the exit code is then 5.

A part of the fleet is planned with --target and the other flags that select;
what it needs is taken along. --save keeps the plan for fleet show and fleet
apply. The digest stands for all that the plan does: apply --approve takes it.`,
		Example: `  fleet plan
  fleet plan --target 'sandbox.worker[0..9]' --save p.json
  fleet plan -f specs/ --detailed-exitcode
  fleet plan -o json | jq .summary`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if save != "" {
				if err := checkWritable(save); err != nil {
					return invalid("--save %s: %w", save, err)
				}
			}
			p.showDigest, p.specFlags.unset = true, spec.UnsetEnvironment
			pl, err := p.planOnly(cmd.Context(), save)
			if err != nil {
				return err
			}
			switch {
			case len(pl.Blocked()) > 0:
				return refused("%s blocked; apply would refuse this plan", stepsAre(len(pl.Blocked())))
			case detailed && !pl.Empty():
				return &exitError{codeDifferences, nil}
			case detailed:
				return p.uncomparedError(pl)
			}
			return nil
		},
	}
	p.outputFlags(cmd, planFormats...)
	p.selection.flags(cmd, true)
	guardFlags(cmd.Flags(), &p.opts)
	p.checkGuardFlags(cmd)
	p.quotaFlag(cmd)
	cmd.Flags().BoolVar(&p.full, "full", false, "show every step, including identical ones")
	cmd.Flags().StringVar(&save, "save", "", "save the plan to `FILE`")
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

// planOnly shows a plan and carries nothing out. It is kept in a file, where
// one is named.
func (p *planRun) planOnly(ctx context.Context, file string) (*plan.Plan, error) {
	var err error
	if p.fleet, p.session, err = p.openSelected(ctx); err != nil {
		return nil, err
	}
	defer p.session.close()
	pl, err := p.compute(ctx)
	if err != nil {
		return nil, err
	}
	if p.printsText() {
		fmt.Fprint(p.Out, p.planText(pl))
	}
	var saved *plan.Saved
	if p.showDigest {
		saved = p.savedPlan(pl)
		if p.printsText() && pl.Digest != "" && !pl.Empty() && len(pl.Blocked()) == 0 {
			p.note("Digest: %s", pl.Digest)
		}
	}
	if err := p.writePlan(pl); err != nil {
		return pl, err
	}
	if file != "" {
		return pl, p.writeSaved(saved, file)
	}
	return pl, nil
}

// runFlags declares the flags of commands that carry plans out.
func (p *planRun) runFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	p.outputFlags(cmd, reportFormats...)
	p.progressFlag(cmd)
	parallelismFlag(f, &p.parallelism)
	durationVar(f, &p.grace, "grace", apply.DefaultGracePeriod, "time that running operations have to finish after the first Ctrl-C")
	f.BoolVar(&p.full, "full", false, "show every step, including identical ones")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if p.grace < 0 {
			return invalid("--grace is a time such as 30s, not %s", p.grace)
		}
		if p.grace == 0 { // of which the zero value is another one
			p.grace = 1
		}
		return before(cmd, args)
	}
}

func (a *app) applyCommand() *cobra.Command {
	p := planRun{app: a, question: "Apply this plan? Only yes is accepted:", expectedAnswer: "yes"}
	cmd := &cobra.Command{
		Use:   "apply [FILE]",
		Short: "Apply the spec",
		Long: `Plans, asks, and carries the plan out: volumes, snapshots, sandboxes, and
deletions in the reverse order; many steps at a time, each sandbox under a
timeout of its own. A step that fails stops only the steps that wait for it,
and the next run continues from there.

A plan that would take away more than 10 objects or 20 % of the fleet,
whichever is more, or all of its sandboxes, needs --allow-destroy. A plan with
a blocked step is refused as a whole, unless --skip-blocked is given.

FILE is a plan that fleet plan --save wrote: exactly that is done, and nothing
at all once a step no longer holds or the spec was changed. --approve takes the
digest of a plan instead of an answer; another plan is then refused.

The first Ctrl-C begins no more steps and lets those that were begun go on for
--grace; the second leaves at once.`,
		Example: `  fleet apply
  fleet apply --yes --parallelism 50
  fleet apply --yes --allow-destroy 25
  fleet apply p.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if p.yes && p.approvedDigest != "" {
				return invalid("--yes and --approve exclude each other: --yes would approve any plan")
			}
			if len(args) > 0 {
				return p.applySaved(cmd, args[0])
			}
			if p.fleet, p.session, err = p.openSelected(cmd.Context()); err != nil {
				return p.failedBeforeRun(cmd.Context(), err)
			}
			defer p.session.close()
			return p.run(cmd.Context())
		},
	}
	p.runFlags(cmd)
	p.reportFlag(cmd)
	p.selection.flags(cmd, true)
	guardFlags(cmd.Flags(), &p.opts)
	p.checkGuardFlags(cmd)
	cmd.Flags().BoolVarP(&p.yes, "yes", "y", false, "skip the confirmation")
	p.approveFlag(cmd)
	cmd.Flags().BoolVar(&p.skipBlocked, "skip-blocked", false, "apply the other steps if some are blocked")
	p.quotaFlag(cmd)
	return cmd
}

func (a *app) destroyCommand() *cobra.Command {
	p := planRun{app: a, opts: plan.Options{Destroy: true}}
	cmd := &cobra.Command{
		Use:   "destroy",
		Short: "Delete everything that the fleet owns",
		Long: `Deletes the fleet's sandboxes and the snapshots that the spec declares. Volumes
are kept, unless --volumes is given. What is protected blocks it. Sandboxes with
on_remove: stop or archive are stopped or archived and kept, those with
on_remove: release are let go.

It asks for the name of the fleet.`,
		Example: `  fleet destroy
  fleet destroy --volumes --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			p.specFlags.unset = spec.UnsetAll
			if p.fleet, p.session, err = a.loadAndOpen(cmd.Context()); err != nil {
				return p.failedBeforeRun(cmd.Context(), err)
			}
			defer p.session.close()
			p.question = fmt.Sprintf("Destroy the fleet %s? Type its name:", p.fleet.Name)
			p.expectedAnswer = p.fleet.Name
			return p.run(cmd.Context())
		},
	}
	p.runFlags(cmd)
	p.reportFlag(cmd)
	cmd.Flags().BoolVarP(&p.yes, "yes", "y", false, "skip the confirmation")
	cmd.Flags().BoolVar(&p.skipBlocked, "skip-blocked", false, "delete the other objects if some are blocked")
	environmentChangeFlag(cmd.Flags(), &p.opts)
	cmd.Flags().BoolVar(&p.opts.DestroyVolumes, "volumes", false, "also delete the volumes that the spec declares")
	return cmd
}
