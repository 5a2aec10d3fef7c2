package observe

import (
	"context"
	"maps"
	"slices"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// maxRereads returns the number of sandboxes up to which reading each by its id takes
// about as many requests as a new listing, which also reads other things.
func (c *Cache) maxRereads() int { return 5 + len(c.world.Objects[spec.SandboxKind])/100 }

// A Cache plans a fleet again and again, from one listing as long as that is safe. A
// plan that creates, deletes or replaces anything, or that would need much of the listing
// read again, is made from a new one. Changes that are not reported by [Cache.Mark] are not
// seen until the next listing. The zero Cache is ready for use, by one goroutine at a
// time.
type Cache struct {
	world  *plan.World     // nil before the first listing
	fleet  *spec.Fleet     // that the listing was made for
	dirty  map[string]bool // ids of sandboxes that changed since
	shared *plan.World     // of the whole organisation, until the cache makes its own; nil for none
}

// Mark reports sandboxes, by their ids, that may have changed since they were read.
func (c *Cache) Mark(ids ...string) {
	if c.dirty == nil {
		c.dirty = map[string]bool{}
	}
	for _, id := range ids {
		c.dirty[id] = true
	}
}

// Ran reports that a plan from the cache was run, be it in part. created holds the ids of
// the objects that the run created.
func (c *Cache) Ran(p *plan.Plan, created ...string) {
	c.Mark(created...)
	for _, s := range p.Steps {
		switch {
		case s.Action == plan.NoOp:
		case s.Address.Kind != spec.SandboxKind:
			c.Drop()
		default:
			if s.Have != nil {
				c.Mark(s.Have.ID)
			}
			if s.SurgeLeftover != nil {
				c.Mark(s.SurgeLeftover.ID)
			}
		}
	}
}

// Drop forgets the listing.
func (c *Cache) Drop() { c.world, c.shared = nil, nil }

// Plan is the function [Plan] for a plan that may be made from an earlier listing, whose
// time is ObservedAt of the result. It makes a new listing if list is set.
func (c *Cache) Plan(ctx context.Context, api *client.Client, f *spec.Fleet, opts plan.Options, list bool) (*plan.World, *plan.Plan, error) {
	if !list {
		c.useShared(f)
	}
	if !list && c.usable(f, opts) {
		w, p, err := c.fromListing(ctx, api, f, opts)
		if err != nil || p != nil {
			return w, p, err
		}
	}
	c.world, c.shared, c.dirty = nil, nil, nil
	w, p, err := Plan(ctx, api, f, opts)
	if err == nil {
		c.world, c.fleet = w, f
	}
	return w, p, err
}

// isFor reports whether the listing was made for the names of a fleet.
func (c *Cache) isFor(f *spec.Fleet) bool {
	return f.Name == c.fleet.Name && slices.Equal(f.FormerNames, c.fleet.FormerNames)
}

// usable reports whether the listing has everything that f needs.
func (c *Cache) usable(f *spec.Fleet, opts plan.Options) bool {
	if c.world == nil || len(c.dirty) > c.maxRereads() || !c.isFor(f) {
		return false
	}
	o := &observer{fleet: f, opts: opts}
	return !slices.ContainsFunc(kind.All, func(ops *kind.Ops) bool {
		return !ops.Labelled && o.refersTo(ops.Kind) && c.world.Objects[ops.Kind] == nil
	})
}

// fromListing plans from the listing. It returns no plan if that needs a new one.
func (c *Cache) fromListing(ctx context.Context, api *client.Client, f *spec.Fleet, opts plan.Options) (*plan.World, *plan.Plan, error) {
	read := map[string]bool{} // by this plan
	for {
		if err := c.reread(ctx, api, read); err != nil {
			return nil, nil, err
		}
		w := c.copyWorld(f)
		if c.markPartial(f, w, read); len(c.dirty) > 0 {
			if len(c.dirty)+len(read) > c.maxRereads() {
				return nil, nil, nil
			}
			continue
		}
		p, err := plan.Compute(f, w, opts)
		if err != nil {
			return w, nil, err
		}
		if needsListing(p) || len(p.PartiallyRead()) > 0 {
			return nil, nil, nil
		}
		for _, s := range p.Steps { // what is written is read first
			if s.Action != plan.NoOp && s.Blocked == nil && !read[s.Have.ID] {
				c.Mark(s.Have.ID)
			}
		}
		switch {
		case len(c.dirty) == 0:
			return w, p, nil
		case len(c.dirty)+len(read) > c.maxRereads():
			return nil, nil, nil
		}
	}
}

// markPartial marks the sandboxes that were not read completely enough to be compared
// with f.
func (c *Cache) markPartial(f *spec.Fleet, w *plan.World, read map[string]bool) {
	owned := w.OwnedSandboxes(f)
	for _, r := range f.OfKind(spec.SandboxKind) {
		if s := owned[r.Key]; s != nil && !read[s.ID] && r.NeedsDetail(s.Object, w.Facts) {
			c.Mark(s.ID)
		}
	}
}

// needsListing reports whether a plan does more than to change what exists, in place.
func needsListing(p *plan.Plan) bool {
	return p.Creates() || p.Enlarges() || slices.ContainsFunc(p.Steps, func(s *plan.Step) bool {
		return s.Action != plan.NoOp && s.Blocked == nil && (s.Have == nil || s.Want == nil || s.Action.Destroys() || s.Address.Kind != spec.SandboxKind)
	})
}

// reread reads the dirty sandboxes by id, and adds their ids to read.
func (c *Cache) reread(ctx context.Context, api *client.Client, read map[string]bool) error {
	ids := slices.Sorted(maps.Keys(c.dirty))
	objects, err := kind.ReadSandboxes(ctx, api, ids)
	if err != nil {
		return err
	}
	former := map[string]bool{}
	for _, s := range c.world.Objects[spec.SandboxKind] {
		former[s.ID] = true
	}
	var all []*plan.Object
	for i, id := range ids {
		read[id] = true
		s := objects[i]
		if s != nil && !s.Deleting() && (former[id] || c.fleet.HasName(s.Fleet())) {
			all = append(all, s)
		}
	}
	for _, s := range c.world.Objects[spec.SandboxKind] {
		if !c.dirty[s.ID] {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b *plan.Object) int { return a.Created.Compare(b.Created) })
	c.world.Objects[spec.SandboxKind], c.dirty = all, nil
	return nil
}

// copyWorld returns the world of the listing for a plan of f.
func (c *Cache) copyWorld(f *spec.Fleet) *plan.World {
	w := *c.world
	w.Objects = maps.Clone(w.Objects)
	w.Facts.Sandboxes = map[string]string{}
	for key, s := range w.OwnedSandboxes(f) {
		w.Facts.Sandboxes[key] = s.ID
	}
	return &w
}
