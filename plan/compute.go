package plan

import (
	"fmt"
	"slices"
	"strings"

	"fleet/spec"
)

// Options say how far a plan may go. The zero Options are the safe ones.
type Options struct {
	AdoptAll     bool // take over unowned objects of wanted names, as adopt: true does
	AllowDestroy int  // how many objects may go beyond the blast radius
	NoDestroy    bool // treat every destruction as beyond the blast radius

	// Adopt takes over unowned sandboxes of these names, as adopt: true does.
	Adopt map[string]bool

	// CreateMissing creates sandboxes that are not there whatever the spec says
	// of that.
	CreateMissing bool

	// AllowEnvironmentChange lets the plan touch a fleet that was applied for
	// another environment of the spec, and labels it for this one.
	AllowEnvironmentChange bool

	// DefaultRegion is the region, by name or id, of what is created without one; empty:
	// the organisation's default.
	DefaultRegion string

	// IgnoreQuota plans what destroys something though the organisation's quota
	// leaves no room for what is to come instead.
	IgnoreQuota bool

	// Destroy plans for the end of the fleet: all its sandboxes and the
	// snapshots that its spec declares are to go, with Volumes its volumes,
	// too. Sandboxes of which it was said what else to do when they leave the
	// spec are kept so. The blast radius does not apply.
	Destroy        bool
	DestroyVolumes bool

	// Creations are creations of snapshots that earlier runs for the fleet recorded.
	Creations []Creation

	Select  Selection  // what to plan; the zero Selection is everything
	Replace []Selector // what to replace though it could stay

	// ReplaceIDs, when not nil, are the objects that Replace may be about; what
	// has another id by now was replaced already.
	ReplaceIDs map[spec.Address]string
}

// Compute returns the plan that turns the observed world w into what f declares.
// It sends nothing, changes none of its arguments, and returns the same plan for
// the same arguments.
//
// The error is a *[SelectionError] if opts.Select or opts.Replace matches nothing
// or leaves out what a selected step needs; the plan is nil then. A plan with
// blocked steps is not an error: apply skips them. Whether the plan as a whole
// may be applied is told by [Plan.Refusal].
func Compute(f *spec.Fleet, w *World, opts Options) (*Plan, error) {
	size := max(len(f.Resources), len(w.Objects[spec.SandboxKind]))
	c := &planner{
		fleet: f, world: w, opts: opts, plan: &Plan{Fleet: f.Name, Environment: f.Environment, Environments: f.Environments, ObservedAt: w.ObservedAt, Facts: w.Facts, Parallelism: f.Parallelism, Steps: make([]*Step, 0, size)},
		steps: make(map[spec.Address]*Step, size), resources: resourcesByAddress(f), objectsByName: indexByName(w),
		forceMatcher: newMatcher("--replace", f.Name, opts.Replace),
	}
	c.addUnset(f.UnsetInHooks())
	c.indexSandboxes()
	if opts.Destroy {
		c.planDestroy()
	} else {
		c.planConverge()
	}
	c.blockDuplicates()
	c.blockEnvironment()
	c.applyExecutionPolicy()
	c.planOrder()
	if err := c.selectSteps(); err != nil {
		return nil, err
	}
	c.checkQuotas()
	c.blockOwnerDeletion()
	c.checkBlastRadius()
	c.planRollouts()
	c.dropUnselected()
	c.planTrials()
	c.listHooks()
	c.warnUnread()
	c.noteUncompared()
	if !opts.Select.narrows() {
		c.plan.OrphanSnapshots = w.OrphanSnapshots(f, opts.Creations)
	}
	for _, s := range c.plan.Steps {
		s.Drift = driftOf(s)
		s.Cause = causeOf(s)
	}
	return c.plan, nil
}

// Adopts reports whether a sandbox of the name that no fleet owns is taken over
// for the resource.
func (o Options) Adopts(r *spec.Resource) bool { return o.AdoptAll || r.Adopt() || o.Adopt[r.Name()] }

// A computer holds one computation.
type planner struct {
	fleet         *spec.Fleet
	world         *World
	opts          Options
	plan          *Plan
	steps         map[spec.Address]*Step
	resources     map[spec.Address]*spec.Resource
	objectsByName map[spec.Kind]map[string]*Object // snapshots and volumes

	*ownershipIndex
	sandboxesByName map[string]*Object // sandboxes by name, the fleet's and others

	forceMatcher *matcher
	selected     map[*Step]bool // what is selected and what that needs; nil is everything

	linkedTo         map[spec.Address]bool           // sandboxes that are linked to others, or have others linked to them; nil until somebody asks
	firstCopies      map[spec.Address]*spec.Resource // the first copy of each group; nil until somebody asks
	cachedForecaster *forecaster                     // what is known of sizes and places; nil until somebody asks
	usedSnapshots    map[string]bool                 // names of the snapshots of the fleet's sandboxes; nil until somebody asks
}

func (c *planner) add(s *Step) *Step {
	c.plan.Steps = append(c.plan.Steps, s)
	c.steps[s.Address] = s
	return s
}

