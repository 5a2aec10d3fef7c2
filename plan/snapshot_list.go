package plan

import (
	"cmp"
	"slices"

	"fleet/spec"
)

// SnapshotOptions are what the roles of snapshots depend on, apart from the spec and the
// observed world.
type SnapshotOptions struct {
	Creations []Creation // recorded on this machine
	Keep      *int       // former versions to keep of each snapshot; nil for those that the spec sets
}

// A SnapshotInfo is an observed snapshot with its role and its users.
type SnapshotInfo struct {
	*Object
	Role SnapshotRole

	// Declared is the declared snapshot that the object is, or that it is a version of; nil
	// if there is none.
	Declared *spec.Resource

	Owned bool      // the fleet is known to own it
	Users []*Object // observed sandboxes that were created from it, sorted by name

	// Referrer is a declared sandbox that names the snapshot although the spec does not
	// declare it; nil if there is none.
	Referrer *spec.Resource
}

// Version returns the version in the snapshot's name, or "" if it has none.
func (s *SnapshotInfo) Version() string {
	if s.Declared == nil {
		return ""
	}
	version, ok := s.Declared.VersionIn(s.Name)
	if !ok {
		version, _ = s.Declared.TrialVersionIn(s.Name)
	}
	return version
}

// Snapshots returns the observed snapshots: those of f in the order of its addresses, with
// the current version first and then the newest, and after them the others by name. w has to
// hold all sandboxes of the organization, and the server's facts.
func (w *World) Snapshots(f *spec.Fleet, opts SnapshotOptions) []*SnapshotInfo {
	x := snapshotLister{owner: newSnapshotOwner(f, w, opts.Creations), opts: opts}
	x.indexUses()
	listed := map[*Object]bool{}
	former, declared := w.formerVersions(f), newVersionIndex(f).declared
	for r, versions := range former {
		kept, keep := 0, r.Keep()
		if opts.Keep != nil {
			keep = *opts.Keep
		}
		for _, o := range versions {
			listed[o] = true
			role := x.owner.formerRole(r, o, keep, &kept)
			if isVersionUnknown(r) {
				role = SnapshotUnset
			}
			x.add(o, x.settledRole(o, role), r, role != SnapshotUnproven && role != SnapshotOther)
		}
	}
	for _, o := range w.Objects[spec.SnapshotKind] {
		if !listed[o] {
			x.addOther(o, declared[o.Name], opts)
		}
	}
	slices.SortFunc(x.list, compareSnapshots)
	return x.list
}

// A snapshotLister collects the snapshots of an organization.
type snapshotLister struct {
	owner     *snapshotOwner
	opts      SnapshotOptions
	orphans   map[string]bool // ids; nil until first used
	users     map[string][]*Object
	referrers map[string]*spec.Resource // by name or id of the snapshot
	list      []*SnapshotInfo
}

// indexUses finds the sandboxes that use each snapshot.
func (x *snapshotLister) indexUses() {
	x.users, x.referrers = map[string][]*Object{}, map[string]*spec.Resource{}
	for _, o := range x.owner.world.Objects[spec.SandboxKind] {
		if name := o.Snapshot(); name != "" && !o.Deleting() {
			x.users[name] = append(x.users[name], o)
		}
	}
	for _, r := range x.owner.fleet.Resources {
		for _, u := range r.ExternalRefs {
			if u.Kind == spec.SnapshotKind {
				x.referrers[u.Name] = r
			}
		}
	}
}

// settledRole returns the role of a former version: the one that removed gives it, if it
// lists the version, or else role.
func (x *snapshotLister) settledRole(o *Object, role SnapshotRole) SnapshotRole {
	f, a := x.owner.fleet, spec.Address{Kind: spec.SnapshotKind, Key: o.Name}
	switch {
	case f.IsReleased(a):
		return SnapshotReleased
	case f.IsRemoved(a.Kind, a.Key):
		return SnapshotRemoved
	}
	return role
}

// addOther adds a snapshot that is no former version of a declared one. r declares it; nil
// if none does.
func (x *snapshotLister) addOther(o *Object, r *spec.Resource, opts SnapshotOptions) {
	if x.orphans == nil {
		x.orphans = map[string]bool{}
		for _, orphan := range x.owner.world.OrphanSnapshots(x.owner.fleet, opts.Creations) {
			x.orphans[orphan.ID] = true
		}
	}
	_, removedOwned, removed := x.owner.removedVersion(o)
	switch f := x.owner.fleet; {
	case o.Shared:
		x.add(o, SnapshotGeneral, nil, false)
	case r != nil && r.PinnedVersion() != "":
		x.add(o, SnapshotPinned, r, x.owner.ownsVersion(r, o))
	case r != nil:
		x.add(o, SnapshotCurrent, r, x.owner.ownsDeclared(r, o))
	case f.IsReleased(spec.Address{Kind: spec.SnapshotKind, Key: o.Name}):
		x.add(o, SnapshotReleased, nil, false)
	case f.Owned(spec.SnapshotKind, o.Name), removed && removedOwned:
		x.add(o, SnapshotRemoved, nil, true)
	case removed:
		x.add(o, SnapshotUnproven, nil, false)
	case x.orphans[o.ID]:
		x.add(o, SnapshotOrphan, nil, true)
	default:
		x.add(o, SnapshotOther, nil, false)
	}
}

// add adds a snapshot.
func (x *snapshotLister) add(o *Object, role SnapshotRole, r *spec.Resource, owned bool) {
	s := &SnapshotInfo{Object: o, Role: role, Declared: r, Owned: owned, Referrer: cmp.Or(x.referrers[o.Name], x.referrers[o.ID])}
	s.Users = slices.SortedFunc(slices.Values(x.users[o.Name]), func(a, b *Object) int { return cmp.Compare(a.Name, b.Name) })
	x.list = append(x.list, s)
}

// compareSnapshots orders the snapshots of a fleet before the others.
func compareSnapshots(a, b *SnapshotInfo) int {
	switch {
	case a.Declared == nil && b.Declared == nil:
		return cmp.Or(compareBool(a.Shared, b.Shared), spec.CompareKeys(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	case a.Declared == nil || b.Declared == nil:
		return compareBool(a.Declared == nil, b.Declared == nil)
	}
	return cmp.Or(
		spec.CompareKeys(a.Declared.Key, b.Declared.Key), compareBool(!a.IsDeclared(), !b.IsDeclared()),
		b.Created.Compare(a.Created), cmp.Compare(a.Name, b.Name),
	)
}

// IsDeclared reports whether the spec declares the snapshot, or pins it.
func (s *SnapshotInfo) IsDeclared() bool {
	return s.Role == SnapshotCurrent || s.Role == SnapshotPinned
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
