package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fleet/client"
)

// handleResult takes back a task from its worker.
func (r *runner) handleResult(ctx context.Context, t *task) {
	r.schedule.SetTurn(t.number, t.opIndex, t.freedAt)
	r.awaitQuota(t)
	switch {
	case t.ended:
	case t.err != nil:
		r.fail(t, t.err)
	case t.waitingFor != nil && r.aborted:
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, t.waitingFor.description))
	case t.waitingFor != nil:
		t.waitingSince, t.polled = time.Now(), false
		if t.waitingFor.done != nil {
			t.waitingFor.due = r.pollBackoff.firstPoll(t.waitingSince, len(r.waiting), t.attempt)
		}
		r.waiting = append(r.waiting, t)
		r.followLog(ctx, t)
	case r.aborted && t.opIndex < len(t.step.Ops):
		r.end(t, Interrupted, fmt.Errorf("%w before %s", ErrStopped, t.verb()))
	case t.opIndex < len(t.step.Ops):
		r.enqueue(t)
	default:
		r.end(t, Done, nil)
	}
}

// fail ends a task by an error, and the whole run where no other step could
// fare better.
func (r *runner) fail(t *task, err error) {
	if r.aborted && errors.Is(err, context.Canceled) {
		r.end(t, Interrupted, fmt.Errorf("%w during %s: whether it took effect is not known", ErrStopped, t.verb()))
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.timeoutError(t)
	}
	r.end(t, Failed, err)
	switch client.ErrorClassOf(err) {
	case client.Unauthorized, client.Suspended:
		if r.fatal == nil {
			r.fatal = err
			r.halt(fmt.Errorf("not begun: %w", err))
			r.interruptWaits()
		}
	}
}

// timeoutError is the error of a task whose time is up.
func (r *runner) timeoutError(t *task) error {
	limit, what := t.step.Timeout, string(t.verb())
	if t.opDeadline().Before(t.deadline) {
		limit = t.op().Timeout
	}
	if t.waitingFor != nil {
		what = "waiting for " + t.waitingFor.description
	}
	if t.lastState != "" {
		what += "; it was last seen " + t.lastState
	}
	if t.waitingFor != nil && t.waitingFor.refusal != nil {
		return fmt.Errorf("not done after %s, while waiting for room in the quota: %w", limit, t.waitingFor.refusal)
	}
	return fmt.Errorf("not done after %s, while %s; %s", limit, what, nextRunHint(t))
}

// nextRunHint is what the next run will do about a task whose time is up.
func nextRunHint(t *task) string {
	if t.id == "" {
		return "whether it was created is not known: the next run looks for it by its name"
	}
	return t.verb().NextRun()
}

// end gives a task its result and lets go of those that wait for it.
func (r *runner) end(t *task, outcome Phase, err error) {
	if t.ended {
		return
	}
	err = redactError(t.step, err)
	t.ended = true
	if t.stopLog != nil {
		t.stopLog()
	}
	r.unfinished--
	dependents := r.schedule.End(t.number, outcome == Done)
	var took time.Duration
	if !t.start.IsZero() {
		took = t.endTime(outcome).Sub(t.start)
	}
	t.cause = err
	var lost string
	if outcome != Done {
		var sentence string
		lost, sentence = t.loss()
		err = withLoss(err, sentence)
	}
	t.result = Result{Step: t.step, Outcome: outcome, ID: t.id, Err: err, Lost: lost, Start: t.start, Duration: took, State: t.lastState, RequestLog: t.recorder.Log()}
	if t.rollbackOf == nil { // what undoes another is told as that one's end
		r.notify(Event{Phase: outcome, Step: t.step, ID: t.id, Err: err, Lost: lost, Duration: took})
	}
	for _, number := range dependents {
		if outcome == Done {
			r.enqueue(r.byNumber[number])
		} else {
			r.end(r.byNumber[number], Skipped, fmt.Errorf("%s was not done", t.step.Address))
		}
	}
	if t.rollout != nil {
		r.decide(t.rollout, t.rollout.End(t.number, admissionOutcome(outcome), t.disrupted))
	}
	if t.rollbackOf != nil {
		r.recordRollback(t)
	}
	r.endTrial(t)
}

// endTime is when a task ended. One that was looked at late, with many others, and
// had been done by then, ended when its request was answered.
func (t *task) endTime(outcome Phase) time.Time {
	if outcome == Done && t.waitingFor != nil && t.waitingFor.trustList && !t.polled {
		return t.waitingSince
	}
	return time.Now()
}

// halt begins no more steps.
func (r *runner) halt(reason error) {
	if r.stopped {
		return
	}
	r.stopped = true
	for _, o := range r.rollouts {
		r.decide(o, o.Stop())
	}
	for _, t := range slices.Concat(r.planTasks, r.rollbackTasks) {
		if t.start.IsZero() {
			r.end(t, Skipped, reason)
		}
	}
	var cause error // nil when it is a failure that ends the run
	if errors.Is(reason, ErrStopped) {
		cause = ErrStopped
	}
	for _, t := range slices.Concat(r.planTasks, r.rollbackTasks) {
		if !t.ended {
			event := t.lastEvent
			event.Phase, event.Err = Draining, cause
			r.notify(event)
		}
	}
}

// drain begins no more steps, and gives those that were begun a while to end.
func (r *runner) drain() {
	r.halt(ErrStopped)
	r.graceDeadline = time.Now().Add(r.opts.GracePeriod)
}

// abort leaves off what was begun and is not done. Requests under way end with
// the context.
func (r *runner) abort() {
	r.aborted = true
	r.interruptWaits()
	r.cancel()
}

// interruptWaits leaves off waiting. Requests under way are finished.
func (r *runner) interruptWaits() {
	r.aborted = true
	unfinished := slices.Clone(r.waiting)
	for _, number := range r.schedule.Queued() {
		unfinished = append(unfinished, r.byNumber[number])
	}
	for _, t := range unfinished {
		what := "its turn"
		if t.waitingFor != nil {
			what = t.waitingFor.description
		}
		r.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, what))
	}
	r.waiting = nil
}

// expireWaits fails the waiting tasks whose time is up, and ends the run when its
// own is.
func (r *runner) expireWaits() {
	now := time.Now()
	if !r.graceDeadline.IsZero() && !now.Before(r.graceDeadline) && !r.aborted {
		r.abort()
	}
	kept := r.waiting[:0]
	for _, t := range r.waiting {
		if now.Before(t.opDeadline()) {
			kept = append(kept, t)
		} else {
			r.end(t, Failed, r.timeoutError(t))
		}
	}
	r.waiting = kept
}
