package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// work sends the requests of a task's operations until one of them has to be
// waited for, all are done, or one fails. Waiting is left to the loop: a task
// that waits holds no slot.
func (r *runner) work(ctx context.Context, t *task) {
	ctx = t.recorder.WithContext(ctx)
	if r.opts.Trace != nil {
		ctx = r.opts.Trace(ctx, t.step)
	}
	for t.opIndex < len(t.step.Ops) {
		t.startOp(time.Now())
		limited, end := t.withDeadline(ctx)
		w, err := r.execute(limited, t)
		if errors.Is(err, context.Canceled) && errors.Is(context.Cause(limited), context.DeadlineExceeded) {
			err = context.DeadlineExceeded
		}
		end()
		t.disrupted = t.disrupted || t.op().Disrupts() && (err == nil || mayHaveApplied(err))
		if w == nil && err != nil {
			w, err = r.retryLater(t, err)
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			r.recordFinalState(ctx, t)
		}
		if t.err, t.waitingFor = err, w; err != nil || w != nil {
			return
		}
		t.advance()
	}
}

// recordFinalState finds out in which state the object of a task is left whose time was
// up during a request. What cannot be found out stays open.
func (r *runner) recordFinalState(ctx context.Context, t *task) {
	ctx, cancel := context.WithTimeout(ctx, finalReadTimeout)
	defer cancel()
	var o *plan.Object
	var err error
	switch {
	case t.id != "":
		o, err = t.kind().Read(ctx, r.api, t.id)
	case t.step.Want != nil:
		if o, err = r.findByName(ctx, t.step.Want); o != nil && !r.matchesDesired(t, o) {
			return
		}
		if o != nil {
			t.id = o.ID
		}
	}
	if err == nil {
		t.recordState(o)
	}
}

// finalReadTimeout is how long a look may take at what took too long.
const finalReadTimeout = 5 * time.Second

// execute sends the request of the operation that is due. It returns what is
// to be waited for, or nil when the operation has taken effect.
func (r *runner) execute(ctx context.Context, t *task) (*wait, error) {
	op := t.op()
	if err := r.checkBeforeDisruption(ctx, t, op); err != nil {
		return nil, err
	}
	switch op.Verb {
	case plan.DoAwait:
		return r.waitUnlessDone(ctx, t, waitForState(t.step.Have.TargetState))
	case plan.DoSettle:
		return r.waitUnlessDone(ctx, t, waitUntilSettled("it to settle"))
	case plan.DoCreate:
		return r.create(ctx, t)
	case plan.DoDelete:
		return r.delete(ctx, t, op)
	case plan.DoCall:
		return r.updateInPlace(ctx, t, *op.Call)
	case plan.DoLabel:
		return nil, r.writeLabels(ctx, t)
	case plan.DoConfirm:
		return nil, r.confirm(ctx, t)
	case plan.DoRelease:
		return nil, r.release(ctx, t)
	case plan.DoActivate:
		return r.activate(ctx, t)
	case plan.DoDeactivate:
		return nil, r.api.DeactivateSnapshot(ctx, t.id)
	case plan.DoProbe:
		return r.probeReady(ctx, t)
	case plan.DoHook:
		return nil, r.hook(ctx, t, op)
	case plan.DoFinish:
		return nil, r.markFinished(ctx, t)
	}
	return r.changeState(ctx, t, op.Verb)
}

// retryLater turns an error that only time heals into a wait.
func (r *runner) retryLater(t *task, err error) (*wait, error) {
	switch client.ErrorClassOf(err) {
	case client.InTransition, client.Busy:
		what := "the change under way to end" + serverReason(err)
		if t.id == "" { // it is what it is made of that changes
			return retryAfter(what, retryDelay(maxPollInterval, t.attempt)), nil
		}
		w := waitUntilSettled(what)
		w.retry, w.id = true, t.op().ID
		return w, nil
	}
	return nil, err
}

// serverReason is what the server said when it refused, for the words of a wait.
func serverReason(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Message != "" {
		return fmt.Sprintf(" (the server says: %s)", e.Message)
	}
	return ""
}

// waitUntilSettled waits until nothing is under way with the object.
func waitUntilSettled(what string) *wait {
	return &wait{description: what, done: func(o *plan.Object) (bool, error) {
		if o == nil {
			return true, nil // whatever is next will find that it is gone
		}
		return o.State == o.TargetState, nil
	}}
}

// waitForState waits until the object is in a state. A sandbox that is at rest in
// another one does not get there by itself any more.
func waitForState(state string) *wait {
	return &wait{description: "state " + state, done: func(o *plan.Object) (bool, error) {
		switch {
		case o == nil:
			return false, errDeleted
		case o.Failed:
			return false, errFailed(o)
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

// finalRunState is the run state in which the operations that follow leave a sandbox; ""
// is the one that it is in.
func (t *task) finalRunState() string {
	for _, op := range slices.Backward(t.step.Ops[t.opIndex+1:]) {
		if state := op.Verb.RunState(); state != "" {
			return state
		}
	}
	return ""
}

// waitUnlessDone reads the object once before it waits.
func (r *runner) waitUnlessDone(ctx context.Context, t *task, w *wait) (*wait, error) {
	o, err := t.kind().Read(ctx, r.api, t.id)
	if err != nil {
		return nil, err
	}
	if err := r.checkOwnership(t, o); err != nil {
		return nil, err
	}
	done, err := w.done(o)
	if done || err != nil {
		return nil, err
	}
	return w, nil
}

// waitUntilCreated is how creations are waited for: a list may have the last word
// on a sandbox that was never before in the state.
func (r *runner) waitUntilCreated(t *task, created time.Time) *wait {
	t.createdAt = created
	w := waitForState(t.kind().Ready)
	w.trustList = t.opIndex == len(t.step.Ops)-1
	if goal := t.finalRunState(); goal != "" { // another apply may have made it, and be ahead
		started := w.done
		w.done = func(o *plan.Object) (bool, error) {
			if o != nil && o.State == goal && atRest(o) {
				return true, nil
			}
			return started(o)
		}
	}
	if t.step.Want.NeedsNewerServer() {
		r.checkSupported(t.step.Want, w)
	}
	return w
}

// checkSupported has a new object read by itself, and checks that the server kept what
// only newer servers know.
func (r *runner) checkSupported(want *spec.Resource, w *wait) {
	w.trustList = false
	done := w.done
	w.done = func(o *plan.Object) (bool, error) {
		done, err := done(o)
		if !done || err != nil {
			return done, err
		}
		if dropped := want.DroppedByServer(o.Object, r.facts); len(dropped) > 0 {
			return false, fmt.Errorf("not supported by this server (v%s): it dropped %s; take it out of the spec", r.facts.Version, strings.Join(dropped, ", "))
		}
		return true, nil
	}
}
