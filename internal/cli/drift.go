package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// A drifting is one run of drift.
type driftRun struct {
	planRun
	unmanaged bool
}

func (a *app) driftCommand() *cobra.Command {
	d := driftRun{planRun: planRun{app: a, drift: true}}
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Report drift between the fleet and the spec",
		Long: `Compares like plan, tells of each difference where it comes from, and exits with
2 when something is not as wanted. It only reads. The classes of differences:

  changed by someone  the spec says what was last applied, and something else is there
  spec changed        what was last applied is there, and the spec says something else
  both                neither
  differs             nothing remembers what was last applied
  expected            the platform works so; no alarm unless --strict is given
  under way           it is on its way to what the spec wants; no alarm unless
                      --strict is given
  not compared        it depends on an environment variable that is not set, and
                      nothing else differs; the exit code is 1

What was last applied is remembered in labels of the sandbox: as digests of what
lists do not show, and as the keys of labels. Of what lists show in clear, such as
auto_stop_interval, nothing is remembered: it only differs.

No answer of Daytona holds ` + plan.JoinAnd(spec.WriteOnly(spec.SandboxKind)) + ` of a sandbox: a change of
them from outside of fleet cannot be seen, and is no drift.

Expected are sandboxes that stopped because they were idle, those that the
platform deletes by itself (ephemeral ones, those with a time to live) and that are
gone, and those with on_missing: ignore.

With --unmanaged the objects of the organisation are listed that no spec owns:
sandboxes without the labels of a fleet, snapshots and volumes that the spec does
not declare. Sandboxes of other fleets are only counted. What is listed is a
difference, too.

The exit code is one for all: 0 when there is nothing but what is expected or under way, 2 when
there is any other difference, 1, 3 or 4 when that could not be found out. With -o
json the classes are counted apart.`,
		Example: `  fleet drift || echo "somebody changed something"
  fleet drift -o json --strict
  fleet drift --unmanaged
  fleet drift -o json | jq -e '.classes["changed by someone"] == null'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d.specFlags.unset = spec.UnsetEnvironment
			return d.reportDrift(cmd.Context())
		},
	}
	d.outputFlags(cmd, planFormats...)
	d.selection.flags(cmd, false)
	f := cmd.Flags()
	f.BoolVar(&d.full, "full", false, "show every difference, including identical ones")
	f.BoolVar(&d.strict, "strict", false, "also count expected drift")
	environmentChangeFlag(f, &d.opts)
	f.BoolVar(&d.unmanaged, "unmanaged", false, "also list objects that no spec owns")
	return cmd
}

// reportDrift shows the drift. Its error says whether there is any.
func (d *driftRun) reportDrift(ctx context.Context) error {
	var err error
	if d.fleet, d.session, err = d.openSelected(ctx); err != nil {
		return err
	}
	defer d.session.close()
	pl, err := d.compute(ctx)
	if err != nil {
		return err
	}
	var unmanaged *plan.Unmanaged
	if d.unmanaged {
		world, err := observe.Observe(ctx, d.session.Client, observe.Scope{Fleet: d.fleet, Organization: true})
		if err != nil {
			return err
		}
		unmanaged = plan.FindUnmanaged(d.fleet, world)
	}
	if d.printsText() {
		render.Drift(d.Out, pl, unmanaged, d.styleOf(d.Out))
	}
	if err := d.writeFormats(d.driftWriters(pl, unmanaged)); err != nil {
		return err
	}
	return d.driftError(pl, unmanaged)
}

// driftWriters are those of a plan, with what drift tells beyond it.
func (d *driftRun) driftWriters(pl *plan.Plan, u *plan.Unmanaged) map[string]formatWriter {
	shown := d.redactedPlan(pl)
	writers := d.planWriters(shown)
	writers["text"] = func(w io.Writer) error {
		render.Drift(w, shown, u, render.Style{Full: d.full, Drift: true, Strict: d.strict})
		return nil
	}
	writers["json"] = func(w io.Writer) error { return render.DriftJSON(w, shown, u) }
	return writers
}

// driftError is the one exit code for all differences.
func (d *driftRun) driftError(pl *plan.Plan, u *plan.Unmanaged) error {
	if err := d.uncomparedError(pl); err != nil {
		return err
	}
	alarm := u != nil && len(u.Objects) > 0
	for _, s := range pl.Steps {
		alarm = alarm || s.Drift.IsActionable() || d.strict && s.Drift != ""
	}
	if alarm {
		return &exitError{codeDifferences, nil}
	}
	return nil
}
