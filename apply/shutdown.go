package apply

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A shutdown is how far a run has been stopped before its end.
type shutdown struct {
	stopped       bool      // no more steps start
	aborted       bool      // steps that were started are not finished
	graceDeadline time.Time // when the run is aborted; zero for never
	fatal         error     // that stopped the run; nil if the caller did
	cancel        context.CancelFunc
}

// halt starts no more steps.
func (l *loop) halt(reason error) {
	if l.shutdown.stopped {
		return
	}
	l.shutdown.stopped = true
	for _, o := range l.rollouts {
		l.carryOut(o, o.Stop())
	}
	for _, t := range l.tasks {
		if !t.started() {
			l.end(t, Skipped, reason)
		}
	}
	var cause error // nil if a failure ends the run
	if errors.Is(reason, ErrStopped) {
		cause = ErrStopped
	}
	for _, t := range l.tasks {
		if !t.ended {
			event := t.lastEvent
			event.Phase, event.Err = Draining, cause
			l.notify(event)
		}
	}
}

// haltBy starts no more steps because of an error that all of them would meet. Requests
// in flight are finished.
func (l *loop) haltBy(err error) {
	if l.shutdown.fatal != nil {
		return
	}
	l.shutdown.fatal = err
	l.halt(fmt.Errorf("not started: %w", err))
	l.interruptWaits()
}

// drain starts no more steps, and gives those that were started the grace period to
// end.
func (l *loop) drain() {
	l.halt(ErrStopped)
	l.shutdown.graceDeadline = time.Now().Add(l.opts.GracePeriod)
}

// abort ends all waits, and cancels requests in flight.
func (l *loop) abort() {
	l.interruptWaits()
	l.shutdown.cancel()
}

// interruptWaits ends all waits, and what is queued.
func (l *loop) interruptWaits() {
	l.shutdown.aborted = true
	tasks := l.waits.take()
	for _, number := range l.schedule.Queued() {
		tasks = append(tasks, l.tasks[number])
	}
	for _, t := range tasks {
		what := "a free worker"
		if t.wait != nil {
			what = t.wait.Description
		}
		l.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, what))
	}
}

// expireWaits fails the waiting tasks whose deadline has passed, and aborts the run
// after its grace period.
func (l *loop) expireWaits() {
	now := time.Now()
	if grace := l.shutdown.graceDeadline; !grace.IsZero() && !now.Before(grace) && !l.shutdown.aborted {
		l.abort()
	}
	var kept []*task
	for _, t := range l.waits.take() {
		if now.Before(t.work.OpDeadline()) {
			kept = append(kept, t)
		} else {
			l.end(t, Failed, timeoutError(t))
		}
	}
	l.waits.restore(kept)
}
