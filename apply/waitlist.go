package apply

import (
	"context"
	"math"
	"time"

	"fleet/apply/internal/operation"
)

const (
	// lazyPollDelay is how long the poll for a task that nothing depends on is
	// deferred, so that one list confirms many.
	lazyPollDelay = 3 * time.Second
	// lazyBatch is the size of a list page: deferring polls for more saves nothing.
	lazyBatch = 200
)

// A wait is what a task waits for, and since when.
type wait struct {
	*operation.Wait
	since  time.Time
	due    time.Time // next poll, or end of a wait for a time
	polled bool      // the object was read since
	lazy   bool      // nothing depends on the task: its poll may be deferred
}

// pollAt returns when to poll. deferred means that lazy waits are polled later.
func (w *wait) pollAt(deferred bool) time.Time {
	if deferred && w.lazy {
		return w.due.Add(lazyPollDelay)
	}
	return w.due
}

// A waitlist holds the tasks that wait, and polls for them.
type waitlist struct {
	tasks   []*task
	poller  *poller
	backoff pollBackoff
	polling bool // a poll is under way, or its result has not been handled
}

// add lets a task wait.
func (l *waitlist) add(t *task, w *operation.Wait, lazy bool) {
	now := time.Now()
	t.wait = &wait{Wait: w, since: now, due: now.Add(w.After), lazy: lazy && w.TrustList}
	if w.Done != nil {
		t.wait.due = l.backoff.first(now, len(l.tasks), t.work.Attempt)
	}
	l.tasks = append(l.tasks, t)
}

// take empties the list and returns its tasks.
func (l *waitlist) take() []*task {
	tasks := l.tasks
	l.tasks = nil
	return tasks
}

// restore adds tasks that were taken and wait on. They come before those that were
// added since.
func (l *waitlist) restore(tasks []*task) { l.tasks = append(tasks, l.tasks...) }

// nextWake returns when a task of the list is due next, or the given time if that is
// sooner.
func (l *waitlist) nextWake(wake time.Time, deferred bool) time.Time {
	for _, t := range l.tasks {
		wake = sooner(wake, t.work.OpDeadline())
		if !l.polling || t.wait.Done == nil {
			wake = sooner(wake, t.wait.pollAt(deferred))
		}
	}
	return wake
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// poll reads the objects of the tasks that are due, unless a poll is under way.
func (l *waitlist) poll(ctx context.Context, deferred bool) {
	if l.polling || len(l.tasks) == 0 {
		return
	}
	now := time.Now()
	var due, all []*task
	for _, t := range l.tasks {
		if t.wait.Done == nil {
			continue
		}
		isDue := !now.Before(t.wait.pollAt(deferred))
		if isDue {
			due = append(due, t)
		}
		if isDue || !t.wait.Retry { // an operation that was refused is not sent again early
			all = append(all, t)
		}
	}
	if len(due) == 0 {
		return
	}
	targets := pollTargets(due)
	if len(due) > 1 && l.poller.lists.saves(targets) { // one list serves all
		targets = pollTargets(all)
	}
	l.polling = true
	l.poller.start(ctx, targets)
}

func pollTargets(tasks []*task) []pollTarget {
	targets := make([]pollTarget, len(tasks))
	for i, t := range tasks {
		targets[i] = pollTarget{t.step.Address, t.work.ID, t.work.CreatedAt, t.wait.Done, t.wait.TrustList}
		if t.wait.ID != "" {
			targets[i].id, targets[i].createdAt = t.wait.ID, time.Time{}
		}
	}
	return targets
}

// polled records that a poll for n objects has ended, and returns when to poll again.
func (l *waitlist) polled(n int) time.Time {
	now := time.Now()
	l.polling = false
	return l.backoff.next(now, n, l.shortest(now))
}

// shortest returns how long the task that started to wait last has waited for an
// object.
func (l *waitlist) shortest(now time.Time) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for _, t := range l.tasks {
		if t.wait.Done != nil {
			shortest = min(shortest, now.Sub(t.wait.since))
		}
	}
	return shortest
}
