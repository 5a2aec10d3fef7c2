package gc

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A subject is an object that rules may be about.
type subject struct {
	object    *plan.Object
	address   spec.Address
	owner     string         // [OfFleet] or [OfNobody]
	duplicate bool           // it carries the labels of another one
	copied    bool           // and the fleet does not own it
	want      *spec.Resource // what the spec says of it; nil when that is nothing
}

// lastUsed is when the object was last used: if never, when it was created.
func (s *subject) lastUsed() time.Time {
	if s.object.Active.IsZero() {
		return s.object.Created
	}
	return s.object.Active
}

// subjects are the objects that rules may be about: those of the fleet, those
// of nobody, and the organisation's own snapshots and volumes. What belongs to
// other fleets or tools, to the platform, or is being deleted, is not among
// them. Snapshots that the fleet has left behind are the fleet's.
func subjects(f *spec.Fleet, w *plan.World, left []plan.Leftover) []*subject {
	x := &sorter{taken: map[spec.Address]bool{}, wants: map[spec.Address]*spec.Resource{}}
	for _, r := range f.Resources {
		if r.Kind == spec.SandboxKind {
			x.wants[r.Address] = r
		} else {
			x.wants[named(r.Kind, r.Name())] = r
		}
	}
	whose := w.Ownerships(f)
	for _, s := range whose {
		if s.Role == plan.Own {
			x.taken[spec.Address{Kind: spec.SandboxKind, Key: s.Key}] = true
		}
	}
	for _, o := range w.Sandboxes {
		s := whose[o]
		switch {
		case o.Leaving():
		case s.Role == plan.Own:
			x.add(o, spec.Address{Kind: spec.SandboxKind, Key: s.Key}, OfFleet, false)
		case s.Ours(), s.Role == plan.Copy && f.Is(s.Owner):
			x.add(o, x.free(spec.SandboxKind, o), OfFleet, true)
			x.list[len(x.list)-1].copied = !s.Ours()
		case s.Role == plan.OfNobody:
			x.add(o, x.free(spec.SandboxKind, o), OfNobody, false)
		}
	}
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
		for _, o := range w.Of(kind) {
			if o.Shared || o.Leaving() {
				continue
			}
			owner := OfNobody
			if f.Owned(kind, o.Name) || kind == spec.SnapshotKind && slices.ContainsFunc(left, func(l plan.Leftover) bool { return l.ID == o.ID }) {
				owner = OfFleet
			}
			x.add(o, x.free(kind, o), owner, false)
		}
	}
	slices.SortFunc(x.list, func(a, b *subject) int {
		return cmp.Or(strings.Compare(string(a.address.Kind), string(b.address.Kind)), spec.CompareKeys(a.address.Key, b.address.Key))
	})
	return x.list
}

// A sorter makes subjects of objects.
type sorter struct {
	taken map[spec.Address]bool
	wants map[spec.Address]*spec.Resource // sandboxes by address, others by name
	list  []*subject
}

// named is where wants has a snapshot or volume of a name.
func named(kind spec.Kind, name string) spec.Address {
	return spec.Address{Kind: kind + " named", Key: name}
}

func (x *sorter) add(o *plan.Object, a spec.Address, owner string, duplicate bool) {
	s := &subject{object: o, address: a, owner: owner, duplicate: duplicate}
	switch {
	case a.Kind != spec.SandboxKind:
		s.want = x.wants[named(a.Kind, o.Name)]
	case owner == OfFleet && !duplicate:
		s.want = x.wants[a]
	}
	if s.want != nil {
		s.address = s.want.Address
	}
	x.list = append(x.list, s)
}

// free is an address by the name of an object, which no other one has: neither
// another object nor a resource of the spec.
func (x *sorter) free(kind spec.Kind, o *plan.Object) spec.Address {
	a := spec.Address{Kind: kind, Key: o.Name}
	if x.taken[a] || kind == spec.SandboxKind && x.wants[a] != nil {
		a.Key = o.Name + "@" + o.ID
	}
	x.taken[a] = true
	return a
}

// spared says why the object must not be touched whatever a rule says; "" when
// nothing speaks against it.
func (s *subject) spared(r Rule, opts Options, users map[string]string) string {
	o := s.object
	switch {
	case o.Labels[spec.ProtectLabel] == "true", s.want != nil && s.want.Protected():
		return "it is protected"
	case s.address.Kind != spec.SandboxKind && s.want != nil:
		return "the spec declares it"
	case s.address.Kind == spec.SnapshotKind && users[o.Name] != "":
		return fmt.Sprintf("sandbox %q is made from it", users[o.Name])
	case s.address.Kind == spec.SandboxKind && o.Active.IsZero():
		return "the server does not tell when it was last used"
	}
	for _, label := range []string{spec.LeaseLabel, r.LeaseLabel} {
		if why := lease(o.Labels[label], opts.Now); label != "" && why != "" {
			return why
		}
	}
	if since := opts.Now.Sub(s.lastUsed()); since < opts.SpareActive {
		return fmt.Sprintf("it was used %s ago", plan.Span(since))
	}
	if since := opts.Now.Sub(o.Created); since < opts.SpareActive {
		return fmt.Sprintf("it was created %s ago", plan.Span(since))
	}
	return ""
}

// lease says why a lease forbids to touch its sandbox; "" when it does not.
func lease(until string, now time.Time) string {
	if until == "" {
		return ""
	}
	t, err := time.Parse(time.RFC3339, until)
	switch {
	case err != nil:
		return fmt.Sprintf("its lease is not a time: %q", until)
	case t.After(now):
		return "it is leased until " + t.UTC().Format(time.RFC3339)
	}
	return ""
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
