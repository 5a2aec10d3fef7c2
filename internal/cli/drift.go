package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// driftOptions are the flags of fleet drift.
type driftOptions struct {
	run       runOptions
	selection selectionOptions
	unmanaged bool
	files     bool
}

func (o *driftOptions) declare(f *flagSet) {
	o.run.output.declare(f, driftColumn)
	o.selection.declare(f)
	fullFlag(f, &o.run)
	f.Lookup("full").Usage = "show every difference, including identical ones"
	f.BoolVar(&o.run.strict, "strict", false, "also count expected drift")
	environmentChangeFlag(f, &o.run)
	f.BoolVar(&o.files, "files", false, "also read the uploaded files of started sandboxes, and compare their content")
	f.BoolVar(&o.unmanaged, "unmanaged", false, "also list objects that no spec owns")
}

func (a *app) driftCommand() *cobra.Command {
	o := driftOptions{run: runOptions{drift: true}}
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Report drift between the fleet and the spec",
		Long: `Compares like plan, classifies each difference by its cause, and exits with 2 if
there is unexpected drift. It only reads. The classes of drift:

  changed by someone  only the object has changed since the last apply
  spec changed        only the spec has changed since the last apply
  both                both have changed since the last apply
  differs             the last applied value is not known
  expected            caused by the platform; counted only with --strict
  under way           the object is changing to the desired state; counted only
                      with --strict
  not compared        depends on an environment variable that is not set, and
                      nothing else differs; the exit code is 1

The last apply is recorded in labels of the sandbox: digests of attributes that
lists do not show, and the keys of labels. For attributes that lists show, such as
auto_stop_interval, nothing is recorded, and the class is differs.

The server never returns ` + plan.JoinAnd(spec.WriteOnly(spec.SandboxKind)) + ` of a sandbox. Drift of
them cannot be detected.

--files reads the files that the fleet uploaded to started sandboxes, and reports the
paths of those that differ or are missing. Reading counts as activity of the sandbox.
fleet apply uploads files when they change in the spec, and does not read them.

Expected drift: a sandbox stopped because it was idle, the platform deleted it
(ephemeral sandboxes, and those with a time to live), it is missing and has
on_missing: ignore, or its new files wait until it is started.

--unmanaged also lists the objects of the organisation that no spec owns:
sandboxes without the labels of a fleet, and snapshots and volumes that the spec
does not declare. They count as drift. Sandboxes of other fleets are only counted.

The exit code is 0 without drift or with only expected drift and drift under way,
2 with any other drift, and 1, 3 or 4 if drift could not be determined. -o json
counts each class.`,
		Example: `  fleet drift || echo "drift detected"
  fleet drift -o json --strict
  fleet drift --unmanaged
  fleet drift --files
  fleet drift -o json | jq -e '.classes["changed by someone"] == null'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.drift(cmd.Context(), o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// drift prints the drift of the fleet, and returns an error if there is any.
func (a *app) drift(ctx context.Context, o driftOptions) error {
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
	if o.files {
		if err := observe.AddFileDrift(ctx, p.session.Client, pl); err != nil {
			return fmt.Errorf("reading the uploaded files: %w", err)
		}
	}
	d := p.document(pl)
	if o.unmanaged {
		world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Organization: true})
		if err != nil {
			return err
		}
		world.Facts = pl.Facts
		d.Unmanaged = plan.FindUnmanaged(p.fleet, world, p.creations().List())
	}
	if p.printsText() {
		render.Drift(a.out, pl, d.Unmanaged, p.printedStyle())
	}
	if err := p.writeOutputs(d, driftColumn); err != nil {
		return err
	}
	if err := p.uncomparedError(pl); err != nil {
		return err
	}
	return driftError(pl, d.Unmanaged, o.run.strict)
}

// driftError returns the error that sets the exit code of fleet drift: nil if no
// drift counts. With strict, expected drift counts too.
func driftError(pl *plan.Plan, u *plan.Unmanaged, strict bool) error {
	counts := u != nil && len(u.Objects) > 0
	for _, s := range pl.Steps {
		counts = counts || s.Drift.IsActionable() || strict && s.Drift != ""
	}
	if counts {
		return exit.Silent(exit.Differences)
	}
	return nil
}
