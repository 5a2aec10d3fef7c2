package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// maxConcurrentReads bounds the single sandboxes that Observe reads at once.
const maxConcurrentReads = 32

// maxNameLookups is up to how many names are looked up one by one; beyond that, one
// pass over all sandboxes of the organisation is cheaper.
const maxNameLookups = 10

// Observe reads what a plan for the fleet is made from. It lists the fleet's
// sandboxes, and of the rest only what the spec refers to: of N sandboxes in N
// lists of 200, and snapshots, volumes, regions and the server's configuration
// where the spec speaks of them. opts are those that the plan is to be made with:
// what is to be adopted is read in detail, and who uses a snapshot or volume is
// found out where a plan may take it away.
func Observe(ctx context.Context, api *client.Client, f *spec.Fleet, opts plan.Options) (*plan.World, error) {
	o := newObserver(api, f)
	o.opts = opts
	g, ctx2 := errgroup.WithContext(ctx)
	g.Go(func() error { return o.readFacts(ctx2) })
	g.Go(func() error { return o.regions(ctx2) })
	g.Go(func() error { return o.snapshots(ctx2) })
	g.Go(func() error { return o.volumes(ctx2) })
	g.Go(func() error { return o.sandboxes(ctx2) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	o.world.Facts = o.serverFacts
	o.world.Facts.Regions = o.regionIDs
	o.world.Facts.Volumes = map[string]string{}
	for _, v := range o.world.Volumes {
		o.world.Facts.Volumes[v.Name] = v.ID
	}
	o.world.Facts.Sandboxes = map[string]string{}
	owned := o.world.OwnedSandboxes(f)
	for key, s := range owned {
		o.world.Facts.Sandboxes[key] = s.ID
	}
	if err := o.readDetails(ctx, owned); err != nil {
		return nil, err
	}
	if err := o.findExternalUsers(ctx, o.world.AtRisk(f, opts)); err != nil {
		return nil, err
	}
	return o.world, o.requirements(ctx)
}

// An observer gathers one world; each of its methods fills parts of its own.
type observer struct {
	api         *client.Client
	fleet       *spec.Fleet
	opts        plan.Options
	serverFacts spec.Facts
	regionIDs   map[string]string
	world       *plan.World

	wholeOrganization bool // read what the spec does not speak of, too

	factsRequested atomic.Bool   // somebody has asked the server for its facts
	factsReady     chan struct{} // closed: the answer is there
	factsErr       error         // why it is not
	lister         kind.Lister   // of one goroutine at a time
}

// newObserver returns an observer of an empty world.
func newObserver(api *client.Client, f *spec.Fleet) *observer {
	return &observer{api: api, fleet: f, world: &plan.World{ObservedAt: time.Now()}, factsReady: make(chan struct{})}
}

// readFacts asks the server once for what it tells of itself, whoever needs that first.
func (o *observer) readFacts(ctx context.Context) error {
	if o.factsRequested.CompareAndSwap(false, true) {
		config, err := o.api.ServerConfig(ctx)
		if err != nil {
			o.factsErr = fmt.Errorf("asking the server for its version: %w", err)
		}
		o.serverFacts = spec.Facts{Version: spec.ParseVersion(config.Version), MaxAutoArchive: config.MaxAutoArchiveInterval, MaxBody: client.MaxBody}
		close(o.factsReady)
	}
	select {
	case <-o.factsReady:
		return o.factsErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// list lists sandboxes as they are now.
func (o *observer) list(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	if err := o.readFacts(ctx); err != nil {
		return nil, err
	}
	o.lister.API, o.lister.Server = o.api, o.serverFacts.Version
	return o.lister.List(ctx, filter)
}

// regions are needed where the spec names one: answers hold ids.
func (o *observer) regions(ctx context.Context) error {
	if !o.wholeOrganization && !slices.ContainsFunc(o.fleet.Resources, (*spec.Resource).HasRegion) {
		return nil
	}
	return o.readRegions(ctx)
}

// refersTo reports whether the spec declares, uses or owns anything of a kind.
func (o *observer) refersTo(kind spec.Kind) bool {
	if kind == spec.SnapshotKind && len(o.opts.Creations) > 0 {
		return true // one of them may have been left behind
	}
	if o.wholeOrganization || len(o.fleet.Owns[kind]) > 0 || slices.ContainsFunc(o.fleet.Removed, func(a spec.Address) bool { return a.Kind == kind }) {
		return true
	}
	return slices.ContainsFunc(o.fleet.Resources, func(r *spec.Resource) bool {
		return r.Kind == kind || slices.ContainsFunc(r.ExternalRefs, func(u spec.ExternalRef) bool { return u.Kind == kind })
	})
}

func (o *observer) snapshots(ctx context.Context) (err error) {
	if o.refersTo(spec.SnapshotKind) {
		o.world.Snapshots, err = kind.Collect(o.api.Snapshots(ctx), kind.FromSnapshot)
	}
	if err != nil {
		return fmt.Errorf("listing snapshots: %w", err)
	}
	return nil
}

func (o *observer) volumes(ctx context.Context) (err error) {
	if o.refersTo(spec.VolumeKind) {
		o.world.Volumes, err = kind.Collect(o.api.Volumes(ctx), kind.FromVolume)
	}
	if err != nil {
		return fmt.Errorf("listing volumes: %w", err)
	}
	return nil
}

// sandboxes lists the fleet's, and then those that hold a name that the fleet
// wants and does not have.
func (o *observer) sandboxes(ctx context.Context) error {
	owned, err := o.fleetSandboxes(ctx)
	if err != nil {
		return err
	}
	holders, err := o.findByNames(ctx, o.missingNames(owned))
	if err != nil {
		return fmt.Errorf("looking for sandboxes of wanted names: %w", err)
	}
	ids := map[string]bool{}
	for _, s := range owned {
		ids[s.ID] = true
	}
	o.world.Sandboxes = owned
	for _, s := range holders {
		if !ids[s.ID] {
			o.world.Sandboxes = append(o.world.Sandboxes, s)
		}
	}
	return nil
}

// fleetSandboxes lists the sandboxes that carry the fleet's name, or one that it had.
func (o *observer) fleetSandboxes(ctx context.Context) ([]*plan.Object, error) {
	var owned []*plan.Object
	seen := map[string]bool{} // one that changes its name meanwhile is listed twice
	for _, name := range append([]string{o.fleet.Name}, o.fleet.FormerNames...) {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}}
		listed, err := o.list(ctx, filter)
		if err != nil {
			return nil, fmt.Errorf("listing the sandboxes of the fleet %s: %w", name, err)
		}
		for _, s := range listed {
			if !seen[s.ID] {
				owned = append(owned, s)
			}
			seen[s.ID] = true
		}
	}
	return owned, nil
}

// missingNames lists the names that the fleet wants and does not have.
func (o *observer) missingNames(owned []*plan.Object) map[string]bool {
	names := map[string]bool{}
	byKey := map[string]*spec.Resource{}
	for _, r := range o.fleet.OfKind(spec.SandboxKind) {
		names[r.Name()], byKey[r.Key] = true, r
	}
	for _, s := range owned {
		delete(names, s.Name)
		if r := byKey[s.Labels[spec.KeyLabel]]; r != nil && s.Name == r.AlternateName() {
			delete(names, r.Name())
		}
	}
	return names
}

// findByNames finds the sandboxes that hold one of the names.
func (o *observer) findByNames(ctx context.Context, names map[string]bool) ([]*plan.Object, error) {
	if len(names) > maxNameLookups {
		all, err := o.list(ctx, client.SandboxFilter{})
		return slices.DeleteFunc(all, func(s *plan.Object) bool { return !names[s.Name] }), err
	}
	var holders []*plan.Object
	for name := range names {
		s, err := o.lister.Find(ctx, name)
		if err != nil {
			return nil, err
		}
		if s != nil {
			holders = append(holders, s)
		}
	}
	slices.SortFunc(holders, func(a, b *plan.Object) int { return strings.Compare(a.Name, b.Name) })
	return holders, nil
}

// readDetails reads those sandboxes by themselves of which the list leaves open
// whether they are as wanted.
func (o *observer) readDetails(ctx context.Context, owned map[string]*plan.Object) error {
	wanted := map[*plan.Object]*spec.Resource{}
	names := map[string]*spec.Resource{}
	for _, r := range o.fleet.OfKind(spec.SandboxKind) {
		names[r.Name()] = r
		if s := owned[r.Key]; s != nil {
			wanted[s] = r
		}
	}
	var open []*plan.Object
	for _, s := range o.world.Sandboxes {
		r := wanted[s]
		if !o.fleet.HasName(s.Labels[spec.FleetLabel]) {
			if r = names[s.Name]; r != nil && !o.opts.Adopts(r) {
				continue
			}
		}
		if r != nil && (r.NeedsDetail(s.Object, o.world.Facts) || o.mayRollBack(r, s)) {
			open = append(open, s)
		}
	}
	return o.readEach(ctx, open, func(int) {})
}

// mayRollBack reports whether it has to be known what the sandbox is like, since a
// change of it may have to be undone.
func (o *observer) mayRollBack(r *spec.Resource, s *plan.Object) bool {
	out := r.Rollout()
	return out != nil && out.OnFailure == spec.RollBack && len(r.Diff(s.Object, o.world.Facts)) > 0
}

// readEach reads sandboxes by themselves, many at once, and forgets those that are
// gone. progress is told how many were read.
func (o *observer) readEach(ctx context.Context, sandboxes []*plan.Object, progress func(done int)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentReads)
	gone := make([]bool, len(sandboxes))
	var done atomic.Int32
	for i, s := range sandboxes {
		g.Go(func() error {
			detailed, err := kind.ReadSandbox(ctx, o.api, s.ID)
			if err != nil {
				return fmt.Errorf("reading sandbox %q: %w", s.Name, err)
			}
			gone[i] = detailed == nil || detailed.Deleting()
			if detailed != nil {
				*s = *detailed
			}
			progress(int(done.Add(1)))
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	removed := map[*plan.Object]bool{}
	for i, s := range sandboxes {
		removed[s] = gone[i]
	}
	o.world.Sandboxes = slices.DeleteFunc(o.world.Sandboxes, func(s *plan.Object) bool { return removed[s] })
	return nil
}

// ObserveInventory lists the fleet's sandboxes, or with all those of the whole
// organisation, and the organisation's snapshots and volumes. created are
// snapshots that the fleet is known to have created.
func ObserveInventory(ctx context.Context, api *client.Client, f *spec.Fleet, all bool, created ...plan.Creation) (*plan.World, error) {
	o := newObserver(api, f)
	o.wholeOrganization, o.opts.Creations = all, created
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return o.snapshots(ctx) })
	g.Go(func() error { return o.volumes(ctx) })
	o.lister.Convert = o.collectDeleting
	g.Go(func() (err error) {
		if !all {
			o.world.Sandboxes, err = o.fleetSandboxes(ctx)
			return err
		}
		return o.allSandboxes(ctx)
	})
	return o.world, g.Wait()
}

// allSandboxes lists those of the whole organisation.
func (o *observer) allSandboxes(ctx context.Context) (err error) {
	if o.world.Sandboxes, err = o.list(ctx, client.SandboxFilter{}); err != nil {
		return fmt.Errorf("listing sandboxes: %w", err)
	}
	return nil
}
