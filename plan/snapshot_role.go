package plan

import (
	"fleet/spec"
)

// A SnapshotRole is what an observed snapshot is to a fleet.
type SnapshotRole string

// The roles of snapshots.
const (
	SnapshotCurrent  SnapshotRole = "current"  // the spec declares it
	SnapshotPinned   SnapshotRole = "pinned"   // a version that the spec pins
	SnapshotUnpinned SnapshotRole = "unpinned" // the version of the declared content, while another one is pinned
	SnapshotKept     SnapshotRole = "kept"     // a former version that is kept for a rollback
	SnapshotFormer   SnapshotRole = "former"   // a former version that apply deletes when no sandbox uses it
	SnapshotUnset    SnapshotRole = "unset"    // a version that may be the declared one, since values of the spec are not set
	SnapshotTrial    SnapshotRole = "trial"    // the temporary snapshot of a replacement that was interrupted or is under way
	SnapshotUnproven SnapshotRole = "unproven" // it has the name of a version, and nothing proves that the fleet owns it
	SnapshotRemoved  SnapshotRole = "removed"  // apply deletes it: removed lists it, or owns matches it
	SnapshotReleased SnapshotRole = "released" // removed lists it with destroy: false
	SnapshotOrphan   SnapshotRole = "orphaned" // the fleet created it, and the spec no longer declares it
	SnapshotOther    SnapshotRole = "other"    // the fleet is not known to own it
	SnapshotGeneral  SnapshotRole = "general"  // the platform shares it
)

// formerRole returns the role of a former version of r. kept counts the versions that are
// kept for a rollback, up to keep.
func (s *snapshotOwner) formerRole(r *spec.Resource, o *Object, keep int, kept *int) SnapshotRole {
	if _, isTrial := r.TrialVersionIn(o.Name); isTrial {
		if s.provesVersion(r, o) {
			return SnapshotTrial
		}
		return SnapshotUnproven
	}
	version, hasVersion := r.VersionIn(o.Name)
	content := r.ContentVersion()
	switch owned := s.ownsVersion(r, o); {
	case !owned && (!r.Versioned() || !hasVersion):
		return SnapshotOther
	case !owned:
		return SnapshotUnproven
	case o.Failed:
	case r.PinnedVersion() != "" && (version == content || content == ""): // needed once the pin is removed
		return SnapshotUnpinned
	case *kept < keep:
		*kept++
		return SnapshotKept
	}
	return SnapshotFormer
}

// removedVersion returns the entry of removed that stands for a snapshot as one of the
// versions of a snapshot that the spec no longer declares. owned reports whether the fleet
// is known to own it.
func (s *snapshotOwner) removedVersion(o *Object) (entry spec.Address, owned, ok bool) {
	entry, version, trial, ok := s.fleet.RemovedVersion(o.Name)
	if !ok || o.Shared || o.Deleting() || s.fleet.IsReleased(spec.Address{Kind: spec.SnapshotKind, Key: o.Name}) {
		return spec.Address{}, false, false
	}
	proven := o.ProvesVersion(version, s.world.Facts)
	return entry, proven || !trial && s.ownsUnused(o), true
}
