package observe

import (
	"context"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A Scope selects what to observe.
type Scope struct {
	// Fleet is the fleet whose sandboxes are listed, with the snapshots and volumes
	// that it refers to. It must not be nil unless Organization is set.
	Fleet *spec.Fleet

	// Organization lists all objects of the organization instead of those of Fleet.
	Organization bool

	// Plan is set to the options of the plan that is to be made. Observe then also
	// reads the server's facts, the holders of wanted names, sandboxes that lists
	// show incompletely, users of objects that a plan may delete, and quotas. If it is nil,
	// Observe only lists, and fills in World.Deleting.
	Plan *plan.Options

	// Facts reads the server's facts and regions in any case.
	Facts bool

	// Creations are snapshots that fleet is known to have created, if Plan is nil.
	Creations []plan.Creation

	// Select picks listed sandboxes to be read by id; nil picks none. It receives a
	// World with the server's facts.
	Select func(*plan.World) []*plan.Object

	// Progress is called with the number of selected sandboxes that were read so
	// far, by several goroutines at the same time; nil is not called.
	Progress func(done int)

	// SkipForbidden leaves out the kinds that the credentials may not list. The
	// refusals are in World.Unreadable.
	SkipForbidden bool
}

// Observe reads what the scope asks for. A fleet of N sandboxes takes N/200 list
// requests, and a read by id for each sandbox that the lists do not show completely.
func Observe(ctx context.Context, api *client.Client, s Scope) (*plan.World, error) {
	o := newObserver(api, s)
	if err := o.observe(ctx); err != nil {
		return nil, err
	}
	return o.world, nil
}

// Plan observes what a plan with the options needs, and computes it. The errors are those
// of [Observe] and [plan.Compute].
func Plan(ctx context.Context, api *client.Client, f *spec.Fleet, opts plan.Options) (*plan.World, *plan.Plan, error) {
	o := newObserver(api, Scope{Fleet: f, Plan: &opts})
	if err := o.observe(ctx); err != nil {
		return nil, nil, err
	}
	if o.plan != nil {
		return o.world, o.plan, nil
	}
	p, err := plan.Compute(f, o.world, opts)
	return o.world, p, err
}

// observe reads what the scope asks for.
func (o *observer) observe(ctx context.Context) error {
	if err := o.readLists(ctx); err != nil {
		return err
	}
	if o.needsFacts() {
		o.setFacts()
	}
	if o.scope.Select != nil {
		if err := o.readEach(ctx, o.scope.Select(o.world), o.scope.Progress); err != nil {
			return err
		}
	}
	if o.scope.Plan != nil {
		return o.readForPlan(ctx)
	}
	return nil
}

// readForPlan reads what a plan needs beyond the lists.
func (o *observer) readForPlan(ctx context.Context) error {
	owned := o.world.OwnedSandboxes(o.fleet)
	o.world.Facts.Sandboxes = map[string]string{}
	for key, s := range owned {
		o.world.Facts.Sandboxes[key] = s.ID
	}
	if err := o.readDetails(ctx, owned); err != nil {
		return err
	}
	if err := o.findExternalUsers(ctx, o.world.AtRisk(o.fleet, o.opts)); err != nil {
		return err
	}
	return o.requirements(ctx)
}

// newObserver returns an observer of an empty world.
func newObserver(api *client.Client, s Scope) *observer {
	o := &observer{
		api: api, fleet: s.Fleet, scope: s,
		opts:  plan.Options{Creations: s.Creations},
		world: &plan.World{ObservedAt: time.Now(), Objects: plan.Objects{}}, factsReady: make(chan struct{}),
	}
	if o.fleet == nil {
		o.fleet = &spec.Fleet{}
	}
	if s.Plan != nil {
		o.opts = *s.Plan
	}
	if s.Plan == nil && s.Select == nil {
		o.lister.Deletion = func(s *plan.Object) { o.world.Deleting = append(o.world.Deleting, s) }
	}
	return o
}
