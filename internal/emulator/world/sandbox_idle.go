package world

// nextEventAt returns the time of the next transition of a sandbox without a request,
// or nil.
func nextEventAt(sb *Sandbox) *Instant {
	if sb.Due != nil || sb.Pending {
		return sb.Due
	}
	at, _ := idleDeadline(sb)
	return at
}

// idleDeadline returns when a settled sandbox is stopped, archived or deleted
// automatically, and the function that does so. The intervals count from the last
// activity. Both are nil if no interval applies.
func idleDeadline(sb *Sandbox) (*Instant, func(*World, *Sandbox)) {
	if sb.DesiredState == StateDestroyed {
		return nil, nil
	}
	var at *Instant
	var do func(*World, *Sandbox)
	consider := func(t Instant, f func(*World, *Sandbox)) {
		if at == nil || t.Before(at.Time) {
			at, do = &t, f
		}
	}
	switch {
	case sb.State == StateStarted && sb.AutoStop > 0:
		consider(sb.LastActivityAt.PlusMinutes(sb.AutoStop), (*World).Stop)
	case sb.State == StateStopped:
		if sb.AutoArchive > 0 && sb.AutoDelete != 0 {
			consider(sb.LastActivityAt.PlusMinutes(sb.AutoArchive), (*World).Archive)
		}
		if sb.AutoDelete >= 0 {
			consider(sb.LastActivityAt.PlusMinutes(sb.AutoDelete), (*World).SoftDelete)
		}
	}
	if sb.AutoDestroyAt != nil && !sb.Errored() {
		consider(*sb.AutoDestroyAt, (*World).SoftDelete)
	}
	return at, do
}

// applyIdleTimers stops, archives or deletes a settled sandbox whose interval has
// passed.
func (w *World) applyIdleTimers(sb *Sandbox) {
	at, do := idleDeadline(sb)
	if at == nil || at.After(w.Now.Time) || sb.Pending {
		w.Rearm(sb)
		return
	}
	do(w, sb)
}

// Stop starts to stop a sandbox. An ephemeral sandbox is deleted.
func (w *World) Stop(sb *Sandbox) {
	if sb.AutoDelete == 0 {
		w.SoftDelete(sb)
		return
	}
	sb.DesiredState, sb.Pending = StateStopped, true
	sb.Due = new(w.afterJob(sb).Plus(PickupDelay(w.Delays.Stop)))
	w.Changed(sb)
}

// Archive starts to archive a sandbox. The sandbox is not pending: it can still be
// started or deleted.
func (w *World) Archive(sb *Sandbox) {
	sb.State, sb.DesiredState = StateArchiving, StateArchived
	sb.LastActivityAt = w.Now
	sb.Due = new(w.Now.Plus(w.Delays.Archive))
	w.Changed(sb)
}

// Start starts or restores a sandbox.
func (w *World) Start(sb *Sandbox) {
	sb.DesiredState, sb.Pending = StateStarted, true
	from := w.afterJob(sb)
	switch sb.State {
	case StateArchived:
		sb.Due = new(from.Plus(PickupDelay(w.Delays.Restore)))
	case StateArchiving:
		sb.Due = new(from.Plus(w.Delays.Start))
	default:
		sb.Due = new(from.Plus(PickupDelay(w.Delays.Start)))
	}
	w.Changed(sb)
}

// afterJob returns when the runner is available for the next job of this sandbox.
func (w *World) afterJob(sb *Sandbox) Instant {
	if sb.JobUntil == nil {
		return w.Now
	}
	return later(w.Now, *sb.JobUntil)
}

// JobRunning reports whether the runner is busy with the sandbox.
func (w *World) JobRunning(sb *Sandbox) bool {
	if sb.JobUntil != nil && w.Now.Before(sb.JobUntil.Time) {
		return true
	}
	switch sb.State {
	case StatePendingBuild, StateArchived, StateArchiving:
		return false
	}
	return sb.Pending
}
