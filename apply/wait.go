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
	what string // in words
	due  time.Time

	// over judges the object as it was read; nil is one that is gone. It
	// reports whether the wait is over, and how it failed. A nil over is of a
	// wait that ends when it is due, whatever there is to see.
	over func(o *plan.Object) (bool, error)

	// listed says that a list may have the last word, if it says that the wait
	// has ended well. Lists may lag: this is for what cannot have been so
	// before, such as a new sandbox being started.
	listed bool

	refusal error // that it waits out; nil for other waits

	again bool   // the operation is then tried again, rather than done
	id    string // of the object, where it is not the task's
}

// pace spaces out looks at waiting objects: soon after something new waits,
// then less and less often: up to once a second, and of what takes longer at a
// tenth of the time that it has taken.
type pace struct{ interval time.Duration }

const (
	firstLook = 50 * time.Millisecond
	lastLook  = time.Second
	rareLook  = 10 * time.Second       // however long it takes
	lastRetry = 30 * time.Second       // what is refused again and again is tried again no more often
	firstList = 300 * time.Millisecond // a list may be several requests
	// listAbove is how many objects are read one by one; more are looked up in
	// a list first.
	listAbove = 20
	// longWait is after what time a list is asked for even a few objects.
	longWait = 10 * time.Second
	// lazyLook is how long creations and deletions wait for others to be
	// confirmed with.
	lazyLook = 3 * time.Second
	// lazyBatch is a list page: more need not be waited for.
	lazyBatch = 200
)

// parked is when to look at what begins to wait beside n others. What waits
// because it was refused waits longer each time.
func (p *pace) parked(now time.Time, n, attempt int) time.Time {
	if attempt == 0 && n <= listAbove {
		p.interval = firstLook
	}
	return now.Add(max(p.interval, refusedFor(firstLook, attempt)))
}

// refusedFor is how long an operation waits before it is tried again, after so
// many refusals; first is how long after the first.
func refusedFor(first time.Duration, attempt int) time.Duration {
	return min(first<<min(attempt, 10), lastRetry)
}

// looked is when to look again after a look at n objects, of which the latest has
// waited for a time.
func (p *pace) looked(now time.Time, n int, waited time.Duration) time.Time {
	p.interval = min(max(p.interval, firstLook)*3/2, min(max(waited/10, lastLook), rareLook))
	if n > listAbove {
		p.interval = max(p.interval, firstList)
	}
	return now.Add(p.interval)
}

// nextWake is how long the loop may sleep if nothing happens.
func (r *runner) nextWake() time.Duration {
	wake, now, lazy := time.Hour, time.Now(), r.lazy()
	at := func(moment time.Time) { wake = min(wake, moment.Sub(now)) }
	for _, t := range r.waiting {
		at(t.due())
		if !r.polling || t.waits.over == nil {
			at(r.lookAt(t, lazy))
		}
	}
	for _, o := range r.turns {
		if !o.resumes.IsZero() && o.failure == nil && o.wave < len(o.Waves) {
			at(o.resumes)
		}
	}
	if !r.until.IsZero() && !r.cut {
		at(r.until)
	}
	return max(wake, time.Millisecond)
}

// lookAt is when the task's object is to be looked at. A creation or deletion
// that nothing waits for is left for a while, as long as there is other work:
// one list then confirms many.
func (r *runner) lookAt(t *task, lazy bool) time.Time {
	if lazy && t.waits.listed && len(t.next) == 0 && t.rollout == nil {
		return t.waits.due.Add(lazyLook)
	}
	return t.waits.due
}

// lazy reports whether looks may be put off.
func (r *runner) lazy() bool {
	return !r.stopped && len(r.waiting) < lazyBatch && !r.schedule.idle() && !r.schedule.lacksRoom()
}

