package emulator

import (
	"fmt"
	"time"
)

// statePair is the pair that decides what a pending sandbox does next.
type statePair struct{ state, desired string }

// step is the next state and how long it lasts. A step into a settled state
// ends the transition.
type step struct {
	to       string
	duration func(Delays) time.Duration
}

// steps is the state machine of a sandbox, without the ends in failure.
var steps = map[statePair]step{
	{stateUnknown, stateStarted}:      {stateCreating, func(d Delays) time.Duration { return transitionDelay(d.Create) }},
	{statePendingBuild, stateStarted}: {stateBuilding, func(d Delays) time.Duration { return transitionDelay(d.Build) }},
	{stateBuilding, stateStarted}:     {stateCreating, func(d Delays) time.Duration { return d.Create }},
	{stateCreating, stateStarted}:     {to: stateStarted},
	{stateStarted, stateStopped}:      {stateStopping, func(d Delays) time.Duration { return transitionDelay(d.Stop) }},
	{stateStopping, stateStopped}:     {to: stateStopped},
	{stateStopped, stateStarted}:      {stateStarting, func(d Delays) time.Duration { return transitionDelay(d.Start) }},
	{stateStarting, stateStarted}:     {to: stateStarted},
	{stateStarting, stateStopped}:     {to: stateStopped},
	{stateArchiving, stateArchived}:   {to: stateArchived},
	{stateArchiving, stateStarted}:    {to: stateStarted},
	{stateArchived, stateStarted}:     {stateRestoring, func(d Delays) time.Duration { return transitionDelay(d.Restore) }},
	{stateRestoring, stateStarted}:    {to: stateStarted},
	{stateResizing, stateStarted}:     {to: stateStarted},
	{stateResizing, stateStopped}:     {to: stateStopped},
	{stateStarted, stateDestroyed}:    {stateDestroying, func(d Delays) time.Duration { return transitionDelay(d.Delete) }},
	{stateStopped, stateDestroyed}:    {stateDestroying, func(d Delays) time.Duration { return transitionDelay(d.Delete) }},

	{stateDestroying, stateDestroyed}:   {to: stateDestroyed},
	{stateArchived, stateDestroyed}:     {to: stateDestroyed},
	{stateArchiving, stateDestroyed}:    {to: stateDestroyed},
	{statePendingBuild, stateDestroyed}: {to: stateDestroyed},
}

// A delay is split in two: the API has accepted the call but the worker has not
// noticed (notice), and the visible transition (rest).
func pickupDelay(d time.Duration) time.Duration     { return d / 4 }
func transitionDelay(d time.Duration) time.Duration { return d - pickupDelay(d) }

// stepSandbox does what is due: the next step of a transition, or what the
// sandbox's own intervals ask for.
func (w *world) stepSandbox(sb *sandbox) {
	if sb.Due == nil || sb.Due.After(w.now.Time) {
		w.applyIdleTimers(sb)
		return
	}
	if sb.State == statePendingBuild && sb.DesiredState == stateStarted && w.built[sb.BuildInfo.ref()] {
		sb.State = stateBuilding
	}
	next, ok := steps[statePair{sb.State, sb.DesiredState}]
	switch {
	case next.to == stateDestroyed, !ok && sb.DesiredState == stateDestroyed:
		w.removeSandbox(sb)
	case !ok:
		sb.Due = nil
		w.rearm(sb)
	case sb.State == stateResizing:
		w.endResize(sb)
	case sb.Failure != nil && next.duration == nil:
		w.fail(sb, stateError)
	case sb.State == stateBuilding:
		w.endBuild(sb, next)
	default:
		w.applyStep(sb, next)
	}
}

// endBuild lets a build fail, if it does, or the sandbox go on.
func (w *world) endBuild(sb *sandbox, next step) {
	if why := w.planBuild(sb.BuildInfo).failure; why != "" {
		sb.Failure = &failure{Reason: why}
		w.fail(sb, stateBuildFailed)
		return
	}
	w.markBuilt(sb.BuildInfo)
	w.applyStep(sb, next)
}

// applyStep moves a sandbox one step on.
func (w *world) applyStep(sb *sandbox, next step) {
	sb.State = next.to
	sb.LastActivityAt = w.now
	if next.duration != nil {
		if sb.RunnerID == nil {
			sb.RunnerID = ptr(runnerID)
		}
		sb.Due = ptr(w.now.plus(next.duration(w.delays)))
		w.changed(sb)
		return
	}
	sb.Due, sb.Pending = nil, false
	switch next.to {
	case stateStarted:
		sb.RunnerID = ptr(runnerID)
		sb.DaemonVersion = ptr("v" + Version190)
		sb.BackupState = "None"
		sb.AuthToken = newToken()
	case stateArchived:
		sb.RunnerID = nil
		sb.BackupState = "Completed"
		sb.BackupCreatedAt = ptr(w.now)
	}
	w.changed(sb)
}

func (w *world) fail(sb *sandbox, state string) {
	sb.State = state
	sb.ErrorReason = ptr(sb.Failure.Reason)
	sb.Recoverable = sb.Failure.Recoverable
	sb.LastActivityAt = w.now
	sb.Due, sb.Failure, sb.Pending = nil, nil, false
	w.changed(sb)
}

// endResize applies the new sizes; a failed one leaves no trace at all.
func (w *world) endResize(sb *sandbox) {
	if sb.Failure == nil && sb.Resize != nil {
		sb.CPU, sb.Memory, sb.Disk = sb.Resize.CPU, sb.Resize.Memory, sb.Resize.Disk
	}
	sb.State = sb.DesiredState
	sb.LastActivityAt = w.now
	sb.Due, sb.Resize, sb.Failure, sb.Pending = nil, nil, nil, false
	w.changed(sb)
}

// softDelete renames a sandbox at once, which frees its name, and lets it and
// the sandboxes linked to it be destroyed.
func (w *world) softDelete(sb *sandbox) {
	w.deletedNames[sb.Name] = w.now.plus(nameCacheTTL)
	w.sandboxes.rename(sb, fmt.Sprintf("DESTROYED_%s_%d", sb.Name, w.now.UnixMilli()))
	sb.DesiredState = stateDestroyed
	sb.BackupState = "None"
	sb.Failure = nil
	switch sb.State {
	case stateError, stateBuildFailed:
		sb.Due, sb.Pending = nil, false
	case statePendingBuild, stateArchived, stateArchiving:
		sb.Due, sb.Pending = ptr(w.now.plus(w.delays.Delete)), true
	default:
		sb.Due, sb.Pending = ptr(w.now.plus(pickupDelay(w.delays.Delete))), true
	}
	w.changed(sb)
	for _, id := range w.dependents[sb.ID] {
		if f := w.sandboxes.byID[id]; f != nil && f.DesiredState != stateDestroyed {
			w.softDelete(f)
		}
	}
	delete(w.dependents, sb.ID)
}
