package plan

import (
	"time"

	"fleet/spec"
)

// isVersionUnknown reports whether the spec does not show which version of a snapshot is
// the declared one, so that each may be.
func isVersionUnknown(r *spec.Resource) bool { return r.Versioned() && r.Version() == "" }

// provesVersion reports whether the content of a former version of r, or of a trial of it,
// is that of its name.
func (w *World) provesVersion(r *spec.Resource, o *Object) bool {
	version, ok := r.VersionIn(o.Name)
	if !ok {
		version, ok = r.TrialVersionIn(o.Name)
	}
	return ok && o.ProvesVersion(version, w.Facts)
}

// ownsVersion reports whether the fleet is known to own a former version of r.
func (c *planner) ownsVersion(r *spec.Resource, o *Object) bool {
	_, ok := r.VersionIn(o.Name)
	switch {
	case !ok: // it was created before the snapshot had versions
		return c.ownsSnapshot(o)
	case !r.Versioned(): // another fleet may have a snapshot with versions of this name
		return c.world.provesVersion(r, o) && c.ownsSnapshot(o)
	}
	return c.world.provesVersion(r, o) || isRecorded(c.opts.Creations, o) || c.fleet.Owned(spec.SnapshotKind, o.Name)
}

// mayBeOfOthers reports whether a former version may be one that another run is about to
// use: it is being built, or it is new and only its content shows that it is a version of
// this name. Another fleet may have a snapshot of this name, too.
func (c *planner) mayBeOfOthers(o *Object) bool {
	isRecent := !c.world.ObservedAt.IsZero() && c.world.ObservedAt.Sub(o.Created) < recentVersion
	return !c.ownsSnapshot(o) && (!o.Settled() && !o.Failed || isRecent)
}

// recentVersion is how long a version may exist before the run that created it has
// created sandboxes from it.
const recentVersion = 10 * time.Minute

// isPlannedAsVersion reports whether planFormerVersions plans what happens to a snapshot
// that the spec does not declare.
func (c *planner) isPlannedAsVersion(bases, declared map[string]*spec.Resource, o *Object) bool {
	r := formerVersionOf(bases, declared, o)
	return r != nil && (r.Versioned() || c.world.provesVersion(r, o)) && !c.fleet.IsRemoved(spec.SnapshotKind, o.Name)
}

// KnownVersions returns the former versions that the fleet is known to own, by their
// content or by created, and those of which each may be the declared one.
func (w *World) KnownVersions(f *spec.Fleet, created []Creation) map[*Object]bool {
	c := &planner{fleet: f, world: w, opts: Options{Creations: created}}
	known := w.UndeterminedVersions(f)
	for r, versions := range w.formerVersions(f) {
		for _, o := range versions {
			known[o] = known[o] || c.ownsVersion(r, o)
		}
	}
	return known
}

// UndeterminedVersions returns the snapshots of which each may be the one that f declares,
// since f depends on values that are not set.
func (w *World) UndeterminedVersions(f *spec.Fleet) map[*Object]bool {
	undetermined := map[*Object]bool{}
	for r, versions := range w.formerVersions(f) {
		for _, o := range versions {
			if isVersionUnknown(r) {
				undetermined[o] = true
			}
		}
	}
	return undetermined
}
