package world

import "time"

// IsSpreading reports whether a built snapshot has not reached the runners yet. It is
// active and cannot be used.
func (w *World) IsSpreading(s *Snapshot) bool {
	if s.BuiltAt == nil {
		return false
	}
	if takes, err := time.ParseDuration(w.Org.SnapshotSpread); err == nil {
		return w.Now.Before(s.BuiltAt.Add(takes))
	}
	every := w.Delays.SnapshotSpread
	return every > 0 && w.Now.Before(s.BuiltAt.Truncate(every).Add(every))
}

// builtAt returns the time of the build that just ended for a snapshot. It is nil if the
// image was built for a sandbox before, whose runner has it.
func (w *World) builtAt(b *BuildInfo) *Instant {
	if !w.built[b.SnapshotRef] {
		return new(w.Now)
	}
	for _, s := range w.Snapshots {
		if s.BuildInfo.ref() == b.SnapshotRef && s.BuiltAt != nil {
			return s.BuiltAt
		}
	}
	return nil
}