func (c *planner) warn(format string, args ...any) {
	c.plan.Warnings = append(c.plan.Warnings, fmt.Sprintf(format, args...))
}

// planConverge plans for a living fleet.
func (c *planner) planConverge() {
	for _, r := range c.fleet.OfKind(spec.VolumeKind) {
		c.add(c.planVolume(r, findByName(c.world.Objects[spec.VolumeKind], r.Name())))
	}
	for _, r := range c.fleet.OfKind(spec.SnapshotKind) {
		c.add(c.planSnapshot(r, findByName(c.world.Objects[spec.SnapshotKind], r.Name())))
	}
	for _, r := range c.fleet.OfKind(spec.SandboxKind) {
		r = withCurrentName(r, c.owned[r.Key])
		c.add(c.planSandbox(r, c.owned[r.Key], c.sandboxesByName[r.Name()]))
	}
	c.planDependents()
	c.activateUsedSnapshots()
	c.planOrphans("not in the spec")
	c.blockNameConflicts()
	for _, r := range c.fleet.OfKind(spec.VolumeKind) {
		c.checkMountedVolume(c.steps[r.Address])
	}
	c.prune(spec.SnapshotKind)
	c.prune(spec.VolumeKind)
}

// findByName finds the organisation's own object of a name, or nil.
func findByName(objects []*Object, name string) *Object {
	for _, o := range objects {
		if o.Name == name && !o.Shared {
			return o
		}
	}
	return nil
}

// planDestroy plans for the end of the fleet.
func (c *planner) planDestroy() {
	c.planOrphans("the fleet is destroyed")
	kinds := []spec.Kind{spec.SnapshotKind}
	if c.opts.DestroyVolumes {
		kinds = append(kinds, spec.VolumeKind)
	}
	for _, kind := range kinds {
		for _, r := range c.fleet.OfKind(kind) {
			if have := findByName(c.world.Objects[kind], r.Name()); have != nil && !have.Deleting() {
				if users := c.world.ExternalUsers[have.ID]; len(users) > 0 {
					c.add(NewNoOpStep(r.Address, have, usersReason(users)))
					continue
				}
				s := c.add(newDeleteStep(r.Address, have, "the fleet is destroyed"))
				if user := c.retainedUser(r.Address); kind == spec.VolumeKind && user != nil {
					s.Blocked = &Block{Illegal, fmt.Sprintf("%s uses it, and is kept", user), fmt.Sprintf("on_remove: delete in %s deletes both", specPath(user))}
				}
				if r.Protected() {
					s.Blocked = protectedInSpecBlock(r)
				}
			}
		}
		c.prune(kind)
	}
}

// withSettle puts a wait before the operations when something is under way.
func withSettle(have *Object, ops ...Op) []Op {
	if have.Settled() || len(ops) == 0 {
		return ops
	}
	return append([]Op{{Verb: DoSettle}}, ops...)
}

// prune plans to delete snapshots or volumes that the fleet owns by name and
// no longer declares.
func (c *planner) prune(kind spec.Kind) {
	declared := c.fleet.ByName(kind)
	var orphans []*Object
	for _, o := range c.world.Objects[kind] {
		if !o.Shared && declared[o.Name] == nil && !o.Deleting() && c.fleet.Owned(kind, o.Name) {
			orphans = append(orphans, o)
		}
	}
	slices.SortFunc(orphans, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range orphans {
		address := spec.Address{Kind: kind, Key: o.Name}
		reason := "matches owns and is not in the spec"
		if slices.Contains(c.fleet.Removed, address) {
			reason = "listed under removed"
		}
		s := c.add(newDeleteStep(address, o, reason))
		if user := c.declaredUser(kind, o); user != nil {
			s.Blocked = &Block{Illegal, fmt.Sprintf("%s still uses it", user), fmt.Sprintf("take it out of %s first, or %s", specPath(user), c.keepHint(address))}
		}
		c.blockPrune(s)
	}
}

// declaredUser is a sandbox of the spec that goes on using the object, or nil.
func (c *planner) declaredUser(kind spec.Kind, o *Object) *spec.Resource {
	for _, s := range c.plan.Steps {
		if s.Want != nil && slices.ContainsFunc(s.Want.ExternalRefs, func(u spec.ExternalRef) bool { return u.Kind == kind && (u.Name == o.Name || u.Name == o.ID) }) {
			return s.Want
		}
	}
	return nil
}

// dataLoss is what a destruction takes away for good. A snapshot can be made again.
var dataLoss = map[spec.Kind]string{
	spec.SandboxKind: "its disk and running processes",
	spec.VolumeKind:  "all files in it",
}

func protectedBlock(unblock string) *Block {
	return &Block{Protected, "it is protected: it may not be deleted or replaced", unblock}
}

// protectedInSpecBlock is the block of what the spec protects.
func protectedInSpecBlock(r *spec.Resource) *Block {
	return protectedBlock(fmt.Sprintf("protect: false in %s lifts it", specPath(r)))
}
