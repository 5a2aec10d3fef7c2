package world

import (
	"cmp"
	"slices"
	"time"
)

const (
	SnapshotPending  = "pending"
	snapshotPulling  = "pulling"
	snapshotBuilding = "building"
	SnapshotActive   = "active"
	SnapshotInactive = "inactive"
	SnapshotRemoving = "removing"

	// snapshotIdleLimit become inactive after this time.
	SnapshotIdleLimit = 14 * 24 * time.Hour
	// reactivationDelay is how long an inactive one cannot be activated again.
	ReactivationDelay = 10 * time.Minute
)

// stepSnapshot does what is due for a snapshot.
func (w *World) stepSnapshot(s *Snapshot) {
	if s.Due == nil || s.Due.After(w.Now.Time) {
		if idle := snapshotIdleDeadline(s); idle != nil && !idle.After(w.Now.Time) {
			s.State = SnapshotInactive
		}
		w.ChangedSnapshot(s)
		return
	}
	s.Due = nil
	switch s.State {
	case SnapshotPending:
		w.startSnapshot(s)
	case snapshotPulling, snapshotBuilding:
		w.finishSnapshot(s)
	case SnapshotRemoving:
		delete(w.Snapshots, s.ID)
		w.Timers.set(RecordKey{KindSnapshot, s.ID}, nil)
		w.MarkDirty(KindSnapshot, s.ID)
		w.onStateChange(s, s.publishedState, "")
		return
	}
	w.ChangedSnapshot(s)
}

func (w *World) startSnapshot(s *Snapshot) {
	s.InitialRunnerID = new(RunnerID)
	if s.BuildInfo == nil {
		s.State = snapshotPulling
		s.Due = new(w.Now.Plus(transitionDelay(w.Delays.SnapshotPull)))
		return
	}
	s.State = snapshotBuilding
	takes := transitionDelay(w.Delays.Build)
	if w.built[s.BuildInfo.SnapshotRef] {
		takes = 0
	}
	s.Due = new(w.Now.Plus(takes))
}

func (w *World) finishSnapshot(s *Snapshot) {
	if why := w.planBuild(s.BuildInfo).failure; s.Failure == nil && why != "" {
		s.Failure = &Failure{Reason: why}
	}
	if s.Failure != nil {
		s.State, s.ErrorReason, s.Failure = StateError, new(s.Failure.Reason), nil
		return
	}
	s.State = SnapshotActive
	s.LastUsedAt = new(w.Now)
	if s.BuildInfo != nil {
		w.markBuilt(s.BuildInfo)
		return
	}
	s.Size = new(0.5)
	s.Ref = new(imageRef(s.ImageName))
}

// changedSnapshot must follow every change of a snapshot.
func (w *World) ChangedSnapshot(s *Snapshot) {
	s.UpdatedAt = w.Now
	w.RearmSnapshot(s)
}

func (w *World) RearmSnapshot(s *Snapshot) {
	at := s.Due
	if at == nil {
		at = snapshotIdleDeadline(s)
	}
	w.Timers.set(RecordKey{KindSnapshot, s.ID}, at)
	w.MarkDirty(KindSnapshot, s.ID)
	if s.State != s.publishedState {
		w.onStateChange(s, s.publishedState, s.State)
		s.publishedState = s.State
	}
}

// snapshotIdleDeadline is when nobody will have used an active snapshot for too long.
func snapshotIdleDeadline(s *Snapshot) *Instant {
	if s.State != SnapshotActive || s.General {
		return nil
	}
	used := s.CreatedAt
	if s.LastUsedAt != nil {
		used = later(used, *s.LastUsedAt)
	}
	return new(used.Plus(SnapshotIdleLimit))
}

// isSpreading reports whether a built snapshot has not reached the runners yet.
func (w *World) IsSpreading(s *Snapshot) bool {
	takes, _ := time.ParseDuration(w.Org.SnapshotSpread)
	return s.BuildInfo != nil && w.Now.Before(s.UpdatedAt.Add(takes))
}

// schedule lets a pending snapshot go on, if there is a runner to do it.
func (w *World) Schedule(s *Snapshot) {
	if w.Org.NoRunners {
		return
	}
	takes := w.Delays.SnapshotPull
	if s.BuildInfo != nil {
		takes = w.Delays.Build
	}
	s.Due = new(w.Now.Plus(PickupDelay(takes)))
}

// snapshotsNamed returns the snapshots with that id or name, own ones first.
func (w *World) SnapshotsNamed(idOrName string) []*Snapshot {
	var found []*Snapshot
	for _, s := range w.Snapshots {
		if s.ID == idOrName || s.Name == idOrName {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *Snapshot) int {
		return cmp.Or(CompareBool(a.ID != idOrName, b.ID != idOrName), CompareBool(a.General, b.General))
	})
	return found
}
