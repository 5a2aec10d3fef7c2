package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"fleet/plan"
	"fleet/spec"
)

// destroyOptions are the flags of fleet destroy.
type destroyOptions struct {
	run       runOptions
	selection selectionOptions
}

func (o *destroyOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.run.output.declareReport(f)
	o.selection.declareAddresses(f, "delete", "")
	yesFlag(f, &o.run.yes)
	f.BoolVar(&o.run.skipBlocked, "skip-blocked", false, "delete the other objects if some are blocked")
	environmentChangeFlag(f, &o.run)
	f.BoolVar(&o.run.plan.DestroyVolumes, "volumes", false, "also delete the volumes that the spec declares")
}

func (a *app) destroyCommand() *cobra.Command {
	o := destroyOptions{run: runOptions{plan: plan.Options{Destroy: true}}}
	cmd := &cobra.Command{
		Use:   "destroy",
		Short: "Delete everything that the fleet owns",
		Long: `Deletes the fleet's sandboxes and the snapshots that the spec declares. Volumes
are kept unless --volumes is given. Protected objects block the plan. Sandboxes
with on_remove: stop or archive are stopped or archived instead, and those with
on_remove: release are released from the fleet.

--target, --exclude and --selector delete a part of the fleet. What remains must not
need it: a snapshot is deleted only together with the sandboxes of the fleet that
use it.

It asks for the name of the fleet.`,
		Example: `  fleet destroy
  fleet destroy --volumes --yes
  fleet destroy --target 'sandbox.worker[10..19]'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.flags.spec.unset = spec.UnsetAll
			p := a.newRun(o.run)
			if err := p.openSelected(cmd.Context(), o.selection); err != nil {
				return p.failedBeforeRun(cmd.Context(), err)
			}
			defer p.session.close()
			p.options.question = fmt.Sprintf("Destroy fleet %s? Type its name:", p.fleet.Name)
			if o.selection.isSet() {
				p.options.question = fmt.Sprintf("Destroy this part of fleet %s? Type the name of the fleet:", p.fleet.Name)
			}
			p.options.expectedAnswer = p.fleet.Name
			return p.run(cmd.Context())
		},
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}
