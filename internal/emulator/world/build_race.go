package world

import "time"

// BuildRace returns the duration of the transaction that creates an object with build
// content; 0 means that creations never collide.
func (w *World) BuildRace() time.Duration {
	takes, _ := time.ParseDuration(w.Org.BuildRace)
	return takes
}

// InsertBuild stores build content. It returns false if another request stored the same
// content after this one had arrived, so that both collide.
func (w *World) InsertBuild(b *BuildInfo, arrived Instant) bool {
	if w.BuildRace() == 0 {
		return true
	}
	at, known := w.inserted[b.SnapshotRef]
	if !known {
		w.inserted[b.SnapshotRef] = w.Now
		return true
	}
	return !at.After(arrived.Time)
}

// isBeingBuilt reports whether the image of a snapshot is being built for another object,
// which the runner refuses.
func (w *World) isBeingBuilt(s *Snapshot) bool {
	if w.BuildRace() == 0 || s.BuildInfo == nil {
		return false
	}
	ref := s.BuildInfo.SnapshotRef
	for _, other := range w.Snapshots {
		if other != s && other.State == snapshotBuilding && other.BuildInfo.ref() == ref {
			return true
		}
	}
	for _, sb := range w.Sandboxes.Order {
		if sb.State == StateBuilding && sb.BuildInfo.ref() == ref {
			return true
		}
	}
	return false
}
