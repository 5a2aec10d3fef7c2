package plan

import (
	"cmp"
	"slices"
	"sync"

	"fleet/spec"
)

// An OrphanSnapshot is a snapshot that the fleet is known to own and that its spec
// does not declare or remove, for example after a change of its name. Nothing
// deletes it. Former versions of declared snapshots are none: plans name them.
type OrphanSnapshot struct {
	Address spec.Address `json:"address"` // to list under removed in the spec
	Name    string       `json:"name"`    // of the snapshot
	ID      string       `json:"id"`      // of the snapshot
}

// OrphanSnapshots returns the orphan snapshots of the fleet, sorted by name. The fleet
// is known to own a snapshot if created records its creation, or if a sandbox of the
// fleet was made from it while the spec declared it.
func (w *World) OrphanSnapshots(f *spec.Fleet, created []Creation) []OrphanSnapshot {
	unknown := func(r *spec.Resource) bool { return r.SnapshotUnset() || isVersionUnknown(r) }
	if slices.ContainsFunc(f.Resources, unknown) {
		return nil // it may be the name of any of them
	}
	declared, used, versions := f.ByName(spec.SnapshotKind), map[string]bool{}, w.KnownVersions(f, created)
	for _, r := range f.Resources {
		for _, u := range r.ExternalRefs {
			used[u.Name] = used[u.Name] || u.Kind == spec.SnapshotKind
		}
	}
	sources := sync.OnceValue(func() map[string]bool { return w.declaredSources(f) })
	var list []OrphanSnapshot
	for _, o := range w.Objects[spec.SnapshotKind] {
		at := spec.Address{Kind: spec.SnapshotKind, Key: o.Name}
		wanted := declared[o.Name] != nil || used[o.Name] || used[o.ID] || versions[o]
		_, _, _, version := f.RemovedVersion(o.Name)
		settled := version || f.Owned(at.Kind, o.Name) || f.IsReleased(at) // by removed or owns in the spec
		if !o.Shared && !o.Deleting() && !wanted && !settled && (isRecorded(created, o) || sources()[o.Name]) {
			list = append(list, OrphanSnapshot{at, o.Name, o.ID})
		}
	}
	slices.SortFunc(list, func(a, b OrphanSnapshot) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// declaredSources returns the names of the snapshots that sandboxes of the fleet were
// made from while its spec declared them.
func (w *World) declaredSources(f *spec.Fleet) map[string]bool {
	sources := map[string]bool{}
	for o, ownership := range w.Ownerships(f) {
		if ownership.Owned() && o.FromDeclaredSnapshot() {
			sources[o.Snapshot()] = true
		}
	}
	return sources
}
