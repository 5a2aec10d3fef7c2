package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// An ownership tells which sandboxes are the fleet's, and as what.
type ownership struct {
	owned  map[string]*Object   // by the key that they have now
	keys   map[*Object]string   // the reverse
	copies []*Object            // those with the labels of another one
	double map[string][]*Object // those that are to be what another one is already, by key
	spares map[string]*Object   // those that are left over from a surge, by key
}

// Owned finds the fleet's sandboxes by the keys that they have now: what was
// moved is found where it was moved to, if nothing else is there.
func (w *World) Owned(f *spec.Fleet) map[string]*Object {
	return own(f, w.Sandboxes, wants(f), true).owned
}

// wants has the resources of a fleet by address.
func wants(f *spec.Fleet) map[spec.Address]*spec.Resource {
	m := make(map[spec.Address]*spec.Resource, len(f.Resources))
	for _, r := range f.Resources {
		m[r.Address] = r
	}
	return m
}

// own sorts out sandboxes. One whose labels were made for another name is a
// copy, and not the fleet's: forks copy labels. Of several that say nothing of
// their name, the one with the wanted name is the fleet's, else the eldest.
// What carries the fleet's name goes before what carries a former one, and what
// is labelled with a key before what moves to it. Without moves, sandboxes are
// found where they were.
func own(f *spec.Fleet, sandboxes []*Object, wants map[spec.Address]*spec.Resource, moves bool) *ownership {
	n := len(sandboxes)
	own := &ownership{owned: make(map[string]*Object, n), keys: make(map[*Object]string, n), double: map[string][]*Object{}, spares: map[string]*Object{}}
	for _, name := range append([]string{f.Name}, f.Formerly...) {
		for _, o := range sandboxes {
			if o.Fleet() != name || o.Key() == "" {
				continue
			}
			own.claim(f, wants, o)
		}
	}
	if moves && len(f.Moved) > 0 {
		own.move(f, wants)
	}
	for key, o := range own.owned {
		own.keys[o] = key
	}
	slices.SortFunc(own.copies, byNames)
	for _, list := range own.double {
		slices.SortFunc(list, byNames)
	}
	return own
}

func byNames(a, b *Object) int { return strings.Compare(a.Name, b.Name) }

// claim takes in one sandbox under the key of its label.
func (own *ownership) claim(f *spec.Fleet, wants map[spec.Address]*spec.Resource, o *Object) {
	key := o.Key()
	rival := own.owned[key]
	switch {
	case spec.Copied(o.Labels, o.Name):
		own.copies = append(own.copies, o)
	case rival == nil:
		own.owned[key] = o
	case paired(o, rival):
		own.owned[key], own.spares[key] = keeper(o, rival)
	case rival.Fleet() != o.Fleet():
		own.double[key] = append(own.double[key], o)
	default:
		name := ""
		if r := wants[f.Now(sandboxAt(key))]; r != nil {
			name = r.Name()
		}
		if elder(name, o, rival) {
			o, rival = rival, o
			own.owned[key] = rival
		}
		own.copies = append(own.copies, o)
	}
}

func sandboxAt(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }

