package apply

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/plan"
)

// maxCollisions is how often an object is created again because its creation
// collided with another one.
const maxCollisions = 3

// collided reports whether the object that a task has created failed only because
// another operation on what it is made of was faster, as two builds of one
// Dockerfile are at once. The task then deletes it and creates it again.
func (r *runner) collided(t *task, o *plan.Object) bool {
	if t.verb() != plan.DoCreate || o == nil || o.ID != t.id || !o.Failed || !client.IsTransientFailure(o.ErrorReason) {
		return false
	}
	if t.collisions >= maxCollisions || r.aborted {
		return false
	}
	t.collisions++
	t.collidedID = o.ID
	return true
}

// deleteCollided deletes what a collision has left, if it is still that. It returns what is
// to be waited for, or nil when it is gone.
func (r *runner) deleteCollided(ctx context.Context, t *task) (*wait, error) {
	o, err := t.kind().Read(ctx, r.api, t.collidedID)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		t.collidedID, t.id, t.owned = "", "", false
		return nil, nil
	case o.Deleting():
		return t.waitUntilCollidedGone(), nil
	case !o.Failed:
		return nil, fmt.Errorf("it failed, and is now %s; the next run continues from there", o.State)
	}
	if err := r.checkOwnership(t, o); err != nil {
		return nil, err
	}
	t.recorder.AddRetry()
	if err := client.IgnoreNotFound(t.kind().Delete(ctx, r.api, o.ID)); err != nil {
		return nil, err
	}
	return t.waitUntilCollidedGone(), nil
}

// waitUntilCollidedGone waits until what a collision has left is gone; the creation is then
// tried again.
func (t *task) waitUntilCollidedGone() *wait {
	return &wait{
		description: "what another operation made fail to be gone", id: t.collidedID, retry: true,
		done: func(o *plan.Object) (bool, error) { return o == nil, nil },
	}
}
