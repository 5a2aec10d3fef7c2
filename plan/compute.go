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

	// Target is the region, by name or id, of what is created without one; empty:
	// the organisation's default.
	Target string

	// IgnoreQuota plans what destroys something though the organisation's quota
	// leaves no room for what is to come instead.
	IgnoreQuota bool

	// Destroy plans for the end of the fleet: all its sandboxes and the
	// snapshots that its spec declares are to go, with Volumes its volumes,
	// too. Sandboxes of which it was said what else to do when they leave the
	// spec are kept so. The blast radius does not apply.
	Destroy bool
	Volumes bool

	// Created are creations of snapshots that earlier runs for the fleet recorded.
	Created []Creation

	Select  Selection  // what to plan; the zero Selection is everything
	Replace []Selector // what to replace though it could stay

	// ReplaceIDs, when not nil, are the objects that Replace may be about; what
	// has another id by now was replaced already.
	ReplaceIDs map[spec.Address]string
}

// Compute plans how to get from the world as observed to the fleet as wanted.
// The same arguments give the same plan. Where a selection cannot be made the
// plan is empty, and Refused says why.
func Compute(f *spec.Fleet, w *World, opts Options) *Plan {
	size := max(len(f.Resources), len(w.Sandboxes))
	c := &computer{
		fleet: f, world: w, opts: opts, plan: &Plan{Fleet: f.Name, Environment: f.Environment, Environments: f.Environments, ObservedAt: w.At, Facts: w.Facts, Parallelism: f.Parallelism, Steps: make([]*Step, 0, size)},
		steps: make(map[spec.Address]*Step, size), wants: wants(f), names: index(w),
		replace: newMatcher("--replace", f.Name, opts.Replace),
	}
	c.sortSandboxes()
	if opts.Destroy {
		c.destroy()
	} else {
		c.converge()
	}
	c.blockDoubles()
	c.blockEnvironment()
	c.conduct()
	c.order()
	c.choose()
	c.afford()
	c.keepOwners()
	c.guard()
	c.rollouts()
	c.narrow()
	c.trials()
	c.hooks()
	c.warnUnread()
	c.uncompared()
	if !opts.Select.selects() {
		c.plan.LeftBehind = w.LeftBehind(f, opts.Created)
	}
	for _, s := range c.plan.Steps {
		s.Drift = drift(s)
		s.Cause = cause(s)
	}
	return c.plan
}

// Adopts reports whether a sandbox of the name that no fleet owns is taken over
// for the resource.
func (o Options) Adopts(r *spec.Resource) bool { return o.AdoptAll || r.Adopt() || o.Adopt[r.Name()] }

// A computer holds one computation.
type computer struct {
	fleet *spec.Fleet
	world *World
	opts  Options
	plan  *Plan
	steps map[spec.Address]*Step
	wants map[spec.Address]*spec.Resource
	names map[spec.Kind]map[string]*Object // snapshots and volumes

	*ownership
	holders map[string]*Object // sandboxes by name, the fleet's and others

	replace *matcher
	chosen  map[*Step]bool // what is selected and what that needs; nil is everything

	linkedTo map[spec.Address]bool           // sandboxes that are linked to others, or have others linked to them; nil until somebody asks
	firsts   map[spec.Address]*spec.Resource // the first copy of each group; nil until somebody asks
	sizes    *foresight                      // what is known of sizes and places; nil until somebody asks
	madeFrom map[string]bool                 // names of the snapshots of the fleet's sandboxes; nil until somebody asks
}

func (c *computer) add(s *Step) *Step {
	c.plan.Steps = append(c.plan.Steps, s)
	c.steps[s.Address] = s
	return s
}

func (c *computer) warn(format string, args ...any) {
	c.plan.Warnings = append(c.plan.Warnings, fmt.Sprintf(format, args...))
}

