package plan

import (
	"fmt"
	"slices"
	"strings"

	"fleet/spec"
)

// Options set how far a plan may go. The zero Options are the safe ones.
type Options struct {
	AdoptAll     bool // adopt all unowned objects with declared names, as adopt: true does for one
	AllowDestroy int  // number of objects that may be destroyed, regardless of the blast radius
	NoDestroy    bool // block every destruction that AllowDestroy does not allow

	// Adopt adopts unowned sandboxes with these names, as adopt: true does.
	Adopt map[string]bool

	// CreateMissing creates missing sandboxes even if the spec sets
	// on_missing: ignore.
	CreateMissing bool

	// AllowEnvironmentChange allows changes to a fleet that was applied for another
	// environment of the spec, and labels its sandboxes for this one.
	AllowEnvironmentChange bool

	// DefaultRegion is the name or id of the region in which objects are created that
	// declare none. If it is empty, the server uses the organization's default.
	DefaultRegion string

	// IgnoreQuota permits replacements even if the organization's quota leaves no
	// room for the new objects.
	IgnoreQuota bool

	// Destroy plans the deletion of the whole fleet: all its sandboxes and the
	// snapshots that its spec declares. Sandboxes with another on_remove than delete
	// are stopped, archived or released. The blast radius does not apply.
	Destroy        bool
	DestroyVolumes bool // with Destroy: delete the declared volumes, too

	// Creations are the creations of snapshots that earlier runs for the fleet have
	// recorded on this machine.
	Creations []Creation

	Select  Selection  // steps to plan; the zero Selection selects all
	Replace []Selector // objects to replace even if that is not necessary

	// ReplaceIDs, if not nil, limits Replace to these objects by their ids. An
	// object with another id was already replaced.
	ReplaceIDs map[spec.Address]string
}

