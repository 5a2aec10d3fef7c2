package operation

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A Wait is what has to happen before a task continues. It does not change.
type Wait struct {
	Description string // completes "waiting for"

	// Done reports whether the wait for an object is over, or has failed, from the
	// state that was read; nil if the object no longer exists. If Done is nil, the
	// wait ends After it started.
	Done  func(o *plan.Object) (bool, error)
	After time.Duration

	// TrustList means that a list is sufficient to end the wait. Lists may lag, so
	// this is for states that the object cannot have had before, such as a new
	// sandbox being started.
	TrustList bool

	Retry   bool   // the operation is sent again afterwards; otherwise it is done
	ID      string // of the object; empty for the task's own
	Refusal error  // that is retried until the deadline; nil for other waits

	RefusedFor string // what is missing until Refusal may end
}

// RetryAfter returns a wait for a time, after which the operation is sent again.
func RetryAfter(description string, d time.Duration) *Wait {
	return &Wait{Description: description, Retry: true, After: d}
}

// maxRetryDelay is the longest time between two attempts.
const maxRetryDelay = 30 * time.Second

// RetryDelay returns how long an operation waits before it is sent again: base after
// the first refusal (attempt 0), doubled with each further one.
func RetryDelay(base time.Duration, attempt int) time.Duration {
	return min(base<<min(attempt, 10), maxRetryDelay)
}

// busyRetryDelay is how long an operation waits before it is sent again if it was
// refused because of another object.
const busyRetryDelay = time.Second

// retryLater turns a refusal that only time resolves into a wait.
func retryLater(t *Task, err error) (*Wait, error) {
	switch client.ErrorClassOf(err) {
	case client.InTransition, client.Busy:
		description := "the change under way to end" + ServerReason(err)
		if t.ID == "" { // something that it is made of is changing
			return RetryAfter(description, RetryDelay(busyRetryDelay, t.Attempt)), nil
		}
		w := waitUntilSettled(description)
		w.Retry, w.ID = true, t.op().ID
		return w, nil
	}
	return nil, err
}

// ServerReason returns the server's message for a refusal, to be appended to the
// description of a wait; empty if there is none.
func ServerReason(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Message != "" {
		return fmt.Sprintf(" (the server reports: %s)", e.Message)
	}
	return ""
}

// waitUntilSettled waits until no change of the object is under way.
func waitUntilSettled(description string) *Wait {
	return &Wait{Description: description, Done: func(o *plan.Object) (bool, error) {
		if o == nil {
			return true, nil // the operation that follows reports that it is gone
		}
		return o.State == o.TargetState, nil
	}}
}

// waitForState waits until the object is in a state. A sandbox that is at rest in
// another one was changed by another client and will not reach it.
func waitForState(state string) *Wait {
	return &Wait{Description: "state " + state, Done: func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, errFailed(o)
		case o.State != state && atRest(o):
			return false, fmt.Errorf("expected state %s, found %s: another client changed it meanwhile", state, o.State)
		}
		return o.State == state, nil
	}}
}

// errDeleted is the error of a wait whose object was deleted.
var errDeleted = errors.New("it was deleted meanwhile")

// errFailed returns the error of an object that is in an error state.
func errFailed(o *plan.Object) error {
	if o.ErrorReason == "" {
		return fmt.Errorf("it went into state %s; the server gives no reason", o.State)
	}
	return fmt.Errorf("it went into state %s: %s", o.State, o.ErrorReason)
}

// atRest reports whether no change of a sandbox is under way.
func atRest(o *plan.Object) bool {
	return o.Settled() && slices.Contains([]string{spec.Started, spec.Stopped, spec.Paused, spec.Archived}, o.State)
}
