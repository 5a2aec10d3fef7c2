package apply

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A task is a step on its way. The loop owns it; while it works, the worker
// does.
type task struct {
	step     *plan.Step
	index    int // in the order of the plan
	depth    int // steps in a row that wait for it
	at       int // index of the operation that is due
	began    time.Time
	opBegan  time.Time     // when the operation that is due was begun; zero before
	opPaced  time.Duration // that the requests before had waited for rate limits
	lined    time.Time     // when it began to stand in line
	deadline time.Time     // of the whole step, had it waited for no rate limit
	id       string        // of the object; empty before it exists
	attempt  int           // of the operation that is due, from 0
	tracker  client.Tracker

	open   int     // steps that it waits for
	next   []*task // steps that wait for it
	links  map[string]string
	err    error
	waits  *wait // what it waits for, when a worker returned it unfinished
	seen   string
	answer answer
	result Result
	ended  bool
	// unfollow ends the stream of the build's log; nil when there is none.
	unfollow context.CancelFunc
	created  time.Time // by the server's clock, of an object that was just created
	parked   time.Time // when it began to wait
	looked   bool      // since then
	// told is what was last known when a worker was given the task: the loop
	// may tell it while the worker has the rest.
	told Event

	room    room
	entered bool // it takes up its room

	rollout    *rollout  // that it is part of; nil: none
	usable     bool      // its sandbox could be used before
	admitted   bool      // by its rollout
	undoes     *task     // that it brings back; nil: none
	owned      bool      // its sandbox was seen to be the fleet's
	touched    bool      // something was sent that takes its object out of use
	oldGone    deletion  // of the object that its step is about
	spareGone  deletion  // of the spare one
	cause      error     // what result.Err says, without what is lost
	trial      *trial    // that its create request is part of; nil: it risks no sandbox
	from       int       // index of the operation that was due when the loop last had it
	freed      time.Time // when an operation of it last freed something; zero: never
	short      bool      // it waits for room in the quota
	refused    time.Time // when a creation was first refused for lack of runners; zero: never
	collision  string    // id of what failed to be created and is to be created again; empty for nothing
	collisions int       // that there were
	checked    checked   // what was found out about whether it is ready
}

// verb is the operation that the task is at.
func (t *task) verb() plan.Verb { return t.op().Verb }

func (t *task) op() plan.Op { return t.step.Ops[min(t.at, len(t.step.Ops)-1)] }

// due is when the operation that is due has to be done. The time that its
// requests waited for rate limits does not count.
func (t *task) due() time.Time {
	paced := t.tracker.Paced()
	due := t.deadline.Add(paced)
	if limit := t.op().Timeout; limit > 0 && !t.opBegan.IsZero() {
		if at := t.opBegan.Add(limit + paced - t.opPaced); at.Before(due) {
			return at
		}
	}
	return due
}

// beginOp begins to measure the time of the operation that is due.
func (t *task) beginOp(now time.Time) {
	if t.opBegan.IsZero() {
		t.opBegan, t.opPaced = now, t.tracker.Paced()
	}
}

// limited is a context that ends when the operation that is due has to be done.
// It belongs to the worker.
func (t *task) limited(ctx context.Context) (limited context.Context, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	var timer *time.Timer
	var mu sync.Mutex // the timer may go off before it is known
	ended := false    // the task may belong to the loop again
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(time.Until(t.due()), func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		if left := time.Until(t.due()); left > 0 {
			timer.Reset(left)
			return
		}
		cancel(context.DeadlineExceeded)
	})
	return limited, func() {
		mu.Lock()
		ended = true
		mu.Unlock()
		timer.Stop()
		cancel(nil)
	}
}

// advance goes on to the next operation. A creation is about another object than
// what was before.
func (t *task) advance() {
	if id := cmp.Or(t.op().ID, t.id); t.verb() == plan.DoDelete && *t.goneOf(id) == beingDeleted {
		t.deletes(id, deletedForSure)
	}
	if frees(t.op()) {
		t.freed = time.Now()
	}
	if t.at++; t.at < len(t.step.Ops) && t.verb() == plan.DoCreate {
		t.id, t.seen, t.owned = "", "", false
	}
	t.attempt, t.opBegan, t.checked = 0, time.Time{}, checked{}
}

// prepare makes tasks of the steps.
func (r *runner) prepare(p *plan.Plan) {
	for _, s := range p.Steps {
		if len(s.Ops) == 0 && s.Blocked == nil {
			continue
		}
		t := &task{step: s, id: s.ID, index: len(r.order)}
		if len(s.Ops) > 0 && t.verb() == plan.DoCreate {
			t.id = "" // what there is is not the one that is made
		}
		if s.Blocked == nil {
			t.room = r.schedule.roomFor(p, s, r.opts.Target)
		}
		r.order = append(r.order, t)
		r.tasks[s.Address] = t
		r.openAll++
	}
	for _, t := range r.order {
		for _, a := range t.step.After {
			if before := r.tasks[a]; before != nil {
				t.open++
				before.next = append(before.next, t)
			}
		}
	}
	r.prepareTrials()
	for _, t := range r.order {
		t.measure()
		r.join(t)
	}
	for _, t := range r.order {
		switch {
		case t.step.Blocked != nil:
			r.end(t, Skipped, fmt.Errorf("blocked: %s", t.step.Blocked.Reason))
		case t.open == 0 && !t.ended:
			r.enqueue(t)
		}
	}
}

// held reports whether the task's rollout has yet to admit it.
func (t *task) held() bool {
	return t.rollout != nil && !t.admitted && (t.step.Wave > 0 || t.undoes != nil)
}

// measure finds out how many steps in a row wait for the task.
func (t *task) measure() int {
	if t.depth > 0 || len(t.next) == 0 {
		return t.depth
	}
	for _, n := range t.next {
		t.depth = max(t.depth, 1+n.measure())
	}
	return t.depth
}

// enqueue lets a task wait for its turn: in its rollout first, where it has yet
// to be admitted.
func (r *runner) enqueue(t *task) {
	if t.held() {
		t.rollout.hold(t)
		return
	}
	if t.awaitsTrial() {
		t.trial.ready = append(t.trial.ready, t)
		return
	}
	t.lined = time.Now()
	r.schedule.add(t)
}

// linksOf are the ids for the fields of a create request that hold sandboxes.
func (r *runner) linksOf(t *task) map[string]string {
	if t.step.Want == nil {
		return nil
	}
	links := t.step.Want.Links()
	for field, key := range links {
		if owner := r.tasks[spec.Address{Kind: spec.SandboxKind, Key: key}]; owner != nil && owner.id != "" {
			links[field] = owner.id
		} else if id := t.step.Linked[key]; id != "" {
			links[field] = id
		}
	}
	return links
}
