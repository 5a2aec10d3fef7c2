package apply

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// mostCollisions is how often an object is created again because its creation
// collided with another one.
const mostCollisions = 3

// collided reports whether the object that a task has created failed only because
// another operation on what it is made of was faster, as two builds of one
// Dockerfile are at once. The task then deletes it and creates it again.
func (r *runner) collided(t *task, o *plan.Object) bool {
	if t.verb() != plan.DoCreate || o == nil || o.ID != t.id || !o.Failed || !client.Collided(o.ErrorReason) {
		return false
	}
	if t.collisions >= mostCollisions || r.cut {
		return false
	}
	t.collisions++
	t.collision = o.ID
	return true
}

// clear deletes what a collision has left, if it is still that. It returns what is
// to be waited for, or nil when it is gone.
func (r *runner) clear(ctx context.Context, t *task) (*wait, error) {
	kind := t.step.Address.Kind
	o, err := observe.Read(ctx, r.api, kind, t.collision)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		t.collision, t.id, t.owned = "", "", false
		return nil, nil
	case o.Leaving():
		return t.cleared(), nil
	case !o.Failed:
		return nil, fmt.Errorf("it failed, and is now %s; the next run continues from there", o.State)
	}
	if err := r.ours(t, o); err != nil {
		return nil, err
	}
	t.tracker.Repeat()
	if kind == spec.SandboxKind {
		_, err = r.api.DeleteSandbox(ctx, o.ID)
	} else {
		err = r.api.DeleteSnapshot(ctx, o.ID)
	}
	if err := client.IgnoreNotFound(err); err != nil {
		return nil, err
	}
	return t.cleared(), nil
}

// cleared waits until what a collision has left is gone; the creation is then
// tried again.
func (t *task) cleared() *wait {
	return &wait{
		what: "what another operation made fail to be gone", id: t.collision, again: true,
		over: func(o *plan.Object) (bool, error) { return o == nil, nil },
	}
}
