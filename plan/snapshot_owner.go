package plan

import (
	"fleet/spec"
)

// A snapshotOwner determines which snapshots a fleet is known to own. Snapshots carry no
// labels: their contents, their users, the spec and the records of this machine have to
// prove it.
type snapshotOwner struct {
	fleet     *spec.Fleet
	world     *World
	creations []Creation // recorded on this machine
	used      map[string]bool
}

// newSnapshotOwner returns the snapshotOwner of a fleet.
func newSnapshotOwner(f *spec.Fleet, w *World, creations []Creation) *snapshotOwner {
	return &snapshotOwner{fleet: f, world: w, creations: creations}
}

// owns reports whether the fleet is known to own a snapshot with a declared name: a
// sandbox of the fleet was made from it, it matches owns in the spec, or a record
// of its creation proves it.
func (s *snapshotOwner) owns(o *Object) bool {
	if s.used == nil {
		s.used = map[string]bool{}
		for user, ownership := range s.world.Ownerships(s.fleet) {
			if ownership.Owned() {
				s.used[user.Snapshot()] = true
			}
		}
	}
	return s.used[o.Name] || s.ownsUnused(o)
}

// ownsUnused is owns without the proof by a sandbox of the fleet.
func (s *snapshotOwner) ownsUnused(o *Object) bool {
	return s.fleet.Owned(spec.SnapshotKind, o.Name) || isRecorded(s.creations, o)
}

// provesVersion reports whether the content of a former version of r, or of a trial of it,
// is that of its name.
func (s *snapshotOwner) provesVersion(r *spec.Resource, o *Object) bool {
	version, ok := r.VersionIn(o.Name)
	if !ok {
		version, ok = r.TrialVersionIn(o.Name)
	}
	return ok && o.ProvesVersion(version, s.world.Facts)
}

// ownsVersion reports whether the fleet is known to own a former version of r.
func (s *snapshotOwner) ownsVersion(r *spec.Resource, o *Object) bool {
	_, ok := r.VersionIn(o.Name)
	switch {
	case !ok: // it was created before the snapshot had versions
		return s.owns(o)
	case !r.Versioned(): // another fleet may have a snapshot with versions of this name
		return s.provesVersion(r, o) && s.owns(o)
	}
	return s.provesVersion(r, o) || s.ownsUnused(o)
}

// ownsDeclared reports whether the fleet is known to own the snapshot that r declares.
func (s *snapshotOwner) ownsDeclared(r *spec.Resource, o *Object) bool {
	if r.Versioned() {
		return s.ownsVersion(r, o)
	}
	return s.owns(o)
}
