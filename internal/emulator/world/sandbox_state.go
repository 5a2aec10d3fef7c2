package world

import (
	"crypto/rand"
	"strings"
)

// EffectiveState returns the state that GET shows. Some pairs of stored and desired
// state are shown as the transition between them.
func (sb *Sandbox) EffectiveState() string {
	switch (statePair{sb.State, sb.DesiredState}) {
	case statePair{StateStarted, StateStopped}:
		return StateStopping
	case statePair{StateStarted, StateDestroyed}, statePair{StateStopped, StateDestroyed}:
		return StateDestroying
	case statePair{StateStopped, StateStarted}:
		return StateStarting
	case statePair{StateStopped, StateArchived}:
		return StateArchiving
	case statePair{StateUnknown, StateStarted}:
		return StateCreating
	}
	return sb.State
}

// ListedState returns the state that the cursor list shows: the stored one, except
// while a sandbox is restored.
func (sb *Sandbox) ListedState() string {
	if sb.State == StateArchived && sb.DesiredState == StateStarted {
		return StateRestoring
	}
	return sb.State
}

// NotRunningError returns the response of the proxy for a sandbox that is not running.
func (sb *Sandbox) NotRunningError() error {
	if sb.RunnerID == nil {
		return NotFound("not found: sandbox container not found: Error response from daemon: No such container: %s", sb.ID)
	}
	return errNotRunning
}

// Running reports whether the sandbox runs processes.
func (sb *Sandbox) Running() bool {
	return sb.DesiredState == StateStarted && (sb.State == StateStarted || sb.State == StateResizing)
}

// MarkActive resets the idle clock of a sandbox.
func (w *World) MarkActive(sb *Sandbox) {
	sb.LastActivityAt = w.Now
	w.Rearm(sb)
}

// NewToken returns a random token for previews.
func NewToken() string { return strings.ToLower(rand.Text()) }

// SandboxNotFound returns the error for an unknown sandbox.
func SandboxNotFound(idOrName string) error {
	return NotFound("Sandbox with ID or name %s not found", idOrName)
}

var errNotRunning = BadRequest("bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?")
