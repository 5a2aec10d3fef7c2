package apply

import (
	"context"
	"fmt"
	"maps"

	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// The API replaces the labels as a whole and offers no compare-and-swap: what is
// there is read before each write, so that the gap is small.

// writeLabels writes the labels of a sandbox of the fleet.
func (r *runner) writeLabels(ctx context.Context, t *task) error {
	o, err := r.readExisting(ctx, t)
	if err != nil {
		return err
	}
	if err := r.checkOwnership(t, o); err != nil {
		return err
	}
	have := o.Labels
	if have == nil {
		have = map[string]string{} // nil is for what is to be created
	}
	switch {
	case t.step.Labels != nil:
		return r.setLabels(ctx, t, have, spec.RestoreLabels(have, t.step.Labels))
	case t.step.Want == nil:
		return r.setLabels(ctx, t, have, spec.Relabel(r.fleet, r.environment, t.step.Address.Key, have))
	}
	if wrong := r.changedFingerprint(t, o); wrong != "" {
		return errStale(wrong)
	}
	return r.setLabels(ctx, t, have, t.step.Want.Labels(r.fleet, have))
}

// changedFingerprint says what the seal would be wrong about, since another apply has
// changed it; "" is nothing. No list would show it then.
func (r *runner) changedFingerprint(t *task, o *plan.Object) string {
	for _, d := range t.step.Want.Diff(o.Object, r.facts) {
		if d.Attr.FingerprintLetter != 0 && !d.Unknown {
			return fmt.Sprintf("its %s was changed by somebody else", d.Attr.Key)
		}
	}
	return ""
}

// markFinished notes in the labels that nothing that follows a creation is left to do.
func (r *runner) markFinished(ctx context.Context, t *task) error {
	o, err := r.readExisting(ctx, t)
	if err != nil {
		return err
	}
	labels := r.desiredLabels(t)
	if o.Labels[spec.FleetLabel] != labels[spec.FleetLabel] || o.Labels[spec.KeyLabel] != labels[spec.KeyLabel] {
		return errStale("its ownership labels changed")
	}
	return r.setLabels(ctx, t, o.Labels, spec.WithoutPending(o.Labels))
}

// release takes the fleet's labels off a sandbox, if it is still what the plan
// saw.
func (r *runner) release(ctx context.Context, t *task) error {
	o, err := kind.ReadSandbox(ctx, r.api, t.id)
	switch {
	case err != nil:
		return err
	case o == nil || o.Deleting():
		return nil // gone, which is as well
	}
	if wrong := t.step.StaleReason(o); wrong != "" && o.Labels[spec.FleetLabel] != "" {
		return errStale(wrong)
	}
	return r.setLabels(ctx, t, o.Labels, spec.WithoutFleetLabels(o.Labels))
}

func (r *runner) setLabels(ctx context.Context, t *task, have, want map[string]string) error {
	if maps.Equal(want, have) {
		return nil
	}
	return r.api.SetLabels(ctx, t.id, want)
}
