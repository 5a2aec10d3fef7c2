package apply

import (
	"context"
	"fmt"
	"maps"

	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// The API replaces the labels as a whole and offers no compare-and-swap: what is
// there is read before each write, so that the gap is small.

// label writes the labels of a sandbox of the fleet.
func (r *runner) label(ctx context.Context, t *task) error {
	o, err := r.present(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ours(t, o); err != nil {
		return err
	}
	have := o.Labels
	if have == nil {
		have = map[string]string{} // nil is for what is to be created
	}
	switch {
	case t.step.Labels != nil:
		return r.setLabels(ctx, t, have, spec.Restored(have, t.step.Labels))
	case t.step.Want == nil:
		return r.setLabels(ctx, t, have, spec.Relabel(r.fleet, r.environment, t.step.Address.Key, have))
	}
	if wrong := r.unsealable(t, o); wrong != "" {
		return errStale(wrong)
	}
	return r.setLabels(ctx, t, have, t.step.Want.Labels(r.fleet, have))
}

// unsealable says what the seal would be wrong about, since another apply has
// changed it; "" is nothing. No list would show it then.
func (r *runner) unsealable(t *task, o *plan.Object) string {
	for _, d := range t.step.Want.Diff(o.Object, r.facts) {
		if d.Attr.Seal != 0 && !d.Unknown {
			return fmt.Sprintf("its %s was changed by somebody else", d.Attr.Key)
		}
	}
	return ""
}

// finish notes in the labels that nothing that follows a creation is left to do.
func (r *runner) finish(ctx context.Context, t *task) error {
	o, err := r.present(ctx, t)
	if err != nil {
		return err
	}
	labels := r.labelsOf(t)
	if o.Labels[spec.FleetLabel] != labels[spec.FleetLabel] || o.Labels[spec.KeyLabel] != labels[spec.KeyLabel] {
		return errStale("its ownership labels changed")
	}
	return r.setLabels(ctx, t, o.Labels, spec.Finished(o.Labels))
}

// release takes the fleet's labels off a sandbox, if it is still what the plan
// saw.
func (r *runner) release(ctx context.Context, t *task) error {
	o, err := observe.ReadSandbox(ctx, r.api, t.id)
	switch {
	case err != nil:
		return err
	case o == nil || o.Leaving():
		return nil // gone, which is as well
	}
	if wrong := t.step.Stale(o); wrong != "" && o.Labels[spec.FleetLabel] != "" {
		return errStale(wrong)
	}
	return r.setLabels(ctx, t, o.Labels, spec.Unowned(o.Labels))
}

func (r *runner) setLabels(ctx context.Context, t *task, have, want map[string]string) error {
	if maps.Equal(want, have) {
		return nil
	}
	return r.api.SetLabels(ctx, t.id, want)
}