// elder reports whether a is rather the fleet's sandbox of the name than b.
func elder(name string, a, b *Object) bool {
	if (a.Name == name) != (b.Name == name) {
		return a.Name == name
	}
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// move gives sandboxes the keys that they have now. What moves to a key that
// the spec does not declare leaves the spec, and stays where it is.
func (own *ownership) move(f *spec.Fleet, wants map[spec.Address]*spec.Resource) {
	for _, key := range slices.SortedFunc(maps.Keys(own.owned), spec.CompareKeys) {
		now := f.Now(sandboxAt(key))
		o := own.owned[key]
		switch {
		case now.Key == key || wants[now] == nil:
			continue
		case own.owned[now.Key] != nil:
			own.double[now.Key] = append(own.double[now.Key], o)
		default:
			own.owned[now.Key] = o
			if spare := own.spares[key]; spare != nil {
				own.spares[now.Key] = spare
				delete(own.spares, key)
			}
		}
		delete(own.owned, key)
	}
}

// sortSandboxes finds the fleet's sandboxes by key, and all by name.
func (c *computer) sortSandboxes() {
	c.ownership = own(c.fleet, c.world.Sandboxes, c.wants, !c.opts.Destroy)
	c.holders = make(map[string]*Object, len(c.world.Sandboxes))
	for _, o := range c.world.Sandboxes {
		c.holders[o.Name] = o
	}
	for _, o := range c.copies {
		c.warn("sandbox %q carries the labels of sandbox.%s: a fork, probably; it is left alone", o.Name, o.Key())
	}
}

// movedFrom tells of a sandbox what it was, where that is not what it is to be.
func (c *computer) movedFrom(o *Object, key string) []Change {
	var list []Change
	if o.Key() != key {
		list = append(list, Change{Attribute: "address", Have: sandboxAt(o.Key()).String(), Want: sandboxAt(key).String(), Cause: spec.SpecChanged})
	}
	if o.Fleet() != c.fleet.Name {
		list = append(list, Change{Attribute: "fleet", Have: o.Fleet(), Want: c.fleet.Name, Cause: spec.SpecChanged})
	}
	return list
}

// renamed reports whether a sandbox that moved would get another name, which
// makes it another sandbox. If so, the step is blocked: a move is meant to keep.
func (c *computer) renamed(s *Step, r *spec.Resource, have *Object) bool {
	if have == nil || have.Name == r.Name() || len(c.movedFrom(have, r.Key)) == 0 {
		return false
	}
	s.Action, s.ID = Update, have.ID
	block := "sandboxes." + r.Whole().Key
	reason := fmt.Sprintf("it is called %q, and the spec calls it %q, which would be another sandbox", have.Name, r.Name())
	keep := fmt.Sprintf("write name: %s in %s to keep it", have.Name, block)
	if r.Index() != "" {
		had, ok := strings.CutSuffix(spec.FirstName(have.Name), "-"+r.Index())
		wants, ok2 := strings.CutSuffix(r.Name(), "-"+r.Index())
		if ok && ok2 { // the same words for each copy
			reason = fmt.Sprintf("its group is called %q, and the spec calls it %q, which would be other sandboxes", had, wants)
			keep = fmt.Sprintf("write name: %s in %s to keep them", had, block)
		} else {
			keep = fmt.Sprintf("give %s a name that makes this one %s to keep it", block, have.Name)
		}
	}
	s.Blocked = &Block{Renamed, reason, keep + "; or take the entry out of moved to replace"}
	return true
}

// blockDoubles blocks the steps of sandboxes that another one is to become.
func (c *computer) blockDoubles() {
	for key, list := range c.double {
		s := c.steps[sandboxAt(key)]
		if s == nil {
			continue
		}
		o := list[0]
		was := sandboxAt(o.Key()).String()
		if o.Fleet() != c.fleet.Name {
			was += fmt.Sprintf(" of the fleet %s", o.Fleet())
		}
		if s.Action == NoOp {
			s.Action, s.Kept = Update, ""
		}
		s.Changes = append(c.movedFrom(o, key), s.Changes...)
		s.Blocked = &Block{
			Conflict, fmt.Sprintf("%q, which was %s, cannot become %s: that is %q already", o.Name, was, s.Address, s.Name),
			"delete the one that is not wanted, or take the entry out of moved",
		}
	}
}

// blockNames blocks the making of sandboxes whose names are those of others of
// the fleet that stay.
func (c *computer) blockNames() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Want == nil || s.Blocked != nil {
			continue
		}
		holder := c.holders[s.Name]
		if holder == nil || holder == s.Have {
			continue
		}
		other := c.steps[sandboxAt(c.keys[holder])]
		if other == nil || other.Have != holder || other.Action.Destroys() {
			continue
		}
		// One that is left away would take over, in the next plan, what is let go
		// in this one.
		adopts := other.Action == Release && s.Have == nil && c.opts.Adopts(s.Want)
		if s.Action == Create || s.Action == Replace || adopts {
			if s.Action == NoOp {
				s.Action, s.Kept = Create, ""
			}
			s.Blocked = &Block{Conflict, fmt.Sprintf("the name %q is that of %s, which stays", s.Name, other.Address), fmt.Sprintf("write another name in %s", place(s.Want))}
		}
	}
}
