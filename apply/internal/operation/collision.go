package operation

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/plan"
)

// maxCollisions is how often an object is created again because its creation collided
// with another one.
const maxCollisions = 3

// A collision is a creation that failed because of another client's operation.
type collision struct {
	id    string // of the failed object, to be deleted before the next attempt; empty for none
	count int    // of collisions so far
}

// Collided reports whether the object that the task created failed only because another
// operation on the same source was faster, as with two builds of one Dockerfile. If so,
// the next attempt deletes it and creates it again.
func (t *Task) Collided(o *plan.Object) bool {
	if t.Verb() != plan.DoCreate || o == nil || o.ID != t.ID || !o.Failed || !client.IsTransientFailure(o.ErrorReason) {
		return false
	}
	if t.collided.count >= maxCollisions {
		return false
	}
	t.collided = collision{o.ID, t.collided.count + 1}
	return true
}

// deleteCollided deletes the object that a collision left, if it is still failed. It
// returns nil if the object no longer exists.
func deleteCollided(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	o, err := t.kind().Read(ctx, e.API, t.collided.id)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		t.collided.id, t.ID, t.owned = "", "", false
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
	return &Wait{Description: "the failed object of a collision to be gone", ID: t.collided.id, Retry: true, Done: isGone}
}
