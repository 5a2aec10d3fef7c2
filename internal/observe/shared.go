package observe

import (
	"context"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// ListOrganization lists all objects of the organisation, for the caches of several fleets;
// see [Cache.Share]. 5,000 sandboxes take about 30 requests.
func ListOrganization(ctx context.Context, api *client.Client) (*plan.World, error) {
	return Observe(ctx, api, Scope{Organization: true, Facts: true})
}

// Share gives the cache a listing of the whole organisation, which caches of other fleets
// may share. It takes the place of the former listing: changes since it started have to
// be marked again. The cache never changes it.
func (c *Cache) Share(listing *plan.World) { c.shared, c.world, c.dirty = listing, nil, nil }

// useShared makes the world of a fleet from the shared listing, unless there is one.
func (c *Cache) useShared(f *spec.Fleet) {
	if c.shared == nil || c.world != nil && c.isFor(f) {
		return
	}
	w := *c.shared
	w.Objects = plan.Objects{}
	for _, ops := range kind.All {
		if !ops.Labelled {
			w.Objects[ops.Kind] = c.shared.Objects[ops.Kind]
		}
	}
	w.Objects[spec.SandboxKind] = sandboxesFor(f, c.shared.Objects[spec.SandboxKind])
	c.world, c.fleet = &w, f
}

// sandboxesFor returns the sandboxes that carry the label of the fleet, and those that
// hold a name that it wants and that none of them holds.
func sandboxesFor(f *spec.Fleet, all []*plan.Object) []*plan.Object {
	var owned, holders []*plan.Object
	for _, s := range all {
		if f.HasName(s.Labels[spec.FleetLabel]) {
			owned = append(owned, s)
		}
	}
	names := (&observer{fleet: f}).missingNames(owned)
	for _, s := range all {
		if names[s.Name] {
			holders = append(holders, s)
		}
	}
	return appendNew(owned, holders)
}
