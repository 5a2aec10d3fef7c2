package operation

import (
	"cmp"
	"context"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// remove deletes the object, or the one that the operation names, if it is still as it
// was when the plan was made.
func remove(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	id := cmp.Or(t.op().ID, t.ID)
	if id == "" {
		return nil, nil
	}
	o, err := t.kind().Read(ctx, e.API, id)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, nil
	case o.Deleting():
		return t.waitUntilGone(t.op().ID), nil
	}
	if err := t.checkDeletable(e, o); err != nil {
		return nil, err
	}
	if err := checkUnused(ctx, e, t.Step); err != nil {
		return nil, err
	}
	// An error does not prove that nothing was deleted, which the report of a failed
	// replacement depends on.
	err = t.kind().Delete(ctx, e.API, id)
	if mayHaveApplied(err) {
		switch o, readErr := t.kind().Read(ctx, e.API, id); {
		case readErr != nil:
			t.recordDeletion(id, deletionUnknown)
		case o == nil || o.Deleting():
			err = nil
		}
	}
	if err := client.IgnoreNotFound(err); err != nil {
		return nil, err
	}
	t.recordDeletion(id, deletionAccepted)
	// Users of the sandbox do not use the leftover of a surge.
	t.Disrupted = t.Disrupted || !t.isLeftover(id)
	return t.waitUntilGone(t.op().ID), nil
}

// waitUntilGone waits until an object no longer exists; an empty id is for the task's
// own. Its deletion was accepted, so that a list without it can be trusted, if the list
// is one in which it would appear.
func (t *Task) waitUntilGone(id string) *Wait {
	unlisted := t.kind().Labelled && t.Step.Have != nil && t.Step.Have.Labels[spec.FleetLabel] == ""
	return &Wait{Description: "it to be gone", ID: id, TrustList: !unlisted, Done: isGone}
}

func isGone(o *plan.Object) (bool, error) { return o == nil, nil }
