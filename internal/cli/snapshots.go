package cli

import (
	"context"

	"github.com/spf13/cobra"

	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/status"
	"fleet/spec"
)

// snapshotsOptions are the flags of fleet snapshots.
type snapshotsOptions struct {
	output outputFlag[render.Snapshots]
	all    bool
}

func (o *snapshotsOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Snapshots] { return f.Snapshots })
	f.BoolVar(&o.all, "all", false, "list all snapshots of the organisation")
}

func (a *app) snapshotsCommand() *cobra.Command {
	var o snapshotsOptions
	cmd := &cobra.Command{
		Use:   "snapshots",
		Short: "List snapshots with their versions, users, ages and sizes",
		Long: `Lists the snapshots of the fleet, the current version of each first, with the
sandboxes that were created from them. It only reads. The roles:

  current    the spec declares it
  pinned     the spec pins this version
  unpinned   the version of the declared content, while another one is pinned
  kept       a former version that keep retains for a rollback
  former     a former version; apply deletes it when no sandbox uses it
  unset      a version that may be the current one, since values of the spec are not set
  trial      the temporary snapshot of a replacement that was interrupted
  unproven   it has the name of a version, and nothing proves that the fleet owns it
  removed    apply deletes it: removed lists it, or owns matches it
  released   removed lists it with destroy: false
  orphaned   the fleet created it, and the spec no longer declares it

With --all it also lists the other snapshots of the organisation (other), and those
that the platform shares (general).`,
		Example: `  fleet snapshots
  fleet snapshots -o json | jq '.snapshots[] | select(.role == "former")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listSnapshots(cmd.Context(), o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// listSnapshots prints the snapshots of the fleet.
func (a *app) listSnapshots(ctx context.Context, o snapshotsOptions) error {
	a.flags.spec.unset = spec.UnsetAll
	p := a.newRun(runOptions{})
	if err := p.open(ctx); err != nil {
		return err
	}
	defer p.session.close()
	created := p.creations().List()
	world, err := observe.Observe(ctx, p.session.Client, observe.Scope{Fleet: p.fleet, Organization: true, Facts: true, Creations: created})
	if err != nil {
		return err
	}
	rows := status.Snapshots(p.fleet, world, created, p.session.ServerNow(), o.all)
	return o.output.write(a.out, render.Snapshots{Fleet: p.fleet.Name, Rows: rows})
}
