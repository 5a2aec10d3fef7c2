package emulator

import "time"

const (
	snapshotPending  = "pending"
	snapshotPulling  = "pulling"
	snapshotBuilding = "building"
	snapshotActive   = "active"
	snapshotInactive = "inactive"
	snapshotRemoving = "removing"

	// unusedSnapshots become inactive after this time.
	unusedSnapshots = 14 * 24 * time.Hour
	// deactivationTakes is how long an inactive one cannot be activated again.
	deactivationTakes = 10 * time.Minute
)

// stepSnapshot does what is due for a snapshot.
func (w *world) stepSnapshot(s *snapshot) {
	if s.Due == nil || s.Due.After(w.now.Time) {
		if idle := idleSnapshot(s); idle != nil && !idle.After(w.now.Time) {
			s.State = snapshotInactive
		}
		w.changedSnapshot(s)
		return
	}
	s.Due = nil
	switch s.State {
	case snapshotPending:
		w.process(s)
	case snapshotPulling, snapshotBuilding:
		w.finish(s)
	case snapshotRemoving:
		delete(w.snapshots, s.ID)
		w.alarms.set(recordKey{kindSnapshot, s.ID}, nil)
		w.mark(kindSnapshot, s.ID)
		w.tell(s, s.told, "")
		return
	}
	w.changedSnapshot(s)
}

func (w *world) process(s *snapshot) {
	s.InitialRunnerID = ptr(theRunnerID)
	if s.BuildInfo == nil {
		s.State = snapshotPulling
		s.Due = ptr(w.now.plus(rest(w.delays.SnapshotPull)))
		return
	}
	s.State = snapshotBuilding
	takes := rest(w.delays.Build)
	if w.built[s.BuildInfo.SnapshotRef] {
		takes = 0
	}
	s.Due = ptr(w.now.plus(takes))
}

func (w *world) finish(s *snapshot) {
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
		at = idleSnapshot(s)
	}
	w.alarms.set(recordKey{kindSnapshot, s.ID}, at)
	w.mark(kindSnapshot, s.ID)
	if s.State != s.told {
		w.tell(s, s.told, s.State)
		s.told = s.State
	}
}

// idleSnapshot is when nobody will have used an active snapshot for too long.
func idleSnapshot(s *snapshot) *instant {
	if s.State != snapshotActive || s.General {
		return nil
	}
	used := s.CreatedAt
	if s.LastUsedAt != nil {
		used = later(used, *s.LastUsedAt)
	}
	return ptr(used.plus(unusedSnapshots))
}
