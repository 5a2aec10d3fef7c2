package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
)

// settle takes back a task from its worker.
func (r *runner) settle(ctx context.Context, t *task) {
	r.noteFreed(t)
	r.awaitRoom(t)
	switch {
	case t.ended:
	case t.err != nil:
		r.fail(t, t.err)
	case t.waits != nil && r.cut:
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, t.waits.what))
	case t.waits != nil:
		t.parked, t.looked = time.Now(), false
		if t.waits.over != nil {
			t.waits.due = r.pace.parked(t.parked, len(r.waiting), t.attempt)
		}
		r.waiting = append(r.waiting, t)
		r.follow(ctx, t)
	case r.cut && t.at < len(t.step.Ops):
		r.end(t, Interrupted, fmt.Errorf("%w before %s", ErrStopped, t.verb()))
	case t.at < len(t.step.Ops):
		r.enqueue(t)
	default:
		r.end(t, Done, nil)
	}
}

// fail ends a task by an error, and the whole run where no other step could
// fare better.
func (r *runner) fail(t *task, err error) {
	if r.cut && errors.Is(err, context.Canceled) {
		r.end(t, Interrupted, fmt.Errorf("%w during %s: whether it took effect is not known", ErrStopped, t.verb()))
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.timeout(t)
	}
	r.end(t, Failed, err)
	switch client.ClassOf(err) {
	case client.Unauthorized, client.Suspended:
		if r.fatal == nil {
			r.fatal = err
			r.halt(fmt.Errorf("not begun: %w", err))
			r.leaveWaits()
		}
	}
}

// timeout is the error of a task whose time is up.
func (r *runner) timeout(t *task) error {
	limit, what := t.step.Timeout, string(t.verb())
	if t.due().Before(t.deadline) {
		limit = t.op().Timeout
	}
	if t.waits != nil {
		what = "waiting for " + t.waits.what
	}
	if t.seen != "" {
		what += "; it was last seen " + t.seen
	}
	if t.waits != nil && t.waits.refusal != nil {
		return fmt.Errorf("not done after %s, while waiting for room in the quota: %w", limit, t.waits.refusal)
	}
	return fmt.Errorf("not done after %s, while %s; %s", limit, what, onceMore(t))
}

// onceMore is what the next run will do about a task whose time is up.
func onceMore(t *task) string {
	switch verb := t.verb(); {
	case verb == plan.DoCreate && t.id == "":
		return "whether it was created is not known: the next run looks for it by its name"
	case verb == plan.DoCreate:
		return "the next run finds it, and replaces it if it failed"
	case verb == plan.DoDelete:
		return "the next run deletes it if it is still there"
	case verb == plan.DoReady, verb == plan.DoHook:
		return "it stays as it is, and the next run tries again"
	}
	return "the next run goes on from there"
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
	r.schedule.left(t)
	r.schedule.count(t, false)
	var took time.Duration
	if !t.began.IsZero() {
		took = t.ending(outcome).Sub(t.began)
	}
	t.cause = err
	var lost string
	if outcome != Done {
		var sentence string
		lost, sentence = t.loss()
		err = withLoss(err, sentence)
	}
	t.result = Result{Step: t.step, Outcome: outcome, ID: t.id, Err: err, Lost: lost, Began: t.began, Took: took, State: t.seen, Trail: t.tracker.Trail()}
	if t.undoes == nil { // what undoes another is told as that one's end
		r.notify(Event{Phase: outcome, Step: t.step, ID: t.id, Err: err, Lost: lost, Took: took})
	}
	for _, n := range t.next {
		if n.open--; outcome != Done {
			r.end(n, Skipped, fmt.Errorf("%s was not done", t.step.Address))
		} else if n.open == 0 && !n.ended {
			r.enqueue(n)
		}
	}
	if t.rollout != nil {
		r.tally(t)
	}
	if t.trial != nil {
		r.tried(t)
	}
}

// ending is when a task ended. One that was looked at late, with many others, and
// had been done by then, ended when its request was answered.
func (t *task) ending(outcome Phase) time.Time {
	if outcome == Done && t.waits != nil && t.waits.listed && !t.looked {
		return t.parked
	}
	return time.Now()
}

// halt begins no more steps.
func (r *runner) halt(reason error) {
	if r.stopped {
		return
	}
	r.stopped = true
	for _, o := range r.turns {
		if o.rollsBack {
			o.rollsBack = false
			r.strand(o)
		}
	}
	for _, t := range slices.Concat(r.order, r.undo) {
		if t.began.IsZero() {
			r.end(t, Skipped, reason)
		}
	}
	var asked error // nil when it is a failure that ends the run
	if errors.Is(reason, ErrStopped) {
		asked = ErrStopped
	}
	for _, t := range slices.Concat(r.order, r.undo) {
		if !t.ended {
			draining := t.told
			draining.Phase, draining.Err = Draining, asked
			r.notify(draining)
		}
	}
}

// drain begins no more steps, and gives those that were begun a while to end.
func (r *runner) drain() {
	r.halt(ErrStopped)
	r.until = time.Now().Add(r.opts.Grace)
}

// cutOff leaves off what was begun and is not done. Requests under way end with
// the context.
func (r *runner) cutOff() {
	r.cut = true
	r.leaveWaits()
	r.cancel()
}

// leaveWaits leaves off waiting. Requests under way are finished.
func (r *runner) leaveWaits() {
	r.cut = true
	for _, t := range append(r.waiting, r.schedule.waiting()...) {
		what := "its turn"
		if t.waits != nil {
			what = t.waits.what
		}
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, what))
	}
	r.waiting = nil
}

// expire fails the waiting tasks whose time is up, and ends the run when its
// own is.
func (r *runner) expire() {
	now := time.Now()
	if !r.until.IsZero() && !now.Before(r.until) && !r.cut {
		r.cutOff()
	}
	kept := r.waiting[:0]
	for _, t := range r.waiting {
		if now.Before(t.due()) {
			kept = append(kept, t)
		} else {
			r.end(t, Failed, r.timeout(t))
		}
	}
	r.waiting = kept
}
