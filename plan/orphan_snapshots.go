package plan

import (
	"cmp"
	"slices"

	"fleet/spec"
)

// A OrphanSnapshot is a snapshot that is known to be the fleet's and that its spec
// neither declares nor removes, as after its name was changed: nothing deletes it.
type OrphanSnapshot struct {
	Address spec.Address `json:"address"` // under which removed can list it
	Name    string       `json:"name"`
	ID      string       `json:"id"`
}

// OrphanSnapshots returns the snapshots that the fleet has left behind, by name.
// Known to be the fleet's are those that created records, and those that a
// sandbox of the fleet was made from while its spec declared them.
func (w *World) OrphanSnapshots(f *spec.Fleet, created []Creation) []OrphanSnapshot {
	if slices.ContainsFunc(f.Resources, (*spec.Resource).SnapshotUnset) {
		return nil // one of them may be that
	}
	declared, used := f.ByName(spec.SnapshotKind), map[string]bool{}
	for _, r := range f.Resources {
		for _, u := range r.ExternalRefs {
			used[u.Name] = used[u.Name] || u.Kind == spec.SnapshotKind
		}
	}
	sources := map[string]bool{}
	for o, ownership := range w.Ownerships(f) {
		if ownership.Owned() && o.FromDeclaredSnapshot() {
			sources[o.Snapshot()] = true
		}
	}
	var list []OrphanSnapshot
	for _, o := range w.Objects[spec.SnapshotKind] {
		at := spec.Address{Kind: spec.SnapshotKind, Key: o.Name}
		wanted := declared[o.Name] != nil || used[o.Name] || used[o.ID]
		settled := f.Owned(at.Kind, o.Name) || f.IsReleased(at) // by removed or owns
		if !o.Shared && !o.Deleting() && !wanted && !settled && (sources[o.Name] || isRecorded(created, o)) {
			list = append(list, OrphanSnapshot{at, o.Name, o.ID})
		}
	}
	slices.SortFunc(list, func(a, b OrphanSnapshot) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
