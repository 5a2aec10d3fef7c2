package apply

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"fleet/client"
	"fleet/plan"
)

// A wait is what a task waits for.
type wait struct {
	description string // in words
	due         time.Time

	// done judges the object as it was read; nil is one that is gone. It
	// reports whether the wait is over, and how it failed. A nil over is of a
	// wait that ends when it is due, whatever there is to see.
	done func(o *plan.Object) (bool, error)

	// trustList says that a list may have the last word, if it says that the wait
	// has ended well. Lists may lag: this is for what cannot have been so
	// before, such as a new sandbox being started.
	trustList bool

	refusal error // that it waits out; nil for other waits

	retry bool   // the operation is then tried again, rather than done
	id    string // of the object, where it is not the task's
}

// pollBackoff spaces out looks at waiting objects: soon after something new waits,
// then less and less often: up to once a second, and of what takes longer at a
// tenth of the time that it has taken.
type pollBackoff struct{ interval time.Duration }

const (
	minPollInterval     = 50 * time.Millisecond
	maxPollInterval     = time.Second
	maxSlowPollInterval = 10 * time.Second       // however long it takes
	maxRetryDelay       = 30 * time.Second       // what is refused again and again is tried again no more often
	minListInterval     = 300 * time.Millisecond // a list may be several requests
	// listThreshold is how many objects are read one by one; more are looked up in
	// a list first.
	listThreshold = 20
	// minReportedWait is after what time a list is asked for even a few objects.
	longWait = 10 * time.Second
	// lazyPollDelay is how long creations and deletions wait for others to be
	// confirmed with.
	lazyPollDelay = 3 * time.Second
	// lazyBatch is a list page: more need not be waited for.
	lazyBatch = 200
)

// firstPoll is when to look at what begins to wait beside n others. What waits
// because it was refused waits longer each time.
func (p *pollBackoff) firstPoll(now time.Time, n, attempt int) time.Time {
	if attempt == 0 && n <= listThreshold {
		p.interval = minPollInterval
	}
	return now.Add(max(p.interval, retryDelay(minPollInterval, attempt)))
}

// retryDelay is how long an operation waits before it is tried again, after so
// many refusals; first is how long after the first.
func retryDelay(base time.Duration, attempt int) time.Duration {
	return min(base<<min(attempt, 10), maxRetryDelay)
}

// nextPoll is when to look again after a look at n objects, of which the latest has
// waited for a time.
func (p *pollBackoff) nextPoll(now time.Time, n int, waited time.Duration) time.Time {
	p.interval = min(max(p.interval, minPollInterval)*3/2, min(max(waited/10, maxPollInterval), maxSlowPollInterval))
	if n > listThreshold {
		p.interval = max(p.interval, minListInterval)
	}
	return now.Add(p.interval)
}

// nextWake is how long the loop may sleep if nothing happens.
func (r *runner) nextWake() time.Duration {
	wake, now, deferred := time.Hour, time.Now(), r.mayDeferPolls()
	at := func(moment time.Time) { wake = min(wake, moment.Sub(now)) }
	for _, t := range r.waiting {
		at(t.opDeadline())
		if !r.polling || t.waitingFor.done == nil {
			at(r.pollAt(t, deferred))
		}
	}
	for _, o := range r.rollouts {
		if until, ok := o.Paused(); ok && o.Failure() == nil {
			at(until)
		}
	}
	if !r.graceDeadline.IsZero() && !r.aborted {
		at(r.graceDeadline)
	}
	return max(wake, time.Millisecond)
}

// pollAt is when the task's object is to be looked at. A creation or deletion
// that nothing waits for is left for a while, as long as there is other work:
// one list then confirms many.
func (r *runner) pollAt(t *task, deferred bool) time.Time {
	if deferred && t.waitingFor.trustList && !r.schedule.HasDependents(t.number) && t.rollout == nil {
		return t.waitingFor.due.Add(lazyPollDelay)
	}
	return t.waitingFor.due
}

// mayDeferPolls reports whether looks may be put off.
func (r *runner) mayDeferPolls() bool {
	return !r.stopped && len(r.waiting) < lazyBatch && !r.schedule.Idle() && !r.schedule.HasTasksAtLimit()
}

