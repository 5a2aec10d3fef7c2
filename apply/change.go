package apply

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// changeState changes the run state of a sandbox.
func (r *runner) changeState(ctx context.Context, t *task, verb plan.Verb) (*wait, error) {
	send := map[plan.Verb]func(context.Context, string) (client.Sandbox, error){
		plan.DoStart: r.api.StartSandbox, plan.DoStop: r.api.StopSandbox, plan.DoPause: r.api.PauseSandbox,
		plan.DoArchive: r.api.ArchiveSandbox, plan.DoRecover: r.api.RecoverSandbox,
	}[verb]
	w := waitForState(verb.RunState())
	s, err := send(ctx, t.id)
	if mayHaveApplied(err) {
		if still, readErr := r.waitUnlessDone(ctx, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := r.checkResponse(t, s); err != nil {
		return nil, err
	}
	o, err := kind.FromSandbox(s, true)
	if err != nil {
		return nil, err
	}
	if !o.Failed { // an error may be an old one: the next look tells
		if done, _ := w.done(o); done {
			return nil, nil
		}
	}
	return w, nil
}

// updateInPlace changes attributes in place.
func (r *runner) updateInPlace(ctx context.Context, t *task, call spec.Call) (*wait, error) {
	s, err := r.api.ChangeSandbox(ctx, t.id, client.SandboxRequest{Method: call.Method, Path: call.Path, Body: call.Body})
	if err == nil {
		err = r.checkResponse(t, s)
	}
	// A change that fails leaves the sandbox as it was and says nothing: its
	// attributes have to be looked at.
	w := &wait{description: call.Path + " to take effect"}
	w.done = func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, errFailed(o)
		case o.State != o.TargetState:
			return false, nil
		}
		err := r.checkApplied(t, call, o)
		return err == nil, err
	}
	if mayHaveApplied(err) {
		if still, readErr := r.waitUnlessDone(ctx, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil || call.Mode == spec.AnyState {
		return nil, err
	}
	return w, nil
}

// checkApplied says which attribute of a call the object does not have as it is
// wanted; nil is none.
func (r *runner) checkApplied(t *task, call spec.Call, o *plan.Object) error {
	for _, d := range t.step.Want.Diff(o.Object, r.facts) {
		if slices.Contains(call.Attrs, d.Attr.Key) {
			have, _ := d.Format()
			return fmt.Errorf("%s did not take effect: %s is still %s, and the server gives no reason", call.Path, d.Attr.Key, have)
		}
	}
	return nil
}

// activate makes a snapshot usable. For ten minutes after a deactivation the
// server refuses.
func (r *runner) activate(ctx context.Context, t *task) (*wait, error) {
	s, err := r.api.ActivateSnapshot(ctx, t.id)
	if err != nil {
		return nil, err
	}
	if s.State == client.StateActive {
		return nil, nil
	}
	return waitForState(string(client.StateActive)), nil
}

// mayHaveApplied reports whether a change may have taken effect, or begun to, in spite
// of an error: the answer was lost, or it was made before.
func mayHaveApplied(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.IllegalState, client.ServerError, client.Unreachable, client.NotJSON:
		return true
	}
	return false
}