// converge plans for a living fleet.
func (c *computer) converge() {
	for _, r := range c.fleet.Of(spec.VolumeKind) {
		c.add(c.volume(r, byName(c.world.Volumes, r.Name())))
	}
	for _, r := range c.fleet.Of(spec.SnapshotKind) {
		c.add(c.snapshot(r, byName(c.world.Snapshots, r.Name())))
	}
	for _, r := range c.fleet.Of(spec.SandboxKind) {
		r = asNamed(r, c.owned[r.Key])
		c.add(c.sandbox(r, c.owned[r.Key], c.holders[r.Name()]))
	}
	c.followers()
	c.activations()
	c.leave("not in the spec")
	c.blockNames()
	for _, r := range c.fleet.Of(spec.VolumeKind) {
		c.checkUsed(c.steps[r.Address])
	}
	c.prune(spec.SnapshotKind)
	c.prune(spec.VolumeKind)
}

// byName finds the organisation's own object of a name, or nil.
func byName(objects []*Object, name string) *Object {
	for _, o := range objects {
		if o.Name == name && !o.Shared {
			return o
		}
	}
	return nil
}

// destroy plans for the end of the fleet.
func (c *computer) destroy() {
	c.leave("the fleet is destroyed")
	kinds := []spec.Kind{spec.SnapshotKind}
	if c.opts.Volumes {
		kinds = append(kinds, spec.VolumeKind)
	}
	for _, kind := range kinds {
		for _, r := range c.fleet.Of(kind) {
			if have := byName(c.world.Of(kind), r.Name()); have != nil && !have.Leaving() {
				if users := c.world.Users[have.ID]; len(users) > 0 {
					c.add(Keep(r.Address, have, usedBy(users)))
					continue
				}
				s := c.add(deletion(r.Address, have, "the fleet is destroyed"))
				if user := c.keeper(r.Address); kind == spec.VolumeKind && user != nil {
					s.Blocked = &Block{Illegal, fmt.Sprintf("%s uses it, and is kept", user), fmt.Sprintf("on_remove: delete in %s lets both go", place(user))}
				}
				if r.Protected() {
					s.Blocked = unprotect(r)
				}
			}
		}
		c.prune(kind)
	}
}

// settleFirst puts a wait before the operations when something is under way.
func settleFirst(have *Object, ops ...Op) []Op {
	if have.Settled() || len(ops) == 0 {
		return ops
	}
	return append([]Op{{Verb: DoSettle}}, ops...)
}

// prune plans to delete snapshots or volumes that the fleet owns by name and
// no longer declares.
func (c *computer) prune(kind spec.Kind) {
	declared := c.fleet.Named(kind)
	var gone []*Object
	for _, o := range c.world.Of(kind) {
		if !o.Shared && declared[o.Name] == nil && !o.Leaving() && c.fleet.Owned(kind, o.Name) {
			gone = append(gone, o)
		}
	}
	slices.SortFunc(gone, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range gone {
		address := spec.Address{Kind: kind, Key: o.Name}
		reason := "matches owns and is not in the spec"
		if slices.Contains(c.fleet.Removed, address) {
			reason = "listed under removed"
		}
		s := c.add(deletion(address, o, reason))
		if user := c.user(kind, o); user != nil {
			s.Blocked = &Block{Illegal, fmt.Sprintf("%s still uses it", user), fmt.Sprintf("take it out of %s first, or %s", place(user), c.spare(address))}
		}
		c.blockPrune(s)
	}
}

// user is a sandbox of the spec that goes on using the object, or nil.
func (c *computer) user(kind spec.Kind, o *Object) *spec.Resource {
	for _, s := range c.plan.Steps {
		if s.Want != nil && slices.ContainsFunc(s.Want.Uses, func(u spec.Use) bool { return u.Kind == kind && (u.Name == o.Name || u.Name == o.ID) }) {
			return s.Want
		}
	}
	return nil
}

// loses is what a destruction takes away for good. A snapshot can be made again.
var loses = map[spec.Kind]string{
	spec.SandboxKind: "its disk and running processes",
	spec.VolumeKind:  "all files in it",
}

func protectedBlock(unblock string) *Block {
	return &Block{Protected, "it is protected: it may not be deleted or replaced", unblock}
}

// unprotect is the block of what the spec protects.
func unprotect(r *spec.Resource) *Block {
	return protectedBlock(fmt.Sprintf("protect: false in %s lifts it", place(r)))
}
