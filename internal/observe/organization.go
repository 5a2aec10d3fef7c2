package observe

import (
	"context"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// ObserveOrganization reads a whole organisation without a spec: its sandboxes, snapshots,
// volumes and regions, in lists, and then by themselves the sandboxes that
// choose picks out of what was listed. progress is told how many of these were
// read, by several goroutines at once. Of the facts of the world, those about
// a fleet's sandboxes are left open.
func ObserveOrganization(ctx context.Context, api *client.Client, choose func(*plan.World) []*plan.Object, progress func(done int)) (*plan.World, error) {
	o := newObserver(api, &spec.Fleet{})
	o.wholeOrganization = true
	g, listing := errgroup.WithContext(ctx)
	g.Go(func() error { return o.readFacts(listing) })
	g.Go(func() error { return o.regions(listing) })
	g.Go(func() error { return o.snapshots(listing) })
	g.Go(func() error { return o.volumes(listing) })
	g.Go(func() error { return o.allSandboxes(listing) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	facts := o.serverFacts
	facts.Regions, facts.Volumes = o.regionIDs, map[string]string{}
	for _, v := range o.world.Volumes {
		facts.Volumes[v.Name] = v.ID
	}
	o.world.Facts = facts
	return o.world, o.readEach(ctx, choose(o.world), progress)
}
