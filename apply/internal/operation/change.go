package operation

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// sendStateChange are the requests that change the run state of a sandbox.
var sendStateChange = map[plan.Verb]func(*client.Client, context.Context, string) (client.Sandbox, error){
	plan.DoStart:   (*client.Client).StartSandbox,
	plan.DoStop:    (*client.Client).StopSandbox,
	plan.DoPause:   (*client.Client).PauseSandbox,
	plan.DoArchive: (*client.Client).ArchiveSandbox,
	plan.DoRecover: (*client.Client).RecoverSandbox,
}

// changeState changes the run state of a sandbox.
func changeState(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	w := waitForState(t.Verb().RunState())
	s, err := sendStateChange[t.Verb()](e.API, ctx, t.ID)
	// An illegal state may be the wanted one already, and a lost response leaves open
	// what happened: the state decides.
	if mayHaveApplied(err) {
		if still, readErr := waitUnlessDone(ctx, e, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := t.checkResponse(e, s); err != nil {
		return nil, err
	}
	o, err := kind.FromSandbox(s, true)
	if err != nil {
		return nil, err
	}
	if !o.Failed { // the error may be from before: the next poll shows it
		if done, _ := w.Done(o); done {
			return nil, nil
		}
	}
	return w, nil
}

// call changes attributes in place.
func call(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	c := t.op().Call
	s, err := e.API.ChangeSandbox(ctx, t.ID, client.SandboxRequest{Method: c.Method, Path: c.Path, Body: c.Body})
	if err == nil {
		err = t.checkResponse(e, s)
	}
	w := waitUntilApplied(t.Step, *c, e.Facts)
	if mayHaveApplied(err) {
		if still, readErr := waitUnlessDone(ctx, e, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil || c.Mode == spec.AnyState {
		return nil, err
	}
	return w, nil
}

// waitUntilApplied waits until a call has taken effect. A call that fails leaves the
// sandbox unchanged and reports nothing, so that the attributes are compared.
func waitUntilApplied(s *plan.Step, c spec.Call, facts spec.Facts) *Wait {
	return &Wait{Description: c.Path + " to take effect", Done: func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, errFailed(o)
		case o.State != o.TargetState:
			return false, nil
		}
		for _, d := range s.Want.Diff(o.Object, facts) {
			if slices.Contains(c.Attrs, d.Attr.Key) {
				have, _ := d.Format()
				return false, fmt.Errorf("%s did not take effect: %s is still %s, and the server gives no reason", c.Path, d.Attr.Key, have)
			}
		}
		return true, nil
	}}
}

// activate makes a snapshot usable. The server refuses that for ten minutes after a
// deactivation.
func activate(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	s, err := e.API.ActivateSnapshot(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if s.State == client.StateActive {
		return nil, nil
	}
	return waitForState(string(client.StateActive)), nil
}

// deactivate makes a snapshot unusable.
func deactivate(ctx context.Context, e *Env, t *Task) error {
	return e.API.DeactivateSnapshot(ctx, t.ID)
}

// mayHaveApplied reports whether a change may have taken effect, or started to, in
// spite of an error: the response was lost, or the change was made before.
func mayHaveApplied(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.IllegalState, client.ServerError, client.Unreachable, client.NotJSON:
		return true
	}
	return false
}
