package world

import (
	"cmp"
	"slices"
	"time"
)

// The states of a snapshot.
const (
	SnapshotPending  = "pending"
	snapshotPulling  = "pulling"
	snapshotBuilding = "building"
	SnapshotActive   = "active"
	SnapshotInactive = "inactive"
	SnapshotRemoving = "removing"

	// SnapshotIdleLimit is the time without use after which a snapshot becomes
	// inactive.
	SnapshotIdleLimit = 14 * 24 * time.Hour
	// ReactivationDelay is the time for which an inactive snapshot cannot be activated
	// again.
	ReactivationDelay = 10 * time.Minute
)

// stepSnapshot executes the due step of a snapshot.
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

// startSnapshot starts the pull or the build of a snapshot.
func (w *World) startSnapshot(s *Snapshot) {
	s.InitialRunnerID = new(RunnerID)
	if w.isBeingBuilt(s) {
		s.State, s.ErrorReason = StateBuildFailed, new("An operation is already in progress for this resource")
		return
	}
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

// finishSnapshot ends the pull or the build of a snapshot.
func (w *World) finishSnapshot(s *Snapshot) {
	if why := w.planBuild(s.BuildInfo).Failure; s.Failure == nil && why != "" {
		s.Failure = &Failure{Reason: why}
	}
	if s.Failure != nil {
		s.State, s.ErrorReason, s.Failure = StateError, new(s.Failure.Reason), nil
		return
	}
	s.State = SnapshotActive
	s.LastUsedAt = new(w.Now)
	if s.BuildInfo != nil {
		s.BuiltAt = w.builtAt(s.BuildInfo)
		w.markBuilt(s.BuildInfo)
		return
	}
	s.Size = new(0.5)
	s.Ref = new(imageRef(s.ImageName))
}

// ChangedSnapshot updates the modification time, the timer and the journal. It must
// follow every change of a snapshot.
func (w *World) ChangedSnapshot(s *Snapshot) {
	s.UpdatedAt = w.Now
	w.RearmSnapshot(s)
}

// RearmSnapshot sets the timer of a snapshot, marks it for the journal and publishes a
// new state.
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

// snapshotIdleDeadline returns when an unused snapshot becomes inactive, or nil if it
// does not.
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

// Schedule starts the timer of a pending snapshot, if there is a runner.
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

// SnapshotsNamed returns the snapshots with that id or name, the organisation's own
// first.
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
