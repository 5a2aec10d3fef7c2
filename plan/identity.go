package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// An ownershipIndex holds the sandboxes with the labels of a fleet by their role.
type ownershipIndex struct {
	owned          map[string]*Object   // by their current key
	keys           map[*Object]string   // the reverse
	copies         []*Object            // sandboxes with the labels of another one
	duplicates     map[string][]*Object // sandboxes whose key another one already has, by that key
	surgeLeftovers map[string]*Object   // leftovers of interrupted surges, by key
}

// OwnedSandboxes returns the fleet's sandboxes by their current keys. A sandbox that
// the spec has moved has its new key, unless another sandbox already has that.
func (w *World) OwnedSandboxes(f *spec.Fleet) map[string]*Object {
	return newOwnershipIndex(f, w.Objects[spec.SandboxKind], resourcesByAddress(f), true).owned
}

// resourcesByAddress returns the resources of a fleet by address.
func resourcesByAddress(f *spec.Fleet) map[spec.Address]*spec.Resource {
	m := make(map[spec.Address]*spec.Resource, len(f.Resources))
	for _, r := range f.Resources {
		m[r.Address] = r
	}
	return m
}

// newOwnershipIndex indexes the sandboxes with the labels of a fleet.
//
// A sandbox whose labels were written for another name is a copy, which the fleet
// does not own: forks copy labels. Of several sandboxes with one key, the fleet owns
// the one with the declared name, else the oldest. The current name of the fleet
// takes precedence over former ones, and a label with a key over a move to it. If
// moves is false, sandboxes keep the keys of their labels.
func newOwnershipIndex(f *spec.Fleet, sandboxes []*Object, resources map[spec.Address]*spec.Resource, moves bool) *ownershipIndex {
	n := len(sandboxes)
	own := &ownershipIndex{owned: make(map[string]*Object, n), keys: make(map[*Object]string, n), duplicates: map[string][]*Object{}, surgeLeftovers: map[string]*Object{}}
	for _, name := range append([]string{f.Name}, f.FormerNames...) {
		for _, o := range sandboxes {
			if o.Fleet() != name || o.Key() == "" {
				continue
			}
			own.claim(f, resources, o)
		}
	}
	if moves && len(f.Moved) > 0 {
		own.applyMoves(f, resources)
	}
	for key, o := range own.owned {
		own.keys[o] = key
	}
	slices.SortFunc(own.copies, compareNames)
	for _, list := range own.duplicates {
		slices.SortFunc(list, compareNames)
	}
	return own
}

func compareNames(a, b *Object) int { return strings.Compare(a.Name, b.Name) }

// claim adds a sandbox under the key of its label.
func (own *ownershipIndex) claim(f *spec.Fleet, resources map[spec.Address]*spec.Resource, o *Object) {
	key := o.Key()
	existing := own.owned[key]
	switch {
	case spec.HasCopiedLabels(o.Labels, o.Name):
		own.copies = append(own.copies, o)
	case existing == nil:
		own.owned[key] = o
	case isSurgePair(o, existing):
		own.owned[key], own.surgeLeftovers[key] = resolveSurgePair(o, existing)
	case existing.Fleet() != o.Fleet():
		own.duplicates[key] = append(own.duplicates[key], o)
	default:
		name := ""
		if r := resources[f.CurrentAddress(sandboxAddress(key))]; r != nil {
			name = r.Name()
		}
		if preferred(name, o, existing) {
			o, existing = existing, o
			own.owned[key] = existing
		}
		own.copies = append(own.copies, o)
	}
}

func sandboxAddress(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }

