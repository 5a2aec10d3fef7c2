package emulator

// nextEventAt returns when something happens to a sandbox by itself.
func nextEventAt(sb *sandbox) *instant {
	if sb.Due != nil || sb.Pending {
		return sb.Due
	}
	at, _ := idleDeadline(sb)
	return at
}

// idleDeadline returns when a settled sandbox stops, archives or deletes itself, and
// which of these it does. The intervals count from the last activity.
func idleDeadline(sb *sandbox) (*instant, func(*world, *sandbox)) {
	if sb.DesiredState == stateDestroyed {
		return nil, nil
	}
	var at *instant
	var do func(*world, *sandbox)
	consider := func(t instant, f func(*world, *sandbox)) {
		if at == nil || t.Before(at.Time) {
			at, do = &t, f
		}
	}
	switch {
	case sb.State == stateStarted && sb.AutoStop > 0:
		consider(sb.LastActivityAt.plusMinutes(sb.AutoStop), (*world).stop)
	case sb.State == stateStopped:
		if sb.AutoArchive > 0 && sb.AutoDelete != 0 {
			consider(sb.LastActivityAt.plusMinutes(sb.AutoArchive), (*world).archive)
		}
		if sb.AutoDelete >= 0 {
			consider(sb.LastActivityAt.plusMinutes(sb.AutoDelete), (*world).softDelete)
		}
	}
	if sb.AutoDestroyAt != nil && !sb.errored() {
		consider(*sb.AutoDestroyAt, (*world).softDelete)
	}
	return at, do
}

// applyIdleTimers does what the intervals of a settled sandbox ask for.
func (w *world) applyIdleTimers(sb *sandbox) {
	at, do := idleDeadline(sb)
	if at == nil || at.After(w.now.Time) || sb.Pending {
		w.rearm(sb)
		return
	}
	do(w, sb)
}

// stop of an ephemeral sandbox is its deletion.
func (w *world) stop(sb *sandbox) {
	if sb.AutoDelete == 0 {
		w.softDelete(sb)
		return
	}
	sb.DesiredState, sb.Pending = stateStopped, true
	sb.Due = ptr(w.afterJob(sb).plus(pickupDelay(w.delays.Stop)))
	w.changed(sb)
}

// archive leaves the sandbox not pending: it can still be started or deleted.
func (w *world) archive(sb *sandbox) {
	sb.State, sb.DesiredState = stateArchiving, stateArchived
	sb.LastActivityAt = w.now
	sb.Due = ptr(w.now.plus(w.delays.Archive))
	w.changed(sb)
}

func (w *world) start(sb *sandbox) {
	sb.DesiredState, sb.Pending = stateStarted, true
	from := w.afterJob(sb)
	switch sb.State {
	case stateArchived:
		sb.Due = ptr(from.plus(pickupDelay(w.delays.Restore)))
	case stateArchiving:
		sb.Due = ptr(from.plus(w.delays.Start))
	default:
		sb.Due = ptr(from.plus(pickupDelay(w.delays.Start)))
	}
	w.changed(sb)
}

// afterJob is when the runner is free for the next job of this sandbox.
func (w *world) afterJob(sb *sandbox) instant {
	if sb.JobUntil == nil {
		return w.now
	}
	return later(w.now, *sb.JobUntil)
}

// jobRunning reports whether the runner is busy with the sandbox.
func (w *world) jobRunning(sb *sandbox) bool {
	if sb.JobUntil != nil && w.now.Before(sb.JobUntil.Time) {
		return true
	}
	switch sb.State {
	case statePendingBuild, stateArchived, stateArchiving:
		return false
	}
	return sb.Pending
}
