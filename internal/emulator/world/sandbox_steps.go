package world

import (
	"fmt"
	"time"
)

// statePair determines the next step of a pending sandbox.
type statePair struct{ state, desired string }

// step is the next state and its duration. A step without a duration ends the
// transition.
type step struct {
	to       string
	duration func(Delays) time.Duration
}

// steps is the state machine of a sandbox, without failures.
var steps = map[statePair]step{
	{StateUnknown, StateStarted}:      {StateCreating, func(d Delays) time.Duration { return transitionDelay(d.Create) }},
	{StatePendingBuild, StateStarted}: {StateBuilding, func(d Delays) time.Duration { return transitionDelay(d.Build) }},
	{StateBuilding, StateStarted}:     {StateCreating, func(d Delays) time.Duration { return d.Create }},
	{StateCreating, StateStarted}:     {to: StateStarted},
	{StateStarted, StateStopped}:      {StateStopping, func(d Delays) time.Duration { return transitionDelay(d.Stop) }},
	{StateStopping, StateStopped}:     {to: StateStopped},
	{StateStopped, StateStarted}:      {StateStarting, func(d Delays) time.Duration { return transitionDelay(d.Start) }},
	{StateStarting, StateStarted}:     {to: StateStarted},
	{StateStarting, StateStopped}:     {to: StateStopped},
	{StateArchiving, StateArchived}:   {to: StateArchived},
	{StateArchiving, StateStarted}:    {to: StateStarted},
	{StateArchived, StateStarted}:     {StateRestoring, func(d Delays) time.Duration { return transitionDelay(d.Restore) }},
	{StateRestoring, StateStarted}:    {to: StateStarted},
	{StateResizing, StateStarted}:     {to: StateStarted},
	{StateResizing, StateStopped}:     {to: StateStopped},
	{StateStarted, StateDestroyed}:    {StateDestroying, func(d Delays) time.Duration { return transitionDelay(d.Delete) }},
	{StateStopped, StateDestroyed}:    {StateDestroying, func(d Delays) time.Duration { return transitionDelay(d.Delete) }},

	{StateDestroying, StateDestroyed}:   {to: StateDestroyed},
	{StateArchived, StateDestroyed}:     {to: StateDestroyed},
	{StateArchiving, StateDestroyed}:    {to: StateDestroyed},
	{StatePendingBuild, StateDestroyed}: {to: StateDestroyed},
}

// PickupDelay returns the part of a delay that passes until a worker picks up the
// accepted request.
func PickupDelay(d time.Duration) time.Duration { return d / 4 }

// transitionDelay returns the part of a delay that the visible transition takes.
func transitionDelay(d time.Duration) time.Duration { return d - PickupDelay(d) }

// stepSandbox executes the due step of a sandbox: the next step of its transition, or
// the effect of its idle intervals.
func (w *World) stepSandbox(sb *Sandbox) {
	if sb.Due == nil || sb.Due.After(w.Now.Time) {
		w.applyIdleTimers(sb)
		return
	}
	if sb.State == StatePendingBuild && sb.DesiredState == StateStarted && w.built[sb.BuildInfo.ref()] {
		sb.State = StateBuilding
	}
	next, ok := steps[statePair{sb.State, sb.DesiredState}]
	switch {
	case next.to == StateDestroyed, !ok && sb.DesiredState == StateDestroyed:
		w.removeSandbox(sb)
	case !ok:
		sb.Due = nil
		w.Rearm(sb)
	case sb.State == StateResizing:
		w.endResize(sb)
	case sb.Failure != nil && next.duration == nil:
		w.fail(sb, StateError)
	case sb.State == StateBuilding:
		w.endBuild(sb, next)
	default:
		w.applyStep(sb, next)
	}
}

// endBuild ends the build of a sandbox: it fails, or continues with the next step.
func (w *World) endBuild(sb *Sandbox, next step) {
	if why := w.planBuild(sb.BuildInfo).Failure; why != "" {
		sb.Failure = &Failure{Reason: why}
		w.fail(sb, StateBuildFailed)
		return
	}
	w.markBuilt(sb.BuildInfo)
	w.applyStep(sb, next)
}

// applyStep moves a sandbox to its next state.
func (w *World) applyStep(sb *Sandbox, next step) {
	sb.State = next.to
	sb.LastActivityAt = w.Now
	if next.duration != nil {
		if sb.RunnerID == nil {
			sb.RunnerID = new(RunnerID)
		}
		sb.Due = new(w.Now.Plus(next.duration(w.Delays)))
		w.Changed(sb)
		return
	}
	sb.Due, sb.Pending = nil, false
	switch next.to {
	case StateStarted:
		sb.RunnerID = new(RunnerID)
		sb.DaemonVersion = new("v" + w.APIVersion)
		sb.BackupState = "None"
		sb.AuthToken = NewToken()
	case StateArchived:
		sb.RunnerID = nil
		sb.BackupState = "Completed"
		sb.BackupCreatedAt = new(w.Now)
	}
	w.Changed(sb)
}

// fail ends a transition in the given error state.
func (w *World) fail(sb *Sandbox, state string) {
	sb.State = state
	sb.ErrorReason = new(sb.Failure.Reason)
	sb.Recoverable = sb.Failure.Recoverable
	sb.LastActivityAt = w.Now
	sb.Due, sb.Failure, sb.Pending = nil, nil, false
	w.Changed(sb)
}

// endResize applies the new sizes. A failed resize changes nothing.
func (w *World) endResize(sb *Sandbox) {
	if sb.Failure == nil && sb.Resize != nil {
		sb.CPU, sb.Memory, sb.Disk = sb.Resize.CPU, sb.Resize.Memory, sb.Resize.Disk
	}
	sb.State = sb.DesiredState
	sb.LastActivityAt = w.Now
	sb.Due, sb.Resize, sb.Failure, sb.Pending = nil, nil, nil, false
	w.Changed(sb)
}

// SoftDelete renames a sandbox at once, which makes its name available, and starts to
// destroy it and the sandboxes linked to it.
func (w *World) SoftDelete(sb *Sandbox) {
	w.deletedNames[sb.Name] = w.Now.Plus(NameCacheTTL)
	w.Sandboxes.rename(sb, fmt.Sprintf("DESTROYED_%s_%d", sb.Name, w.Now.UnixMilli()))
	sb.DesiredState = StateDestroyed
	sb.BackupState = "None"
	sb.Failure = nil
	switch sb.State {
	case StateError, StateBuildFailed:
		sb.Due, sb.Pending = nil, false
	case StatePendingBuild, StateArchived, StateArchiving:
		sb.Due, sb.Pending = new(w.Now.Plus(w.Delays.Delete)), true
	default:
		sb.Due, sb.Pending = new(w.Now.Plus(PickupDelay(w.Delays.Delete))), true
	}
	w.Changed(sb)
	for _, id := range w.dependents[sb.ID] {
		if f := w.Sandboxes.ByID[id]; f != nil && f.DesiredState != StateDestroyed {
			w.SoftDelete(f)
		}
	}
	delete(w.dependents, sb.ID)
}
