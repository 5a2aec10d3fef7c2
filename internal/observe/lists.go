package observe

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// readLists lists the objects of all kinds, and reads the facts and regions that are
// needed to understand them, at the same time.
func (o *observer) readLists(ctx context.Context) error {
	lists := make([][]*plan.Object, len(kind.All))
	forbidden := make([]error, len(kind.All))
	g, ctx := errgroup.WithContext(ctx)
	if o.needsFacts() {
		g.Go(func() error { return o.readFacts(ctx) })
		if o.needsRegions() {
			g.Go(func() error { return o.readRegions(ctx) })
		}
	}
	for i, ops := range kind.All {
		g.Go(func() (err error) {
			lists[i], err = o.listKind(ctx, ops)
			if o.scope.SkipForbidden && client.ErrorClassOf(err) == client.Forbidden {
				forbidden[i], err = err, nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, ops := range kind.All {
		o.world.Objects[ops.Kind] = lists[i]
		if forbidden[i] != nil {
			o.world.Unreadable = append(o.world.Unreadable, forbidden[i])
		}
	}
	return nil
}

// needsRegions reports whether the ids of the regions are needed: responses hold ids,
// and specs hold names.
func (o *observer) needsRegions() bool {
	return o.scope.Organization || slices.ContainsFunc(o.fleet.Resources, (*spec.Resource).HasRegion)
}

// listKind lists the objects of a kind that are in the scope.
func (o *observer) listKind(ctx context.Context, ops *kind.Ops) (list []*plan.Object, err error) {
	switch {
	case ops.Labelled && !o.scope.Organization:
		return o.listFleet(ctx)
	case ops.Labelled:
		list, err = o.listSandboxes(ctx, client.SandboxFilter{})
	case o.refersTo(ops.Kind):
		list, err = ops.List(ctx, o.api, spec.Version{})
	}
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", ops.Kind.Section(), err)
	}
	return list, nil
}

// refersTo reports whether the spec declares, uses or owns anything of a kind.
func (o *observer) refersTo(k spec.Kind) bool {
	if k == spec.SnapshotKind && len(o.opts.Creations) > 0 {
		return true // one of them may be an orphan
	}
	if o.scope.Organization || len(o.fleet.Owns[k]) > 0 || slices.ContainsFunc(o.fleet.Removed, func(a spec.Address) bool { return a.Kind == k }) {
		return true
	}
	return slices.ContainsFunc(o.fleet.Resources, func(r *spec.Resource) bool {
		return r.Kind == k || slices.ContainsFunc(r.ExternalRefs, func(u spec.ExternalRef) bool { return u.Kind == k })
	})
}

// listFleet lists the sandboxes of the fleet and, for a plan, those that hold a name
// that the fleet wants.
func (o *observer) listFleet(ctx context.Context) ([]*plan.Object, error) {
	sandboxes, err := o.fleetSandboxes(ctx)
	if err != nil || o.scope.Plan == nil {
		return sandboxes, err
	}
	holders, err := o.findByNames(ctx, o.missingNames(sandboxes))
	if err != nil {
		return nil, fmt.Errorf("looking for sandboxes of wanted names: %w", err)
	}
	return appendNew(sandboxes, holders), nil
}

// appendNew appends the objects that are not in list yet. Each list has an object once.
func appendNew(list, objects []*plan.Object) []*plan.Object {
	switch {
	case len(list) == 0:
		return objects
	case len(objects) == 0:
		return list
	}
	seen := map[string]bool{}
	for _, o := range list {
		seen[o.ID] = true
	}
	for _, o := range objects {
		if !seen[o.ID] {
			list = append(list, o)
		}
		seen[o.ID] = true
	}
	return list
}
