package apply

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// Others may take a sandbox over at any time. Whatever shows its labels is looked
// at for that, so that nothing more is done to it: the answers of the server to
// what was sent, and what is read while something is waited for.

// checkOwnership fails when the sandbox of a task is neither what the plan saw nor what
// the step makes of it.
func (r *runner) checkOwnership(t *task, o *plan.Object) error {
	if t.step.Address.Kind != spec.SandboxKind || o == nil {
		return nil
	}
	current := ownerKey{o.Fleet(), o.Key()}
	switch have := t.step.Have; {
	case current == ownerKey{r.fleet, t.step.Address.Key}:
	case have != nil && current == ownerKey{have.Fleet(), have.Key()}:
	case t.step.Labels != nil && current == ownerKey{t.step.Labels[spec.FleetLabel], t.step.Labels[spec.KeyLabel]}:
	case current.fleet != "" && current.fleet != r.fleet:
		return errStale(fmt.Sprintf("it belongs to the fleet %q", current.fleet))
	default:
		return errStale("its ownership labels changed")
	}
	t.owned = true
	return nil
}

// An owner is a fleet, and what it calls the sandbox.
type ownerKey struct{ fleet, key string }

// checkResponse is ours for what the server answers to a change, which may be
// nothing.
func (r *runner) checkResponse(t *task, s client.Sandbox) error {
	if s.Labels == nil {
		return nil
	}
	o, err := kind.FromSandbox(s, false)
	switch {
	case err != nil:
		return err
	case o.Deleting():
		return errStale("it was deleted")
	}
	return r.checkOwnership(t, o)
}

// readExisting reads the object of a task, and fails when it is gone or on its way out.
func (r *runner) readExisting(ctx context.Context, t *task) (*plan.Object, error) {
	o, err := t.kind().Read(ctx, r.api, t.id)
	switch {
	case err != nil:
		return nil, err
	case o == nil || o.Deleting():
		return nil, errStale("it was deleted")
	}
	return o, nil
}

// checkBeforeDisruption looks whose the sandbox is before it is disturbed. Changes that
// disturb nobody are sent without: a look at each would double their cost.
func (r *runner) checkBeforeDisruption(ctx context.Context, t *task, op plan.Op) error {
	if t.owned || !op.Disrupts() && !op.Verb.ChangesRunState() {
		return nil
	}
	o, err := r.readExisting(ctx, t)
	if err != nil {
		return err
	}
	return r.checkOwnership(t, o)
}

// checkDeletable fails when the object of a task must not be deleted: it is not what the
// plan saw or, of what the run itself has made, somebody took or protected it.
func (r *runner) checkDeletable(t *task, o *plan.Object) error {
	if wrong := t.step.StaleReason(o); wrong != "" {
		return errStale(wrong)
	}
	switch {
	case t.step.Have != nil:
		return nil
	case o.Labels[spec.ProtectLabel] == "true":
		return errStale("it was protected")
	}
	return r.checkOwnership(t, o)
}