// poll looks at the waiting objects that are due, one look at a time.
func (r *runner) poll(ctx context.Context) {
	now := time.Now()
	if r.polling || len(r.waiting) == 0 {
		return
	}
	var due, all []*task
	deferred := r.mayDeferPolls()
	for _, t := range r.waiting {
		if t.waitingFor.done == nil {
			continue
		}
		overdue := !now.Before(r.pollAt(t, deferred))
		if overdue {
			due = append(due, t)
		}
		if overdue || !t.waitingFor.retry { // what was refused is not tried again before its time
			all = append(all, t)
		}
	}
	if len(due) == 0 {
		return
	}
	if len(due) > 1 { // one look serves all
		due = all
	}
	r.polling = true
	maxReads := listThreshold
	if r.shortestWait(now) > longWait {
		maxReads = 1
	}
	targets := make([]pollTarget, len(due))
	for i, t := range due {
		targets[i] = pollTarget{t.step.Address, t.id, t.createdAt, t.waitingFor.done, t.waitingFor.trustList}
		if t.waitingFor.id != "" {
			targets[i].id, targets[i].createdAt = t.waitingFor.id, time.Time{}
		}
	}
	r.pollers.Go(func() error {
		r.polled <- r.observe(r.pollRecorder.WithContext(ctx), targets, maxReads)
		return nil
	})
}

// resumeDue moves on the tasks that only waited for a time.
func (r *runner) resumeDue() {
	now := time.Now()
	waiting := r.waiting
	r.waiting = nil
	var kept []*task
	for _, t := range waiting {
		if t.waitingFor.done == nil && !now.Before(t.waitingFor.due) {
			r.proceed(t)
		} else {
			kept = append(kept, t)
		}
	}
	r.waiting = append(kept, r.waiting...)
}

// shortestWait is for how long the latest of the tasks that are looked at has waited.
func (r *runner) shortestWait(now time.Time) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for _, t := range r.waiting {
		if t.waitingFor.done != nil {
			shortest = min(shortest, now.Sub(t.waitingSince))
		}
	}
	return shortest
}

// pollTimeout is how long a look may take. One that hangs holds up all others.
const pollTimeout = 30 * time.Second

// handleObservations moves on the tasks whose waits are over.
func (r *runner) handleObservations(observed observations) {
	now := time.Now()
	next := r.pollBackoff.nextPoll(now, len(observed), r.shortestWait(now))
	waiting := r.waiting
	r.waiting = nil // what happens may add to it, or leave off all
	var kept []*task
	for _, t := range waiting {
		s, polled := observed[t.step.Address]
		if !polled || t.ended || t.waitingFor.done == nil {
			if !t.ended {
				kept = append(kept, t)
			}
			continue
		}
		t.waitingFor.due = next
		done, err := r.evaluateWait(t, s)
		switch {
		case err != nil && s.conclusive && r.collided(t, s.object):
			t.waitingFor.retry = true
			r.proceed(t)
		case err != nil:
			r.fail(t, err)
		case !done:
			t.polled = true
			kept = append(kept, t)
		default:
			r.proceed(t)
		}
	}
	r.waiting = append(kept, r.waiting...)
	if r.aborted {
		r.interruptWaits()
	}
}

// evaluateWait says whether a task's wait is over.
func (r *runner) evaluateWait(t *task, s observation) (bool, error) {
	if s.err != nil {
		switch client.ErrorClassOf(s.err) {
		case client.Unauthorized, client.Forbidden:
			return false, s.err
		}
		if errors.Is(s.err, context.Canceled) {
			return false, s.err
		}
		return false, nil // a look that failed says nothing; the next one may
	}
	if t.waitingFor.id == "" {
		t.recordState(s.object)
	}
	done, err := t.waitingFor.done(s.object)
	switch {
	case !s.conclusive:
		return false, nil
	case err == nil && t.verb() != plan.DoDelete: // a deletion that was accepted goes on
		err = r.checkOwnership(t, s.object)
	}
	return done, err
}

// proceed makes a task ready for what comes after its wait.
func (r *runner) proceed(t *task) {
	if t.waitingFor.retry {
		t.attempt++
	} else {
		t.advance()
	}
	r.schedule.SetTurn(t.number, t.opIndex, t.freedAt)
	if t.opIndex == len(t.step.Ops) {
		r.end(t, Done, nil)
		return
	}
	t.waitingFor = nil
	r.enqueue(t)
}

// recordState remembers the state that the object was last seen in.
func (t *task) recordState(o *plan.Object) {
	t.lastState = "gone"
	if o != nil {
		t.lastState = o.State
	}
}

// errFailed is the error of an object that went into an error state.
func errFailed(o *plan.Object) error {
	if o.ErrorReason == "" {
		return fmt.Errorf("it went into state %s; the server gives no reason", o.State)
	}
	return fmt.Errorf("it went into state %s: %s", o.State, o.ErrorReason)
}
