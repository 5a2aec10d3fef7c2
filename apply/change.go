package apply

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// lifecycle changes the run state of a sandbox.
func (r *runner) lifecycle(ctx context.Context, t *task, verb plan.Verb) (*wait, error) {
	send := map[plan.Verb]func(context.Context, string) (client.Sandbox, error){
		plan.DoStart: r.api.StartSandbox, plan.DoStop: r.api.StopSandbox, plan.DoPause: r.api.PauseSandbox,
		plan.DoArchive: r.api.ArchiveSandbox, plan.DoRecover: r.api.RecoverSandbox,
	}[verb]
	w := reaches(runState[verb])
	s, err := send(ctx, t.id)
	if perhaps(err) {
		if still, readErr := r.unlessOver(ctx, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := r.shown(t, s); err != nil {
		return nil, err
	}
	o, err := observe.Sandbox(s, true)
	if err != nil {
		return nil, err
	}
	if !o.Failed { // an error may be an old one: the next look tells
		if over, _ := w.over(o); over {
			return nil, nil
		}
	}
	return w, nil
}

// runState is the state in which a lifecycle operation ends.
var runState = map[plan.Verb]string{
	plan.DoStart: spec.Started, plan.DoRecover: spec.Started, plan.DoStop: spec.Stopped,
	plan.DoPause: spec.Paused, plan.DoArchive: spec.Archived,
}

// call changes attributes in place.
func (r *runner) call(ctx context.Context, t *task, call spec.Call) (*wait, error) {
	s, err := r.api.ChangeSandbox(ctx, t.id, client.Call{Method: call.Method, Path: call.Path, Body: call.Body})
	if err == nil {
		err = r.shown(t, s)
	}
	// A change that fails leaves the sandbox as it was and says nothing: its
	// attributes have to be looked at.
	w := &wait{what: call.Path + " to take effect"}
	w.over = func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, failed(o)
		case o.State != o.Next:
			return false, nil
		}
		err := r.unlike(t, call, o)
		return err == nil, err
	}
	if perhaps(err) {
		if still, readErr := r.unlessOver(ctx, t, w); readErr == nil {
			return still, nil
		}
	}
	if err != nil || call.Mode == spec.Live {
		return nil, err
	}
	return w, nil
}

// unlike says which attribute of a call the object does not have as it is
// wanted; nil is none.
func (r *runner) unlike(t *task, call spec.Call, o *plan.Object) error {
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
	return reaches(string(client.StateActive)), nil
}

// perhaps reports whether a change may have taken effect, or begun to, in spite
// of an error: the answer was lost, or it was made before.
func perhaps(err error) bool {
	switch client.ClassOf(err) {
	case client.IllegalState, client.Server, client.Unreachable, client.NotJSON:
		return true
	}
	return false
}
