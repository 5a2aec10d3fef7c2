package emulator

import (
	"cmp"
	"slices"
	"time"
)

const (
	snapshotPending  = "pending"
	snapshotPulling  = "pulling"
	snapshotBuilding = "building"
	snapshotActive   = "active"
	snapshotInactive = "inactive"
	snapshotRemoving = "removing"

	// snapshotIdleLimit become inactive after this time.
	snapshotIdleLimit = 14 * 24 * time.Hour
	// reactivationDelay is how long an inactive one cannot be activated again.
	reactivationDelay = 10 * time.Minute
)

// stepSnapshot does what is due for a snapshot.
func (w *world) stepSnapshot(s *snapshot) {
	if s.Due == nil || s.Due.After(w.now.Time) {
		if idle := snapshotIdleDeadline(s); idle != nil && !idle.After(w.now.Time) {
			s.State = snapshotInactive
		}
		w.changedSnapshot(s)
		return
	}
	s.Due = nil
	switch s.State {
	case snapshotPending:
		w.startSnapshot(s)
	case snapshotPulling, snapshotBuilding:
		w.finishSnapshot(s)
	case snapshotRemoving:
		delete(w.snapshots, s.ID)
		w.timers.set(recordKey{kindSnapshot, s.ID}, nil)
		w.markDirty(kindSnapshot, s.ID)
		w.onStateChange(s, s.publishedState, "")
		return
	}
	w.changedSnapshot(s)
}

func (w *world) startSnapshot(s *snapshot) {
	s.InitialRunnerID = ptr(runnerID)
	if s.BuildInfo == nil {
		s.State = snapshotPulling
		s.Due = ptr(w.now.plus(transitionDelay(w.delays.SnapshotPull)))
		return
	}
	s.State = snapshotBuilding
	takes := transitionDelay(w.delays.Build)
	if w.built[s.BuildInfo.SnapshotRef] {
		takes = 0
	}
	s.Due = ptr(w.now.plus(takes))
}

func (w *world) finishSnapshot(s *snapshot) {
	if why := w.planBuild(s.BuildInfo).failure; s.Failure == nil && why != "" {
		s.Failure = &failure{Reason: why}
	}
	if s.Failure != nil {
		s.State, s.ErrorReason, s.Failure = stateError, ptr(s.Failure.Reason), nil
		return
	}
	s.State = snapshotActive
	s.LastUsedAt = ptr(w.now)
	if s.BuildInfo != nil {
		w.markBuilt(s.BuildInfo)
		return
	}
	s.Size = ptr(0.5)
	s.Ref = ptr(imageRef(s.ImageName))
}

// changedSnapshot must follow every change of a snapshot.
func (w *world) changedSnapshot(s *snapshot) {
	s.UpdatedAt = w.now
	w.rearmSnapshot(s)
}

func (w *world) rearmSnapshot(s *snapshot) {
	at := s.Due
	if at == nil {
		at = snapshotIdleDeadline(s)
	}
	w.timers.set(recordKey{kindSnapshot, s.ID}, at)
	w.markDirty(kindSnapshot, s.ID)
	if s.State != s.publishedState {
		w.onStateChange(s, s.publishedState, s.State)
		s.publishedState = s.State
	}
}

// snapshotIdleDeadline is when nobody will have used an active snapshot for too long.
func snapshotIdleDeadline(s *snapshot) *instant {
	if s.State != snapshotActive || s.General {
		return nil
	}
	used := s.CreatedAt
	if s.LastUsedAt != nil {
		used = later(used, *s.LastUsedAt)
	}
	return ptr(used.plus(snapshotIdleLimit))
}

// isSpreading reports whether a built snapshot has not reached the runners yet.
func (w *world) isSpreading(s *snapshot) bool {
	takes, _ := time.ParseDuration(w.org.SnapshotSpread)
	return s.BuildInfo != nil && w.now.Before(s.UpdatedAt.Add(takes))
}

// schedule lets a pending snapshot go on, if there is a runner to do it.
func (w *world) schedule(s *snapshot) {
	if w.org.NoRunners {
		return
	}
	takes := w.delays.SnapshotPull
	if s.BuildInfo != nil {
		takes = w.delays.Build
	}
	s.Due = ptr(w.now.plus(pickupDelay(takes)))
}

// snapshotsNamed returns the snapshots with that id or name, own ones first.
func (w *world) snapshotsNamed(idOrName string) []*snapshot {
	var found []*snapshot
	for _, s := range w.snapshots {
		if s.ID == idOrName || s.Name == idOrName {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *snapshot) int {
		return cmp.Or(compareBool(a.ID != idOrName, b.ID != idOrName), compareBool(a.General, b.General))
	})
	return found
}
