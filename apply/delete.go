package apply

import (
	"cmp"
	"context"
	"fmt"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// delete deletes the object, or the one that the operation names, if it is still
// what the plan saw.
func (r *runner) delete(ctx context.Context, t *task, op plan.Op) (*wait, error) {
	id := cmp.Or(op.ID, t.id)
	if id == "" {
		return nil, nil
	}
	o, err := t.kind().Read(ctx, r.api, id)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, nil
	}
	if o.Deleting() {
		return t.waitUntilGone(op), nil
	}
	if err := r.checkDeletable(t, o); err != nil {
		return nil, err
	}
	if err := r.checkUnused(ctx, t.step); err != nil {
		return nil, err
	}
	err = t.kind().Delete(ctx, r.api, id)
	if mayHaveApplied(err) {
		switch o, readErr := t.kind().Read(ctx, r.api, id); {
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
	t.disrupted = t.disrupted || t.step.SurgeLeftover == nil || id != t.step.SurgeLeftover.ID
	return t.waitUntilGone(op), nil
}

// waitUntilGone waits until the object no longer exists. Its deletion was accepted, so
// a list that does not hold it may be believed, if it would hold it.
func (t *task) waitUntilGone(op plan.Op) *wait {
	foreign := t.kind().Labelled && t.step.Have != nil && t.step.Have.Labels[spec.FleetLabel] == ""
	return &wait{description: "it to be gone", id: op.ID, trustList: !foreign, done: func(o *plan.Object) (bool, error) { return o == nil, nil }}
}

// confirm fails unless the object is still what the plan saw.
func (r *runner) confirm(ctx context.Context, t *task) error {
	o, err := r.readExisting(ctx, t)
	if err != nil {
		return err
	}
	if wrong := t.step.StaleReason(o); wrong != "" {
		return errStale(wrong)
	}
	return nil
}

// errStale is the error of a step whose object is not what the plan saw.
func errStale(what string) error {
	return fmt.Errorf("left alone, since %s after the plan was made; plan again", what)
}
