package cli

import (
	"github.com/spf13/cobra"
)

// applyOptions are the flags of fleet apply.
type applyOptions struct {
	run       runOptions
	selection selectionOptions
	dryRun    bool
}

func (o *applyOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.run.output.declareReport(f)
	o.selection.declare(f)
	o.selection.declareReplace(f)
	guardFlags(f, &o.run)
	yesFlag(f, &o.run.yes)
	approveFlag(f, &o.run)
	f.BoolVar(&o.run.skipBlocked, "skip-blocked", false, "apply the other steps if some are blocked")
	quotaFlag(f, &o.run)
	dryRunFlag(f, &o.dryRun)
	hookCredentialsFlag(f, &o.run)
}

func (a *app) applyCommand() *cobra.Command {
	o := applyOptions{run: runOptions{question: "Apply this plan? Only yes is accepted:", expectedAnswer: "yes"}}
	cmd := &cobra.Command{
		Use:   "apply [FILE]",
		Short: "Apply the spec",
		Long: `Plans, asks for approval, and applies the plan: volumes, then snapshots, then
sandboxes, and deletions in the reverse order. Many steps run concurrently, each
sandbox with its own timeout. A failed step stops only the steps that depend on
it; run apply again to continue.

A plan that deletes or replaces more than 10 objects and more than 20 % of the
fleet, or all of its sandboxes, requires --allow-destroy. A plan with a blocked
step is refused as a whole, unless --skip-blocked is given.

FILE is a plan that fleet plan --save wrote. Exactly this plan is applied, and
nothing at all if a step is out of date or the spec has changed. --approve takes
the digest of a plan instead of an answer; any other plan is refused.

--dry-run shows the plan, as fleet plan does, and fails if apply would refuse it.

The first Ctrl-C starts no more steps and gives running ones --grace to finish;
the second exits at once.`,
		Example: `  fleet apply
  fleet apply --yes --parallelism 50
  fleet apply --dry-run
  fleet apply --yes --allow-destroy 25
  fleet apply p.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := a.newRun(o.run)
			if len(args) > 0 {
				return p.applySaved(cmd, args[0], o)
			}
			if err := p.openSelected(cmd.Context(), o.selection); err != nil {
				return p.failedBeforeRun(cmd.Context(), err)
			}
			defer p.session.close()
			if o.dryRun {
				return p.preview(cmd.Context())
			}
			return p.run(cmd.Context())
		},
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}
