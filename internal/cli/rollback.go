package cli

import (
	"context"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/observe"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// rollbackOptions are the flags of fleet rollback.
type rollbackOptions struct {
	run    runOptions
	to     string // version; empty for the one before
	dryRun bool
}

func (o *rollbackOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.run.output.declareReport(f)
	guardFlags(f, &o.run)
	yesFlag(f, &o.run.yes)
	f.BoolVar(&o.run.skipBlocked, "skip-blocked", false, "apply the other steps if some are blocked")
	quotaFlag(f, &o.run)
	f.StringVar(&o.to, "to", "", "`VERSION` to roll back to, instead of the one before")
	dryRunFlag(f, &o.dryRun)
}

func (a *app) rollbackCommand() *cobra.Command {
	o := rollbackOptions{run: runOptions{question: "Apply this plan? Only yes is accepted:", expectedAnswer: "yes"}}
	cmd := &cobra.Command{
		Use:   "rollback ADDRESS",
		Short: "Move the users of a snapshot to a former version",
		Long: `Plans and applies the spec as if it pinned a former version of a snapshot with
versioning: content. The sandboxes that use the snapshot are replaced by their
rollout. Nothing is built: only versions that still exist can be used, so the
snapshot needs keep: 1 or more.

The spec is not changed, and the next apply moves the sandboxes forward again.
To stay with the former version, write pin: VERSION in the snapshot.`,
		Example: `  fleet rollback snapshot.base
  fleet rollback snapshot.base --to 3f2a9c01d47e --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := a.newRun(o.run)
			if err := p.openPinned(cmd.Context(), args[0], o.to); err != nil {
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

// openPinned reads the spec with a former version of a snapshot pinned, and connects to
// the server. An empty version is the one before the current one.
func (p *planRun) openPinned(ctx context.Context, address, version string) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	r, err := snapshotAt(p.fleet, address)
	if err != nil {
		return err
	}
	created := p.creations().List()
	opts := plan.Options{Creations: created, DefaultRegion: p.session.config.Target}
	world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Plan: &opts})
	if err != nil {
		return err
	}
	if version, err = world.RollbackVersion(p.fleet, r, created, version); err != nil {
		return exit.Invalidf("%w", err)
	}
	o, err := p.app.specOptions()
	if err != nil {
		return err
	}
	o.Pins = map[string]string{r.Key: version}
	if p.fleet, err = p.app.loadWith(o); err != nil {
		return err
	}
	p.app.note("%s goes back to version %s until the next apply. To stay with it, write pin: %[2]s at %s.", r.Address, version, r.Pos)
	return nil
}

// snapshotAt returns the declared snapshot with an address.
func snapshotAt(f *spec.Fleet, address string) (*spec.Resource, error) {
	var known []string
	for _, r := range f.OfKind(spec.SnapshotKind) {
		if r.String() == address {
			return r, nil
		}
		known = append(known, r.String())
	}
	hint := suggest.DidYouMean(address, known)
	if hint == "" {
		hint = "write its address, such as snapshot.base"
	}
	return nil, exit.Invalidf("%q is not a snapshot of the spec; %s", address, hint)
}
