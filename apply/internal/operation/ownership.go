package operation

import (
	"context"
	"errors"
	"fmt"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// Another client may take over a sandbox at any time. All responses that show its
// labels are checked, so that fleet changes nothing that it no longer owns.

// CheckOwnership returns an error unless the sandbox has the owner that it had when the
// plan was made, or the one that the step gives it.
func (t *Task) CheckOwnership(e *Env, o *plan.Object) error {
	if !t.kind().Labelled || o == nil {
		return nil
	}
	current := owner{o.Fleet(), o.Key()}
	switch have := t.Step.Have; {
	case current == owner{e.Name, t.Step.Address.Key}:
	case have != nil && current == owner{have.Fleet(), have.Key()}:
	case t.Step.Labels != nil && current == owner{t.Step.Labels[spec.FleetLabel], t.Step.Labels[spec.KeyLabel]}:
	case current.fleet != "" && current.fleet != e.Name:
		return errStale(fmt.Sprintf("it belongs to the fleet %q", current.fleet))
	default:
		return errStale("its ownership labels changed")
	}
	t.owned = true
	return nil
}

// An owner is a fleet, and the key of the sandbox in it.
type owner struct{ fleet, key string }

// checkResponse checks the ownership in the response to a change, which may be empty.
func (t *Task) checkResponse(e *Env, s client.Sandbox) error {
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
	return t.CheckOwnership(e, o)
}

// readExisting reads the task's object, and returns an error if it no longer exists or
// is being deleted.
func readExisting(ctx context.Context, e *Env, t *Task) (*plan.Object, error) {
	o, err := t.kind().Read(ctx, e.API, t.ID)
	switch {
	case err != nil:
		return nil, err
	case o == nil || o.Deleting():
		return nil, errStale("it was deleted")
	}
	return o, nil
}

// checkBeforeDisruption checks the ownership of a sandbox before its run state changes.
// Other changes are sent without: reading before each would double their cost.
func checkBeforeDisruption(ctx context.Context, e *Env, t *Task) error {
	if op := t.op(); t.owned || !op.Disrupts() && !op.Verb.ChangesRunState() {
		return nil
	}
	o, err := readExisting(ctx, e, t)
	if err != nil {
		return err
	}
	return t.CheckOwnership(e, o)
}

// checkDeletable returns an error if the task must not delete an object: it changed
// since the plan was made or, if the run itself created it, another client took it over
// or protected it.
func (t *Task) checkDeletable(e *Env, o *plan.Object) error {
	if reason := t.Step.StaleReason(o); reason != "" {
		return errStale(reason)
	}
	switch {
	case t.Step.Have != nil:
		return nil
	case o.Labels[spec.ProtectLabel] == "true":
		return errStale("it was protected")
	}
	return t.CheckOwnership(e, o)
}

// confirm returns an error unless the object is as it was when the plan was made.
func confirm(ctx context.Context, e *Env, t *Task) error {
	o, err := readExisting(ctx, e, t)
	if err != nil {
		return err
	}
	if reason := t.Step.StaleReason(o); reason != "" {
		return errStale(reason)
	}
	return nil
}

// ErrStale is part of the errors of steps whose object has changed since the plan was
// made.
var ErrStale = errors.New("plan again")

// errStale returns the error of a step whose object has changed since the plan was made.
func errStale(change string) error {
	return fmt.Errorf("left alone, since %s after the plan was made; %w", change, ErrStale)
}
