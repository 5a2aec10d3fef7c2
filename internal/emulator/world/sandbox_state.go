package world

import (
	"crypto/rand"
	"strings"
)

// effectiveState is the state GET gives: some stored pairs read as what is under way.
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

// listedState is the state of the cursor list: the stored one, but for one pair.
func (sb *Sandbox) ListedState() string {
	if sb.State == StateArchived && sb.DesiredState == StateStarted {
		return StateRestoring
	}
	return sb.State
}

// notRunningError is what the proxy says of a sandbox that does not run.
func (sb *Sandbox) NotRunningError() error {
	if sb.RunnerID == nil {
		return NotFound("not found: sandbox container not found: Error response from daemon: No such container: %s", sb.ID)
	}
	return errNotRunning
}

// running reports whether something runs in the sandbox.
func (sb *Sandbox) Running() bool {
	return sb.DesiredState == StateStarted && (sb.State == StateStarted || sb.State == StateResizing)
}

// markActive resets the idle clock.
func (w *World) MarkActive(sb *Sandbox) {
	sb.LastActivityAt = w.Now
	w.Rearm(sb)
}

// newToken is a token for previews.
func NewToken() string { return strings.ToLower(rand.Text()) }

func SandboxNotFound(idOrName string) error {
	return NotFound("Sandbox with ID or name %s not found", idOrName)
}

var errNotRunning = BadRequest("bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?")
