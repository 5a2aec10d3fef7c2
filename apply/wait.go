package apply

import (
	"context"
	"errors"
	"time"

	"fleet/apply/internal/operation"
	"fleet/client"
)

// nextWake returns how long the loop may sleep if nothing happens.
func (l *loop) nextWake() time.Duration {
	now := time.Now()
	wake := l.waits.nextWake(now.Add(time.Hour), l.mayDeferPolls())
	for _, o := range l.rollouts {
		if until, ok := o.Paused(); ok && o.Failure() == nil {
			wake = sooner(wake, until)
		}
	}
	if grace := l.shutdown.graceDeadline; !grace.IsZero() && !l.shutdown.aborted {
		wake = sooner(wake, grace)
	}
	return max(wake.Sub(now), time.Millisecond)
}

// mayDeferPolls reports whether polls may be deferred because there is other work.
func (l *loop) mayDeferPolls() bool {
	return !l.shutdown.stopped && len(l.waits.tasks) < lazyBatch && !l.schedule.Idle() && !l.schedule.HasTasksAtLimit()
}

// resumeDue continues the tasks that waited for a time that has passed.
func (l *loop) resumeDue() {
	now := time.Now()
	var kept []*task
	for _, t := range l.waits.take() {
		if t.wait.Done == nil && !now.Before(t.wait.due) {
			l.proceed(t, t.wait.Retry)
		} else {
			kept = append(kept, t)
		}
	}
	l.waits.restore(kept)
}

// handleObservations continues the tasks whose waits are over.
func (l *loop) handleObservations(observed observations) {
	next := l.waits.polled(len(observed))
	var kept []*task
	for _, t := range l.waits.take() { // ending a task may end others, or start a wait
		o, polled := observed[t.step.Address]
		switch {
		case t.ended:
			continue
		case !polled || t.wait.Done == nil: // it started to wait after the poll did
			kept = append(kept, t)
			continue
		}
		t.wait.due = next
		done, err := evaluate(l.env, t, o)
		switch {
		case err != nil && o.conclusive && !l.shutdown.aborted && t.work.Collided(o.object):
			l.proceed(t, true)
		case err != nil && o.conclusive && !l.shutdown.aborted && t.work.BuildFailed(o.object):
			l.proceed(t, true)
		case err != nil:
			l.fail(t, err)
		case !done:
			t.wait.polled = true
			kept = append(kept, t)
		default:
			l.proceed(t, t.wait.Retry)
		}
	}
	l.waits.restore(kept)
	if l.shutdown.aborted { // by one of the failures above, when the list was taken
		l.interruptWaits()
	}
}

// evaluate reports whether a task's wait is over, or has failed. A read that failed
// proves nothing: the next one may succeed.
func evaluate(env *operation.Env, t *task, o observation) (bool, error) {
	if o.err != nil {
		switch class := client.ErrorClassOf(o.err); {
		case class == client.Unauthorized, class == client.Forbidden, errors.Is(o.err, context.Canceled):
			return false, o.err
		}
		return false, nil
	}
	if t.wait.ID == "" { // otherwise it is another object than the task's
		t.work.RecordState(o.object)
	}
	done, err := t.wait.Done(o.object)
	switch {
	case !o.conclusive:
		return false, nil
	case err == nil && !t.work.Deleting(): // a deletion that was accepted cannot be stopped
		err = t.work.CheckOwnership(env, o.object)
	}
	return done, err
}

// proceed continues a task after its wait: with another attempt if retry is set, and
// otherwise with the next operation.
func (l *loop) proceed(t *task, retry bool) {
	if retry {
		t.work.Attempt++
	} else {
		t.work.Advance(time.Now())
	}
	l.setTurn(t)
	if t.work.Finished() {
		l.end(t, Done, nil)
		return
	}
	t.wait = nil // its next timeout is not about this wait
	l.enqueue(t)
}