// preferred reports whether a takes precedence over b as the fleet's sandbox with the
// name.
func preferred(name string, a, b *Object) bool {
	if (a.Name == name) != (b.Name == name) {
		return a.Name == name
	}
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// applyMoves gives sandboxes their current keys. A sandbox that moves to a key that
// the spec does not declare is no longer declared and keeps its key.
func (own *ownershipIndex) applyMoves(f *spec.Fleet, resources map[spec.Address]*spec.Resource) {
	for _, key := range slices.SortedFunc(maps.Keys(own.owned), spec.CompareKeys) {
		now := f.CurrentAddress(sandboxAddress(key))
		o := own.owned[key]
		switch {
		case now.Key == key || resources[now] == nil:
			continue
		case own.owned[now.Key] != nil:
			own.duplicates[now.Key] = append(own.duplicates[now.Key], o)
		default:
			own.owned[now.Key] = o
			if leftover := own.surgeLeftovers[key]; leftover != nil {
				own.surgeLeftovers[now.Key] = leftover
				delete(own.surgeLeftovers, key)
			}
		}
		delete(own.owned, key)
	}
}

// indexSandboxes indexes the fleet's sandboxes by key, and all sandboxes by name.
func (c *planner) indexSandboxes() {
	c.ownershipIndex = newOwnershipIndex(c.fleet, c.world.Objects[spec.SandboxKind], c.resources, !c.opts.Destroy)
	c.sandboxesByName = make(map[string]*Object, len(c.world.Objects[spec.SandboxKind]))
	for _, o := range c.world.Objects[spec.SandboxKind] {
		c.sandboxesByName[o.Name] = o
	}
	for _, o := range c.copies {
		c.warn("sandbox %q carries the labels of sandbox.%s: it is probably a fork, and fleet does not change it", o.Name, o.Key())
	}
}

// moveChanges returns the changes of a sandbox's address and fleet; nil if there are
// none.
func (c *planner) moveChanges(o *Object, key string) []Change {
	var list []Change
	if o.Key() != key {
		list = append(list, labelChange("address", sandboxAddress(o.Key()).String(), sandboxAddress(key).String()))
	}
	if o.Fleet() != c.fleet.Name {
		list = append(list, labelChange("fleet", o.Fleet(), c.fleet.Name))
	}
	return list
}

// blockRename blocks the step of a sandbox that moved if it would get another name
// and thus be replaced: a move is to keep the sandbox. It reports whether it did.
func (c *planner) blockRename(s *Step, r *spec.Resource, have *Object) bool {
	if have == nil || have.Name == r.Name() || len(c.moveChanges(have, r.Key)) == 0 {
		return false
	}
	s.Action, s.ID = Update, have.ID
	block := "sandboxes." + r.GroupAddress().Key
	reason := fmt.Sprintf("it is called %q, and the spec calls it %q, which would be another sandbox", have.Name, r.Name())
	keep := fmt.Sprintf("write name: %s in %s to keep it", have.Name, block)
	if r.Index() != "" {
		had, ok := strings.CutSuffix(spec.BaseName(have.Name), "-"+r.Index())
		wants, ok2 := strings.CutSuffix(r.Name(), "-"+r.Index())
		if ok && ok2 { // all copies share the text, so that it is shown once
			reason = fmt.Sprintf("its group is called %q, and the spec calls it %q, which would be other sandboxes", had, wants)
			keep = fmt.Sprintf("write name: %s in %s to keep them", had, block)
		} else {
			keep = fmt.Sprintf("give %s a name that makes this one %s to keep it", block, have.Name)
		}
	}
	s.Blocked = &Block{Renamed, reason, keep + "; or remove the entry from moved to replace it"}
	return true
}

// blockDuplicates blocks the steps of sandboxes whose key another sandbox is to get.
func (c *planner) blockDuplicates() {
	for key, list := range c.duplicates {
		s := c.steps[sandboxAddress(key)]
		if s == nil {
			continue
		}
		o := list[0]
		was := sandboxAddress(o.Key()).String()
		if o.Fleet() != c.fleet.Name {
			was += fmt.Sprintf(" of the fleet %s", o.Fleet())
		}
		if s.Action == NoOp {
			s.Action, s.RetainedReason = Update, ""
		}
		s.Changes = append(c.moveChanges(o, key), s.Changes...)
		s.Blocked = &Block{
			Conflict, fmt.Sprintf("%q, which was %s, cannot become %s: that is %q already", o.Name, was, s.Address, s.Name),
			"delete the one that is not needed, or remove the entry from moved",
		}
	}
}

// blockNameConflicts blocks the creation of sandboxes whose names are taken by
// sandboxes of the fleet that stay.
func (c *planner) blockNameConflicts() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Want == nil || s.Blocked != nil {
			continue
		}
		holder := c.sandboxesByName[s.Name]
		if holder == nil || holder == s.Have {
			continue
		}
		other := c.steps[sandboxAddress(c.keys[holder])]
		if other == nil || other.Have != holder || other.Action.Destroys() {
			continue
		}
		// A missing sandbox with on_missing: ignore would adopt, in the next plan,
		// the sandbox that this plan releases.
		adopts := other.Action == Release && s.Have == nil && c.opts.Adopts(s.Want)
		if s.Action.Creates() || adopts {
			if s.Action == NoOp {
				s.Action, s.RetainedReason = Create, ""
			}
			s.Blocked = &Block{Conflict, fmt.Sprintf("the name %q is that of %s, which stays", s.Name, other.Address), fmt.Sprintf("write another name in %s", specPath(s.Want))}
		}
	}
}
