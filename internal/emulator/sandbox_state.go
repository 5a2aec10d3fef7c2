package emulator

import (
	"crypto/rand"
	"strings"
)

// effectiveState is the state GET gives: some stored pairs read as what is under way.
func (sb *sandbox) effectiveState() string {
	switch (statePair{sb.State, sb.DesiredState}) {
	case statePair{stateStarted, stateStopped}:
		return stateStopping
	case statePair{stateStarted, stateDestroyed}, statePair{stateStopped, stateDestroyed}:
		return stateDestroying
	case statePair{stateStopped, stateStarted}:
		return stateStarting
	case statePair{stateStopped, stateArchived}:
		return stateArchiving
	case statePair{stateUnknown, stateStarted}:
		return stateCreating
	}
	return sb.State
}

// listedState is the state of the cursor list: the stored one, but for one pair.
func (sb *sandbox) listedState() string {
	if sb.State == stateArchived && sb.DesiredState == stateStarted {
		return stateRestoring
	}
	return sb.State
}

// notRunningError is what the proxy says of a sandbox that does not run.
func (sb *sandbox) notRunningError() error {
	if sb.RunnerID == nil {
		return notFound("not found: sandbox container not found: Error response from daemon: No such container: %s", sb.ID)
	}
	return errNotRunning
}

// running reports whether something runs in the sandbox.
func (sb *sandbox) running() bool {
	return sb.DesiredState == stateStarted && (sb.State == stateStarted || sb.State == stateResizing)
}

// markActive resets the idle clock.
func (w *world) markActive(sb *sandbox) {
	sb.LastActivityAt = w.now
	w.rearm(sb)
}

// newToken is a token for previews.
func newToken() string { return strings.ToLower(rand.Text()) }

func sandboxNotFound(idOrName string) error {
	return notFound("Sandbox with ID or name %s not found", idOrName)
}

var errNotRunning = badRequest("bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?")
