package observe

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// maxConcurrentReads is the number of sandboxes that are read at the same time.
const maxConcurrentReads = 32

// readDetails reads by id the sandboxes of which a list does not show enough to compare
// them with the spec. owned are the sandboxes of the fleet by key.
func (o *observer) readDetails(ctx context.Context, owned map[string]*plan.Object) error {
	wanted := map[*plan.Object]*spec.Resource{}
	byName := map[string]*spec.Resource{}
	for _, r := range o.fleet.OfKind(spec.SandboxKind) {
		byName[r.Name()] = r
		if s := owned[r.Key]; s != nil {
			wanted[s] = r
		}
	}
	var incomplete []*plan.Object
	for _, s := range o.world.Objects[spec.SandboxKind] {
		r := wanted[s]
		if !o.fleet.HasName(s.Labels[spec.FleetLabel]) {
			if r = byName[s.Name]; r != nil && !o.opts.Adopts(r) {
				continue
			}
		}
		if r != nil && (r.NeedsDetail(s.Object, o.world.Facts) || o.mayRollBack(r, s)) {
			incomplete = append(incomplete, s)
		}
	}
	return o.readEach(ctx, incomplete, nil)
}

// mayRollBack reports whether a change of the sandbox may have to be rolled back, which
// takes its current settings.
func (o *observer) mayRollBack(r *spec.Resource, s *plan.Object) bool {
	out := r.Rollout()
	return out != nil && out.OnFailure == spec.RollBack && len(r.Diff(s.Object, o.world.Facts)) > 0
}

// readEach reads sandboxes of the World by id, many at the same time, and removes
// those that no longer exist. progress is called with the number of reads that are
// done; nil is not called.
func (o *observer) readEach(ctx context.Context, sandboxes []*plan.Object, progress func(done int)) error {
	removed, err := readEach(ctx, o.api, sandboxes, progress)
	if err != nil {
		return err
	}
	all := o.world.Objects[spec.SandboxKind]
	o.world.Objects[spec.SandboxKind] = slices.DeleteFunc(all, func(s *plan.Object) bool { return removed[s] })
	return nil
}

// readEach reads sandboxes by id, in place, and returns those that no longer exist or
// are being deleted.
func readEach(ctx context.Context, api *client.Client, sandboxes []*plan.Object, progress func(done int)) (removed map[*plan.Object]bool, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentReads)
	gone := make([]bool, len(sandboxes))
	var done atomic.Int32
	for i, s := range sandboxes {
		g.Go(func() error {
			detailed, err := kind.ReadSandbox(ctx, api, s.ID)
			if err != nil {
				return fmt.Errorf("reading sandbox %q: %w", s.Name, err)
			}
			gone[i] = detailed == nil || detailed.Deleting()
			if detailed != nil {
				*s = *detailed
			}
			if n := done.Add(1); progress != nil {
				progress(int(n))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	removed = map[*plan.Object]bool{}
	for i, s := range sandboxes {
		removed[s] = gone[i]
	}
	return removed, nil
}
