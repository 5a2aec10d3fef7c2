package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// work sends the requests of a task's operations until one of them has to be
// waited for, all are done, or one fails. Waiting is left to the loop: a task
// that waits holds no slot.
func (r *runner) work(ctx context.Context, t *task) {
	ctx = t.tracker.Track(ctx)
	if r.opts.Trace != nil {
		ctx = r.opts.Trace(ctx, t.step)
	}
	for t.at < len(t.step.Ops) {
		t.beginOp(time.Now())
		limited, end := t.limited(ctx)
		w, err := r.operate(limited, t)
		if errors.Is(err, context.Canceled) && errors.Is(context.Cause(limited), context.DeadlineExceeded) {
			err = context.DeadlineExceeded
		}
		end()
		t.touched = t.touched || touches(t.op()) && (err == nil || perhaps(err))
		if w == nil && err != nil {
			w, err = r.retryLater(t, err)
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			r.lastLook(ctx, t)
		}
		if t.err, t.waits = err, w; err != nil || w != nil {
			return
		}
		t.advance()
	}
}

// lastLook finds out in which state the object of a task is left whose time was
// up during a request. What cannot be found out stays open.
func (r *runner) lastLook(ctx context.Context, t *task) {
	ctx, cancel := context.WithTimeout(ctx, lastLookTime)
	defer cancel()
	var o *plan.Object
	var err error
	switch {
	case t.id != "":
		o, err = observe.Read(ctx, r.api, t.step.Address.Kind, t.id)
	case t.step.Want != nil:
		if o, err = r.named(ctx, t.step.Want); o != nil && !r.same(t, o) {
			return
		}
		if o != nil {
			t.id = o.ID
		}
	}
	if err == nil {
		t.see(o)
	}
}

// lastLookTime is how long a look may take at what took too long.
const lastLookTime = 5 * time.Second

// operate sends the request of the operation that is due. It returns what is
// to be waited for, or nil when the operation has taken effect.
func (r *runner) operate(ctx context.Context, t *task) (*wait, error) {
	op := t.op()
	if err := r.beforehand(ctx, t, op); err != nil {
		return nil, err
	}
	switch op.Verb {
	case plan.DoAwait:
		return r.unlessOver(ctx, t, reaches(t.step.Have.Next))
	case plan.DoSettle:
		return r.unlessOver(ctx, t, settled("it to settle"))
	case plan.DoCreate:
		return r.create(ctx, t)
	case plan.DoDelete:
		return r.delete(ctx, t, op)
	case plan.DoCall:
		return r.call(ctx, t, *op.Call)
	case plan.DoLabel:
		return nil, r.label(ctx, t)
	case plan.DoConfirm:
		return nil, r.confirm(ctx, t)
	case plan.DoRelease:
		return nil, r.release(ctx, t)
	case plan.DoActivate:
		return r.activate(ctx, t)
	case plan.DoDeactivate:
		return nil, r.api.DeactivateSnapshot(ctx, t.id)
	case plan.DoReady:
		return r.ready(ctx, t)
	case plan.DoHook:
		return nil, r.hook(ctx, t, op)
	case plan.DoFinish:
		return nil, r.finish(ctx, t)
	}
	return r.lifecycle(ctx, t, op.Verb)
}

// touches reports whether an operation takes its object out of use. A deletion
// does once its request is sent: see delete.
func touches(op plan.Op) bool {
	switch op.Verb {
	case plan.DoStop, plan.DoPause, plan.DoArchive:
		return true
	case plan.DoCall:
		return op.Call.Mode != spec.Live
	}
	return false
}

// retryLater turns an error that only time heals into a wait.
func (r *runner) retryLater(t *task, err error) (*wait, error) {
	switch client.ClassOf(err) {
	case client.InTransition, client.Busy:
		what := "the change under way to end" + reason(err)
		if t.id == "" { // it is what it is made of that changes
			return later(what, refusedFor(lastLook, t.attempt)), nil
		}
		w := settled(what)
		w.again, w.id = true, t.op().ID
		return w, nil
	}
	return nil, err
}

// reason is what the server said when it refused, for the words of a wait.
func reason(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Message != "" {
		return fmt.Sprintf(" (the server says: %s)", e.Message)
	}
	return ""
}

// settled waits until nothing is under way with the object.
func settled(what string) *wait {
	return &wait{what: what, over: func(o *plan.Object) (bool, error) {
		if o == nil {
			return true, nil // whatever is next will find that it is gone
		}
		return o.State == o.Next, nil
	}}
}

// reaches waits until the object is in a state. A sandbox that is at rest in
// another one does not get there by itself any more.
func reaches(state string) *wait {
	return &wait{what: "state " + state, over: func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, failed(o)
		case o.State != state && atRest(o):
			return false, fmt.Errorf("it was to be %s, and is %s: somebody else has changed that meanwhile", state, o.State)
		}
		return o.State == state, nil
	}}
}

// errDeleted is the error of a wait whose object is gone.
var errDeleted = errors.New("it was deleted meanwhile")

// atRest reports whether nothing is under way with a sandbox.
func atRest(o *plan.Object) bool {
	return o.Settled() && slices.Contains([]string{spec.Started, spec.Stopped, spec.Paused, spec.Archived}, o.State)
}

// goal is the run state in which the operations that follow leave a sandbox; ""
// is the one that it is in.
func (t *task) goal() string {
	for _, op := range slices.Backward(t.step.Ops[t.at+1:]) {
		if state := runState[op.Verb]; state != "" {
			return state
		}
	}
	return ""
}

// unlessOver reads the object once before it waits.
func (r *runner) unlessOver(ctx context.Context, t *task, w *wait) (*wait, error) {
	o, err := observe.Read(ctx, r.api, t.step.Address.Kind, t.id)
	if err != nil {
		return nil, err
	}
	if err := r.ours(t, o); err != nil {
		return nil, err
	}
	over, err := w.over(o)
	if over || err != nil {
		return nil, err
	}
	return w, nil
}

// waitCreated is how creations are waited for: a list may have the last word
// on a sandbox that was never before in the state.
func (r *runner) waitCreated(t *task, created time.Time) *wait {
	t.created = created
	w := reaches(map[spec.Kind]string{
		spec.SandboxKind:  spec.Started,
		spec.SnapshotKind: string(client.StateActive),
		spec.VolumeKind:   string(client.StateReady),
	}[t.step.Address.Kind])
	w.listed = t.at == len(t.step.Ops)-1
	if goal := t.goal(); goal != "" { // another apply may have made it, and be ahead
		started := w.over
		w.over = func(o *plan.Object) (bool, error) {
			if o != nil && o.State == goal && atRest(o) {
				return true, nil
			}
			return started(o)
		}
	}
	if t.step.Want.Novel() {
		r.prove(t.step.Want, w)
	}
	return w
}

// prove has a new object read by itself, and checks that the server kept what
// only newer servers know.
func (r *runner) prove(want *spec.Resource, w *wait) {
	w.listed = false
	reached := w.over
	w.over = func(o *plan.Object) (bool, error) {
		over, err := reached(o)
		if !over || err != nil {
			return over, err
		}
		if lost := want.Unkept(o.Object, r.facts); len(lost) > 0 {
			return false, fmt.Errorf("not supported by this server (v%s): it dropped %s; take it out of the spec", r.facts.Version, strings.Join(lost, ", "))
		}
		return true, nil
	}
}