// poll looks at the waiting objects that are due, one look at a time.
func (r *runner) poll(ctx context.Context) {
	now := time.Now()
	if r.polling || len(r.waiting) == 0 {
		return
	}
	var due, all []*task
	lazy := r.lazy()
	for _, t := range r.waiting {
		if t.waits.over == nil {
			continue
		}
		late := !now.Before(r.lookAt(t, lazy))
		if late {
			due = append(due, t)
		}
		if late || !t.waits.again { // what was refused is not tried again before its time
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
	few := listAbove
	if r.waited(now) > longWait {
		few = 1
	}
	looks := make([]look, len(due))
	for i, t := range due {
		looks[i] = look{t.step.Address, t.id, t.created, t.waits.over, t.waits.listed}
		if t.waits.id != "" {
			looks[i].id, looks[i].created = t.waits.id, time.Time{}
		}
	}
	r.pollers.Go(func() error {
		r.polled <- r.sight(r.reads.Track(ctx), looks, few)
		return nil
	})
}

// wake moves on the tasks that only waited for a time.
func (r *runner) wake() {
	now := time.Now()
	waiting := r.waiting
	r.waiting = nil
	var kept []*task
	for _, t := range waiting {
		if t.waits.over == nil && !now.Before(t.waits.due) {
			r.moveOn(t)
		} else {
			kept = append(kept, t)
		}
	}
	r.waiting = append(kept, r.waiting...)
}

// waited is for how long the latest of the tasks that are looked at has waited.
func (r *runner) waited(now time.Time) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for _, t := range r.waiting {
		if t.waits.over != nil {
			shortest = min(shortest, now.Sub(t.parked))
		}
	}
	return shortest
}

// lookTime is how long a look may take. One that hangs holds up all others.
const lookTime = 30 * time.Second

// look moves on the tasks whose waits are over.
func (r *runner) look(seen sightings) {
	now := time.Now()
	next := r.pace.looked(now, len(seen), r.waited(now))
	waiting := r.waiting
	r.waiting = nil // what happens may add to it, or leave off all
	var kept []*task
	for _, t := range waiting {
		s, looked := seen[t.step.Address]
		if !looked || t.ended || t.waits.over == nil {
			if !t.ended {
				kept = append(kept, t)
			}
			continue
		}
		t.waits.due = next
		over, err := r.judge(t, s)
		switch {
		case err != nil && s.final && r.collided(t, s.object):
			t.waits.again = true
			r.moveOn(t)
		case err != nil:
			r.fail(t, err)
		case !over:
			t.looked = true
			kept = append(kept, t)
		default:
			r.moveOn(t)
		}
	}
	r.waiting = append(kept, r.waiting...)
	if r.cut {
		r.leaveWaits()
	}
}

// judge says whether a task's wait is over.
func (r *runner) judge(t *task, s sighting) (bool, error) {
	if s.err != nil {
		switch client.ClassOf(s.err) {
		case client.Unauthorized, client.Forbidden:
			return false, s.err
		}
		if errors.Is(s.err, context.Canceled) {
			return false, s.err
		}
		return false, nil // a look that failed says nothing; the next one may
	}
	if t.waits.id == "" {
		t.see(s.object)
	}
	over, err := t.waits.over(s.object)
	switch {
	case !s.final:
		return false, nil
	case err == nil && t.verb() != plan.DoDelete: // a deletion that was accepted goes on
		err = r.ours(t, s.object)
	}
	return over, err
}

// moveOn makes a task ready for what comes after its wait.
func (r *runner) moveOn(t *task) {
	if t.waits.again {
		t.attempt++
	} else {
		t.advance()
	}
	r.noteFreed(t)
	if t.at == len(t.step.Ops) {
		r.end(t, Done, nil)
		return
	}
	t.waits = nil
	r.enqueue(t)
}

// see remembers the state that the object was last seen in.
func (t *task) see(o *plan.Object) {
	t.seen = "gone"
	if o != nil {
		t.seen = o.State
	}
}

// failed is the error of an object that went into an error state.
func failed(o *plan.Object) error {
	if o.ErrorReason == "" {
		return fmt.Errorf("it went into state %s; the server gives no reason", o.State)
	}
	return fmt.Errorf("it went into state %s: %s", o.State, o.ErrorReason)
}
