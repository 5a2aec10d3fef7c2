package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/client"
	"fleet/plan"
)

// settle takes back a task from its worker.
func (r *runner) settle(ctx context.Context, t *task) {
	switch {
	case t.ended:
	case t.err != nil:
		r.fail(t, t.err)
	case t.waits != nil && r.stopped:
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, t.waits.what))
	case t.waits != nil:
		t.waits.due = r.pace.parked(time.Now(), len(r.waiting), t.attempt)
		r.waiting = append(r.waiting, t)
		r.follow(ctx, t)
	case r.stopped && t.at < len(t.step.Ops):
		r.end(t, Interrupted, fmt.Errorf("%w before %s", ErrStopped, t.step.Ops[t.at].Verb))
	case t.at < len(t.step.Ops):
		r.ready = append(r.ready, t)
	default:
		r.end(t, Done, nil)
	}
}

// fail ends a task by an error, and the whole run where no other step could
// fare better.
func (r *runner) fail(t *task, err error) {
	if r.stopped && errors.Is(err, context.Canceled) {
		r.end(t, Interrupted, fmt.Errorf("%w during %s: whether it took effect is not known", ErrStopped, t.step.Ops[t.at].Verb))
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.timeout(t)
	}
	r.end(t, Failed, err)
	switch client.ClassOf(err) {
	case client.Unauthorized, client.Suspended:
		r.fatal = err
		r.halt(fmt.Errorf("not begun: %w", err))
	}
}

// timeout is the error of a task whose time is up.
func (r *runner) timeout(t *task) error {
	what := string(t.verb())
	if t.waits != nil {
		what = "waiting for " + t.waits.what
		if t.waits.seen != "" {
			what += "; it was last seen " + t.waits.seen
		}
	}
	return fmt.Errorf("not done after %s, while %s; the next run goes on from there", t.step.Timeout, what)
}

// end gives a task its result and lets go of those that wait for it.
func (r *runner) end(t *task, outcome Phase, err error) {
	if t.ended {
		return
	}
	err = redacted(t.step, err)
	t.ended = true
	if t.unfollow != nil {
		t.unfollow()
	}
	r.openAll--
	var took time.Duration
	if !t.began.IsZero() {
		took = time.Since(t.began)
	}
	t.result = Result{Step: t.step, Outcome: outcome, ID: t.id, Err: err, Took: took}
	r.notify(Event{Phase: outcome, Step: t.step, ID: t.id, Err: err, Took: took})
	for _, n := range t.next {
		if n.open--; outcome != Done {
			r.end(n, Skipped, fmt.Errorf("%s was not done", t.step.Address))
		} else if n.open == 0 && !n.ended {
			r.ready = append(r.ready, n)
		}
	}
}

// halt begins no more steps and leaves off waiting. Requests under way are
// finished.
func (r *runner) halt(reason error) {
	if r.stopped {
		return
	}
	r.stopped = true
	for _, t := range r.order {
		if t.began.IsZero() {
			r.end(t, Skipped, reason)
		}
	}
	for _, t := range append(r.waiting, r.ready...) {
		what := "its turn"
		if t.waits != nil {
			what = t.waits.what
		}
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, what))
	}
	r.waiting, r.ready = nil, nil
	var asked error // nil when it is a failure that ends the run
	if errors.Is(reason, ErrStopped) {
		asked = ErrStopped
	}
	for _, t := range r.order {
		if !t.ended { // a worker has it
			draining := t.told
			draining.Phase, draining.Err = Draining, asked
			r.notify(draining)
		}
	}
}

// verb is the operation that the task is at.
func (t *task) verb() plan.Verb { return t.step.Ops[min(t.at, len(t.step.Ops)-1)].Verb }

// expire fails the waiting tasks whose time is up.
func (r *runner) expire() {
	now := time.Now()
	kept := r.waiting[:0]
	for _, t := range r.waiting {
		if now.Before(t.deadline) {
			kept = append(kept, t)
		} else {
			r.end(t, Failed, r.timeout(t))
		}
	}
	r.waiting = kept
}