// Compute returns the plan that turns the observed world w into what f declares.
// It sends nothing, changes none of its arguments, and returns the same plan for
// the same arguments.
//
// The error is a *[SelectionError] if opts.Select or opts.Replace matches nothing
// or leaves out what a selected step needs; the plan is nil then. A plan with
// blocked steps is not an error: apply skips them. [Plan.Refusal] reports whether
// the plan as a whole may be applied.
func Compute(f *spec.Fleet, w *World, opts Options) (*Plan, error) {
	size := max(len(f.Resources), len(w.Objects[spec.SandboxKind]))
	c := &planner{
		fleet: f, world: w, opts: opts, plan: &Plan{Fleet: f.Name, Environment: f.Environment, Environments: f.Environments, ObservedAt: w.ObservedAt, Facts: w.Facts, Parallelism: f.Parallelism, Steps: make([]*Step, 0, size)},
		steps: make(map[spec.Address]*Step, size), resources: resourcesByAddress(f), objectsByName: indexByName(w),
		forceMatcher: newMatcher("--replace", f.Name, opts.Replace), owner: newSnapshotOwner(f, w, opts.Creations),
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
	c.retainVersions()
	c.dropUnselected()
	c.planTrials()
	c.listHooks()
	c.warnUnread()
	c.warnReplacedSnapshots()
	c.noteUncompared()
	if !opts.Select.narrows() {
		c.plan.OrphanSnapshots = slices.DeleteFunc(w.OrphanSnapshots(f, opts.Creations), func(o OrphanSnapshot) bool { return c.steps[o.Address] != nil })
	}
	for _, s := range c.plan.Steps {
		s.Drift = driftOf(s)
		s.Cause = causeOf(s)
	}
	return c.plan, nil
}

// Adopts reports whether an unowned sandbox with the name of r is adopted.
func (o Options) Adopts(r *spec.Resource) bool { return o.AdoptAll || r.Adopt() || o.Adopt[r.Name()] }

// A planner holds the state of one computation of a plan.
type planner struct {
	fleet         *spec.Fleet
	world         *World
	opts          Options
	plan          *Plan
	free          []Step // for allocate
	steps         map[spec.Address]*Step
	resources     map[spec.Address]*spec.Resource
	objectsByName map[spec.Kind]map[string]*Object // snapshots and volumes

	*ownershipIndex
	sandboxesByName map[string]*Object // of this fleet and others

	owner        *snapshotOwner
	forceMatcher *matcher
	selected     map[*Step]bool // the selected steps and the steps that they need; nil means all

	linkedTo         map[spec.Address]bool           // sandboxes on either end of a link; nil until first used
	firstCopies      map[spec.Address]*spec.Resource // the first copy of each group; nil until first used
	cachedForecaster *forecaster                     // of sizes and regions; nil until first used
}

// add adds a step to the plan and returns it.
func (c *planner) add(s *Step) *Step {
	c.plan.Steps = append(c.plan.Steps, s)
	c.steps[s.Address] = s
	return s
}

func (c *planner) warn(format string, args ...any) {
	c.plan.Warnings = append(c.plan.Warnings, fmt.Sprintf(format, args...))
}

// planConverge plans the changes that make the fleet match its spec.
func (c *planner) planConverge() {
	for _, kind := range spec.ObjectKinds {
		for _, r := range c.fleet.OfKind(kind) {
			c.add(c.planResource(r))
		}
	}
	c.planDependents()
	c.activateUsedSnapshots()
	c.planOrphans("not in the spec")
	c.blockNameConflicts()
	for _, r := range c.fleet.OfKind(spec.VolumeKind) {
		c.checkMountedVolume(c.steps[r.Address])
	}
	for _, kind := range spec.NamedKinds {
		c.prune(kind)
	}
	c.planFormerVersions()
	c.planRemovedVersions()
}

// planResource decides what to do about a resource.
func (c *planner) planResource(r *spec.Resource) *Step {
	if r.Kind == spec.SandboxKind {
		r = withCurrentName(r, c.owned[r.Key])
		return c.planSandbox(r, c.owned[r.Key], c.sandboxesByName[r.Name()])
	}
	have := findByName(c.world.Objects[r.Kind], r.Name())
	if r.Kind == spec.SnapshotKind {
		return c.planSnapshot(r, have)
	}
	return c.planNamed(r, have)
}

// findByName returns the organization's own object with the name, or nil.
func findByName(objects []*Object, name string) *Object {
	for _, o := range objects {
		if o.Name == name && !o.Shared {
			return o
		}
	}
	return nil
}

// planDestroy plans the deletion of the fleet.
func (c *planner) planDestroy() {
	c.planOrphans(c.destroyReason())
	for _, kind := range spec.NamedKinds {
		if kind == spec.VolumeKind && !c.opts.DestroyVolumes {
			continue
		}
		for _, r := range c.fleet.OfKind(kind) {
			if !isVersionUnknown(r) { // planFormerVersions deletes all versions
				c.planDestroyed(r)
			}
		}
		c.prune(kind)
	}
	c.planFormerVersions()
	c.planRemovedVersions()
}

// planDestroyed plans the deletion of a declared snapshot or volume, if it exists.
func (c *planner) planDestroyed(r *spec.Resource) {
	have := findByName(c.world.Objects[r.Kind], r.Name())
	if have == nil || have.Deleting() {
		return
	}
	if users := c.world.ExternalUsers[have.ID]; len(users) > 0 {
		c.add(NewNoOpStep(r.Address, have, usersReason(users)))
		return
	}
	s := c.add(newDeleteStep(r.Address, have, c.destroyReason()))
	if user := c.retainedUser(r.Address); r.Kind == spec.VolumeKind && user != nil {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s uses it, and is kept", user), fmt.Sprintf("on_remove: delete in %s deletes both", specPath(user))}
	}
	if r.Protected() {
		s.Blocked = protectedInSpecBlock(r)
	}
}

// withSettle returns the operations, after a wait if a change of the object is under
// way: the server refuses requests meanwhile.
func withSettle(have *Object, ops ...Op) []Op {
	if have.Settled() || len(ops) == 0 {
		return ops
	}
	return append([]Op{{Verb: DoSettle}}, ops...)
}

// prune plans the deletion of snapshots or volumes that the fleet owns by name and
// that the spec no longer declares.
func (c *planner) prune(kind spec.Kind) {
	declared, versions := c.fleet.ByName(kind), newVersionIndex(c.fleet)
	var orphans []*Object
	for _, o := range c.world.Objects[kind] {
		if kind == spec.SnapshotKind && c.isPlannedAsVersion(versions, o) {
			continue
		}
		if _, _, ok := c.owner.removedVersion(o); kind == spec.SnapshotKind && ok && !c.fleet.IsRemoved(kind, o.Name) {
			continue // planRemovedVersions plans it
		}
		if !o.Shared && declared[o.Name] == nil && !o.Deleting() && c.fleet.Owned(kind, o.Name) {
			orphans = append(orphans, o)
		}
	}
	slices.SortFunc(orphans, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range orphans {
		address := spec.Address{Kind: kind, Key: o.Name}
		if c.resources[address] != nil { // its resource has versions now, and another name
			address.Key += fixedSuffix
		}
		reason := "matches owns and is not in the spec"
		if c.fleet.IsRemoved(kind, o.Name) {
			reason = "listed under removed"
		}
		s := c.add(newDeleteStep(address, o, reason))
		if user := c.declaredUser(kind, o); user != nil {
			s.Blocked = &Block{Illegal, fmt.Sprintf("%s still uses it", user), fmt.Sprintf("take it out of %s first, or %s", specPath(user), c.keepHint(spec.Address{Kind: kind, Key: o.Name}))}
		}
		c.blockPrune(s)
	}
}

// declaredUser returns a sandbox of the spec that continues to use the object, or
// nil.
func (c *planner) declaredUser(kind spec.Kind, o *Object) *spec.Resource {
	for _, s := range c.plan.Steps {
		if s.Want != nil && slices.ContainsFunc(s.Want.ExternalRefs, func(u spec.ExternalRef) bool { return u.Kind == kind && (u.Name == o.Name || u.Name == o.ID) }) {
			return s.Want
		}
	}
	return nil
}

// dataLoss describes the data that is lost with an object of a kind. A snapshot
// can be created again.
var dataLoss = map[spec.Kind]string{
	spec.SandboxKind: "its disk and running processes",
	spec.VolumeKind:  "all files in it",
}

// protectedBlock returns the block of a protected object.
func protectedBlock(unblock string) *Block {
	return &Block{Protected, "it is protected: it may not be deleted or replaced", unblock}
}

// protectedInSpecBlock returns the block of an object that the spec protects.
func protectedInSpecBlock(r *spec.Resource) *Block {
	return protectedBlock(fmt.Sprintf("protect: false in %s lifts it", specPath(r)))
}
