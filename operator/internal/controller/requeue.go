package controller

import (
	"errors"
	"math/rand/v2"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/internal/watch"
	"fleet/operator/internal/session"
)

// Times after which a pass that failed is made again, and priorities of passes.
const (
	retryOfFailure = time.Minute // of steps, unless the policy knows a better time
	shortest       = time.Second
	resyncPriority = -50 // below that of new work, which is 0
)

// requeue returns when the object is reconciled next, if nothing happens before.
func (w *work) requeue() ctrl.Result {
	switch {
	case w.isInterrupted():
		return requeueAfter(shortest)
	case w.outcome.suspended:
		return ctrl.Result{}
	}
	return requeueAfter(max(w.wait(), shortest))
}

// requeueAfter returns the result of an object that is compared again after a time, behind
// new work.
func requeueAfter(d time.Duration) ctrl.Result {
	priority := resyncPriority
	return ctrl.Result{RequeueAfter: d, Priority: &priority}
}

// whenBusy returns when the object is reconciled after the server was busy. New work keeps its
// priority.
func (w *work) whenBusy() ctrl.Result {
	if w.isNew() {
		return ctrl.Result{RequeueAfter: jittered(watch.FirstRetry)}
	}
	return requeueAfter(jittered(watch.FirstRetry))
}

// wait returns the time until the next pass.
func (w *work) wait() time.Duration {
	switch o := &w.outcome; {
	case o.err != nil:
		return w.retryDelay(o.err)
	case o.result == nil:
		return w.interval() // what a user changes is seen at once
	case o.result.Done > 0 && o.result.Needs != "":
		return shortest // what is left is another plan, which can be approved
	default:
		return w.untilNext(o.result)
	}
}

// untilNext returns the time until more can be done, or until the next comparison.
func (w *work) untilNext(r *session.Result) time.Duration {
	wait := w.interval()
	if len(r.Failures) > 0 {
		wait = min(wait, jittered(retryOfFailure))
	}
	if !r.Next.IsZero() {
		wait = min(wait, r.Next.Sub(w.now()))
	}
	return wait
}

// retryDelay returns the time after which a pass that failed as a whole is made again.
func (w *work) retryDelay(err error) time.Duration {
	wait := watch.RetryDelay(w.entry.failures)
	if refused := (*session.Error)(nil); errors.As(err, &refused) {
		wait = max(wait, refused.RetryAfter)
	}
	return jittered(wait)
}

// jittered returns a time that is up to a tenth longer, so that fleets do not retry in
// step.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1))
}
