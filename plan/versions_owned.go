package plan

import (
	"time"

	"fleet/spec"
)

// isVersionUnknown reports whether the spec does not show which version of a snapshot is
// the declared one, so that each may be.
func isVersionUnknown(r *spec.Resource) bool { return r.Versioned() && r.Version() == "" }

// mayBeOfOthers reports whether a former version may be one that another run is about to
// use: it is being built, or it is new and only its content shows that it is a version of
// this name. Another fleet may have a snapshot of this name, too.
func (c *planner) mayBeOfOthers(o *Object) bool {
	isRecent := !c.world.ObservedAt.IsZero() && c.world.ObservedAt.Sub(o.Created) < recentVersion
	return !c.owner.owns(o) && (!o.Settled() && !o.Failed || isRecent)
}

// recentVersion is how long a version may exist before the run that created it has
// created sandboxes from it.
const recentVersion = 10 * time.Minute

// isPlannedAsVersion reports whether planFormerVersions plans what happens to a snapshot
// that the spec does not declare.
func (c *planner) isPlannedAsVersion(index versionIndex, o *Object) bool {
	r := index.of(o)
	return r != nil && (r.Versioned() || c.owner.provesVersion(r, o)) && !c.fleet.IsRemoved(spec.SnapshotKind, o.Name)
}

// KnownVersions returns the former versions that the fleet is known to own, by their
// content or by created, and the undetermined ones.
func (w *World) KnownVersions(f *spec.Fleet, created []Creation) map[*Object]bool {
	owner := newSnapshotOwner(f, w, created)
	known := map[*Object]bool{}
	for r, versions := range w.formerVersions(f) {
		for _, o := range versions {
			known[o] = isVersionUnknown(r) || owner.ownsVersion(r, o)
		}
	}
	return known
}
