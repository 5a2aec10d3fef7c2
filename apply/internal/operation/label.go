package operation

import (
	"context"
	"fmt"
	"maps"

	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// The API replaces the labels as a whole and offers no compare-and-swap. They are read
// right before each write, so that the gap is small.

// writeLabels writes the labels of a sandbox of the fleet.
func writeLabels(ctx context.Context, e *Env, t *Task) error {
	o, err := readExisting(ctx, e, t)
	if err != nil {
		return err
	}
	if err := t.CheckOwnership(e, o); err != nil {
		return err
	}
	have := o.Labels
	if have == nil {
		have = map[string]string{} // nil would stand for a sandbox that does not exist
	}
	switch {
	case t.Step.Labels != nil:
		return setLabels(ctx, e, t, have, spec.RestoreLabels(have, t.Step.Labels))
	case t.Step.Want == nil:
		return setLabels(ctx, e, t, have, spec.Relabel(e.Name, e.Environment, t.Step.Address.Key, have))
	}
	if reason := changedSince(t.Step, o, e.Facts); reason != "" {
		return errStale(reason)
	}
	return setLabels(ctx, e, t, have, t.Step.Want.Labels(e.Name, have))
}

// changedSince returns which attribute another apply has changed since the plan was
// made, as a clause; empty if there is none. Lists do not show these attributes: a
// fingerprint that does not match them would never be noticed.
func changedSince(s *plan.Step, o *plan.Object, facts spec.Facts) string {
	for _, d := range s.Want.Diff(o.Object, facts) {
		if d.Attr.FingerprintLetter != 0 && !d.Unknown {
			return fmt.Sprintf("another client changed its %s", d.Attr.Key)
		}
	}
	return ""
}

// desiredLabels returns the labels of a sandbox that the task creates or has created.
func desiredLabels(e *Env, t *Task) map[string]string {
	if t.Step.Labels != nil {
		return spec.WithoutUploads(t.Step.Labels) // a rollback creates it again, without files
	}
	return t.Step.Want.Labels(e.Name, nil)
}

// markFinished removes the label of a sandbox whose creation is not complete yet.
func markFinished(ctx context.Context, e *Env, t *Task) error {
	o, err := readExisting(ctx, e, t)
	if err != nil {
		return err
	}
	labels := desiredLabels(e, t)
	if o.Labels[spec.FleetLabel] != labels[spec.FleetLabel] || o.Labels[spec.KeyLabel] != labels[spec.KeyLabel] {
		return errStale("its ownership labels changed")
	}
	return setLabels(ctx, e, t, o.Labels, spec.WithoutPending(o.Labels))
}

// release removes the fleet's labels from a sandbox, if it is still as it was when the
// plan was made.
func release(ctx context.Context, e *Env, t *Task) error {
	o, err := kind.ReadSandbox(ctx, e.API, t.ID)
	switch {
	case err != nil:
		return err
	case o == nil || o.Deleting():
		return nil // the fleet no longer owns it either way
	}
	if reason := t.Step.StaleReason(o); reason != "" && o.Labels[spec.FleetLabel] != "" {
		return errStale(reason)
	}
	return setLabels(ctx, e, t, o.Labels, spec.WithoutFleetLabels(o.Labels))
}

func setLabels(ctx context.Context, e *Env, t *Task, have, want map[string]string) error {
	if maps.Equal(want, have) {
		return nil
	}
	return e.API.SetLabels(ctx, t.ID, want)
}
