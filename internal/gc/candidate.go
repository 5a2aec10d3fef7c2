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

// A candidate is an object that rules may select.
type candidate struct {
	object    *plan.Object
	address   spec.Address
	owner     string         // [OwnerFleet] or [OwnerNone]
	duplicate bool           // it carries the labels of another sandbox
	isCopy    bool           // it is a duplicate that the fleet does not own, such as a fork
	resource  *spec.Resource // its resource in the spec; nil if there is none

	mayBeDeclared bool // it is a version of a snapshot whose declared version is not known
}

// lastUsed returns the time at which the object was last used, or else created.
func (s *candidate) lastUsed() time.Time {
	if s.object.LastActive.IsZero() {
		return s.object.Created
	}
	return s.object.LastActive
}

// candidates returns the objects that rules may select: the sandboxes of the fleet,
// unowned sandboxes, and the organization's own snapshots and volumes. Objects of other
// fleets, of other tools and of the platform are left out, as are those that are being
// deleted. Orphan snapshots and former versions count as owned by the fleet.
func candidates(f *spec.Fleet, w *plan.World, orphans []plan.OrphanSnapshot, created []plan.Creation) []*candidate {
	x := &classifier{used: map[spec.Address]bool{}, resources: map[spec.Address]*spec.Resource{}}
	for _, r := range f.Resources {
		if r.Kind == spec.SandboxKind {
			x.resources[r.Address] = r
		} else {
			x.resources[nameAddress(r.Kind, r.Name())] = r
		}
	}
	ownerships := w.Ownerships(f)
	for _, s := range ownerships {
		if s.Role == plan.RoleOwned {
			x.used[spec.Address{Kind: spec.SandboxKind, Key: s.Key}] = true
		}
	}
	for _, o := range w.Objects[spec.SandboxKind] {
		s := ownerships[o]
		switch {
		case o.Deleting():
		case s.Role == plan.RoleOwned:
			x.add(o, spec.Address{Kind: spec.SandboxKind, Key: s.Key}, OwnerFleet, false)
		case s.Owned(), s.Role == plan.RoleCopy && f.HasName(s.Owner):
			x.add(o, x.uniqueAddress(spec.SandboxKind, o), OwnerFleet, true)
			x.list[len(x.list)-1].isCopy = !s.Owned()
		case s.Role == plan.RoleUnowned:
			x.add(o, x.uniqueAddress(spec.SandboxKind, o), OwnerNone, false)
		}
	}
	versions, undetermined := w.KnownVersions(f, created), w.UndeterminedVersions(f)
	for _, kind := range spec.NamedKinds {
		for _, o := range w.Objects[kind] {
			if o.Shared || o.Deleting() {
				continue
			}
			owner := OwnerNone
			if f.Owned(kind, o.Name) || versions[o] || kind == spec.SnapshotKind && slices.ContainsFunc(orphans, func(l plan.OrphanSnapshot) bool { return l.ID == o.ID }) {
				owner = OwnerFleet
			}
			x.add(o, x.uniqueAddress(kind, o), owner, false)
			x.list[len(x.list)-1].mayBeDeclared = undetermined[o]
		}
	}
	slices.SortFunc(x.list, func(a, b *candidate) int {
		return cmp.Or(strings.Compare(string(a.address.Kind), string(b.address.Kind)), spec.CompareKeys(a.address.Key, b.address.Key))
	})
	return x.list
}

// A classifier turns objects into candidates.
type classifier struct {
	used      map[spec.Address]bool           // addresses of candidates
	resources map[spec.Address]*spec.Resource // sandboxes by address, others by name
	list      []*candidate
}

// nameAddress returns the key of classifier.resources for a resource without labels.
func nameAddress(kind spec.Kind, name string) spec.Address {
	return spec.Address{Kind: kind + " named", Key: name}
}

// add adds a candidate, under the address of its resource if the spec declares it.
func (x *classifier) add(o *plan.Object, a spec.Address, owner string, duplicate bool) {
	s := &candidate{object: o, address: a, owner: owner, duplicate: duplicate}
	switch {
	case a.Kind != spec.SandboxKind:
		s.resource = x.resources[nameAddress(a.Kind, o.Name)]
	case owner == OwnerFleet && !duplicate:
		s.resource = x.resources[a]
	}
	if s.resource != nil {
		s.address = s.resource.Address
	}
	x.list = append(x.list, s)
}

// uniqueAddress returns an address made from the name of an object, which differs from
// those of all other objects and of the resources of the spec.
func (x *classifier) uniqueAddress(kind spec.Kind, o *plan.Object) spec.Address {
	a := spec.Address{Kind: kind, Key: o.Name}
	if x.used[a] || kind == spec.SandboxKind && x.resources[a] != nil {
		a.Key = o.Name + "@" + o.ID
	}
	x.used[a] = true
	return a
}

// spareReason returns why the object must not be touched, even if a rule selects it;
// empty if it may be.
func (s *candidate) spareReason(r Rule, opts Options, users map[string]string) string {
	o := s.object
	switch {
	case o.Labels[spec.ProtectLabel] == "true", s.resource != nil && s.resource.Protected():
		return "it is protected"
	case s.address.Kind != spec.SandboxKind && s.resource != nil:
		return "the spec declares it"
	case s.mayBeDeclared:
		return "it may be the version that the spec declares, which depends on values that are not set"
	case s.address.Kind == spec.SnapshotKind && users[o.Name] != "":
		return fmt.Sprintf("sandbox %q is made from it", users[o.Name])
	case s.address.Kind == spec.SandboxKind && o.LastActive.IsZero():
		return "the server does not report when it was last used"
	}
	for _, label := range []string{spec.LeaseLabel, r.LeaseLabel} {
		if why := leaseReason(o.Labels[label], opts.Now); label != "" && why != "" {
			return why
		}
	}
	if since := opts.Now.Sub(s.lastUsed()); since < opts.SpareActive {
		return fmt.Sprintf("it was used %s ago", plan.FormatDuration(since))
	}
	if since := opts.Now.Sub(o.Created); since < opts.SpareActive {
		return fmt.Sprintf("it was created %s ago", plan.FormatDuration(since))
	}
	return ""
}

// leaseReason returns why a lease protects its sandbox; empty if it does not.
func leaseReason(until string, now time.Time) string {
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

// sortedKeys returns the keys of a map in a fixed order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
