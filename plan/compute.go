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

	// Destroy plans for the end of the fleet: all its sandboxes and the
	// snapshots that its spec declares are to go, with Volumes its volumes,
	// too. The blast radius does not apply.
	Destroy bool
	Volumes bool
}

// Compute plans how to get from the world as observed to the fleet as wanted.
// The same arguments give the same plan.
func Compute(f *spec.Fleet, w *World, opts Options) *Plan {
	c := &computer{fleet: f, world: w, opts: opts, plan: &Plan{Fleet: f.Name, Facts: w.Facts}, steps: map[spec.Address]*Step{}}
	if opts.Destroy {
		c.destroy()
	} else {
		c.converge()
	}
	c.order()
	c.guard()
	for _, s := range c.plan.Steps {
		s.Drift = drift(s)
	}
	return c.plan
}

// A computer holds one computation.
type computer struct {
	fleet *spec.Fleet
	world *World
	opts  Options
	plan  *Plan
	steps map[spec.Address]*Step
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
	owned, foreign := c.sortSandboxes()
	for _, r := range c.fleet.Of(spec.SandboxKind) {
		have := owned[r.Key]
		delete(owned, r.Key)
		c.add(c.sandbox(r, have, foreign[r.Name()]))
	}
	c.followers()
	c.activations()
	c.deleteSandboxes(owned, "not in the spec")
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
	owned, _ := c.sortSandboxes()
	c.deleteSandboxes(owned, "the fleet is destroyed")
	kinds := []spec.Kind{spec.SnapshotKind}
	if c.opts.Volumes {
		kinds = append(kinds, spec.VolumeKind)
	}
	for _, kind := range kinds {
		for _, r := range c.fleet.Of(kind) {
			if have := byName(c.world.of(kind), r.Name()); have != nil && !leaving(have) {
				s := c.add(deletion(r.Address, have, "the fleet is destroyed"))
				if r.Protected() {
					s.Blocked = protectedBlock("protect: false in the spec lifts it")
				}
			}
		}
		c.prune(kind)
	}
}

// sortSandboxes finds the fleet's sandboxes by key, and those of others by
// name. Of several that carry one key, the one with the wanted name is the
// fleet's, else the eldest: forks copy labels.
func (c *computer) sortSandboxes() (owned, foreign map[string]*Object) {
	owned, foreign = map[string]*Object{}, map[string]*Object{}
	names := map[string]string{}
	for _, r := range c.fleet.Of(spec.SandboxKind) {
		names[r.Key] = r.Name()
	}
	for _, o := range c.world.Sandboxes {
		key := o.key()
		if o.fleet() != c.fleet.Name || key == "" {
			foreign[o.Name] = o
			continue
		}
		rival := owned[key]
		if rival == nil {
			owned[key] = o
			continue
		}
		keep, other := rival, o
		if o.Name == names[key] || rival.Name != names[key] && o.Created.Before(rival.Created) {
			keep, other = o, rival
		}
		owned[key] = keep
		foreign[other.Name] = other
		c.warn("sandbox %q carries the labels of sandbox.%s, which is %q: a fork, probably; it is left alone", other.Name, key, keep.Name)
	}
	return owned, foreign
}

// deleteSandboxes plans to delete what is left of the fleet's sandboxes.
func (c *computer) deleteSandboxes(owned map[string]*Object, reason string) {
	keys := make([]string, 0, len(owned))
	for key := range owned {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, spec.CompareKeys)
	for _, key := range keys {
		have := owned[key]
		s := c.add(deletion(spec.Address{Kind: spec.SandboxKind, Key: key}, have, reason))
		s.Blocked = c.protection(s.Address, have)
	}
}

// protection blocks the deletion of a sandbox that the spec protects, or that
// was protected and that the spec no longer declares.
func (c *computer) protection(address spec.Address, have *Object) *Block {
	i := slices.IndexFunc(c.fleet.Resources, func(r *spec.Resource) bool { return r.Address == address })
	switch kept := have.Labels[spec.ProtectLabel] == "true"; {
	case i < 0 && kept:
		return protectedBlock(fmt.Sprintf("declare %s again with protect: false and apply, then take it out", address))
	case i < 0 || c.fleet.Resources[i].Unprotected():
		return nil
	case kept || c.fleet.Resources[i].Protected():
		return protectedBlock("protect: false in the spec lifts it")
	}
	return nil
}

// deletion is the step that deletes an object.
func deletion(address spec.Address, have *Object, reason string) *Step {
	return &Step{
		Address: address, Action: Delete, Name: have.Name, ID: have.ID, Have: have, Reason: reason, Loses: loses[address.Kind],
		Ops: settleFirst(have, Op{Verb: DoDelete}), Timeout: spec.DefaultTimeout,
	}
}

// settleFirst puts a wait before the operations when something is under way.
func settleFirst(have *Object, ops ...Op) []Op {
	if have.settled() || len(ops) == 0 {
		return ops
	}
	return append([]Op{{Verb: DoSettle}}, ops...)
}

// prune plans to delete snapshots or volumes that the fleet owns by name and
// no longer declares.
func (c *computer) prune(kind spec.Kind) {
	var gone []*Object
	for _, o := range c.world.of(kind) {
		declared := slices.ContainsFunc(c.fleet.Of(kind), func(r *spec.Resource) bool { return r.Name() == o.Name })
		if !o.Shared && !declared && !leaving(o) && c.fleet.Owned(kind, o.Name) {
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
		if user := c.user(kind, o.Name); user != "" {
			s.Blocked = &Block{Illegal, fmt.Sprintf("%s still uses it", user), "take it out of that sandbox first"}
		}
	}
}

// user is a sandbox that goes on using the object after the plan, or "".
func (c *computer) user(kind spec.Kind, name string) string {
	for _, s := range c.plan.Steps {
		if s.Want != nil && slices.Contains(s.Want.Uses, spec.Use{Kind: kind, Name: name}) {
			return s.Address.String()
		}
	}
	return ""
}

// loses is what a destruction takes away for good. A snapshot can be made again.
var loses = map[spec.Kind]string{
	spec.SandboxKind: "its disk and running processes",
	spec.VolumeKind:  "all files in it",
}

func protectedBlock(unblock string) *Block {
	return &Block{Protected, "it is protected: it may not be deleted or replaced", unblock}
}
