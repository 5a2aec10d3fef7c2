package operation

import (
	"context"
	"fmt"
	"time"

	"fleet/client"
	"fleet/plan"
)

// maxCollisions is how often an object that is not built is created again because its
// creation collided with another one: that one does not last.
const maxCollisions = 3

// A collision is a creation that failed because of another client's operation.
type collision struct {
	id       string       // of the failed object, to be deleted before the next attempt; empty for none
	count    int          // of collisions so far
	last     *plan.Object // that failed; nil for none
	resumeAt time.Time    // when the object is created again
}

// Collided reports whether the object that the task created failed only because another
// operation on the same source was faster, as with two builds of one Dockerfile. If so,
// the next attempts delete it, wait longer each time, and create it again: until the
// deadline of the creation if it is built, since another build may last.
func (t *Task) Collided(o *plan.Object) bool {
	if t.Verb() != plan.DoCreate || o == nil || o.ID != t.ID || !o.Failed || !client.IsTransientFailure(o.ErrorReason) {
		return false
	}
	if t.collided.count >= maxCollisions && !t.builds() {
		return false
	}
	t.collided = collision{id: o.ID, count: t.collided.count + 1, last: o}
	return true
}

// builds reports whether the task builds an image.
func (t *Task) builds() bool { return t.Step.Want != nil && t.Step.Want.BuildKey() != "" }

// deleteCollided deletes the object that a collision left, if it is still failed. It
// returns nil if the object no longer exists.
func deleteCollided(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	o, err := t.kind().Read(ctx, e.API, t.collided.id)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		t.collided.id, t.ID, t.owned = "", "", false
		t.collided.resumeAt = e.Now().Add(RetryDelay(busyRetryDelay, t.collided.count-1))
		return nil, nil
	case o.Deleting():
		return t.waitUntilCollidedGone(), nil
	case !o.Failed:
		return nil, fmt.Errorf("it failed, and is now %s; the next run continues from there", o.State)
	}
	if err := t.CheckOwnership(e, o); err != nil {
		return nil, err
	}
	t.Recorder.AddRetry()
	if err := client.IgnoreNotFound(t.kind().Delete(ctx, e.API, o.ID)); err != nil {
		return nil, err
	}
	return t.waitUntilCollidedGone(), nil
}

// waitUntilCollidedGone waits until the object that a collision left no longer exists;
// it is then created again.
func (t *Task) waitUntilCollidedGone() *Wait {
	return &Wait{
		Description: "the failed object of a collision to be gone", ID: t.collided.id, Retry: true, Done: isGone,
		Refusal: errFailed(t.collided.last), RefusedFor: otherOperation,
	}
}

// otherOperation is what an object waits for after a collision.
const otherOperation = "the other operation on the same image to end"

// awaitOtherOperation returns the wait before an object is created again after a
// collision; nil if it is over.
func (t *Task) awaitOtherOperation(now time.Time) *Wait {
	left := t.collided.resumeAt.Sub(now)
	if t.collided.last == nil || left <= 0 {
		return nil
	}
	w := RetryAfter(otherOperation, left)
	w.Refusal, w.RefusedFor = errFailed(t.collided.last), otherOperation
	return w
}
