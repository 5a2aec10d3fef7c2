package apply

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A task is a step on its way. The loop owns it; while it works, the worker
// does.
type task struct {
	step              *plan.Step
	index             int             // in the order of the plan
	number            schedule.TaskID // by which the schedule knows it
	opIndex           int             // index of the operation that is due
	start             time.Time
	opStart           time.Time     // when the operation that is due was begun; zero before
	throttledBeforeOp time.Duration // that the requests before had waited for rate limits
	queuedAt          time.Time     // when it began to stand in line
	deadline          time.Time     // of the whole step, had it waited for no rate limit
	id                string        // of the object; empty before it exists
	attempt           int           // of the operation that is due, from 0
	recorder          client.Recorder

	links      map[string]string
	err        error
	waitingFor *wait // what it waits for, when a worker returned it unfinished
	lastState  string
	result     Result
	ended      bool
	// stopLog ends the stream of the build's log; nil when there is none.
	stopLog      context.CancelFunc
	createdAt    time.Time // by the server's clock, of an object that was just created
	waitingSince time.Time // when it began to wait
	polled       bool      // since then
	// lastEvent is what was last known when a worker was given the task: the loop
	// may tell it while the worker has the rest.
	lastEvent Event

	work             schedule.Task
	rollout          *admission.Rollout // that it is part of; nil: none
	usable           bool               // its sandbox could be used before
	rollbackOf       *task              // that it brings back; nil: none
	owned            bool               // its sandbox was seen to be the fleet's
	disrupted        bool               // something was sent that takes its object out of use
	oldDeletion      deletion           // of the object that its step is about
	leftoverDeletion deletion           // of the spare one
	cause            error              // what result.Err says, without what is lost
	freedAt          time.Time          // when an operation of it last freed something; zero: never
	firstRefusedAt   time.Time          // when a creation was first refused for lack of runners; zero: never
	collidedID       string             // id of what failed to be created and is to be created again; empty for nothing
	collisions       int                // that there were
	probe            probeState         // what was found out about whether it is ready
}

// verb is the operation that the task is at.
func (t *task) verb() plan.Verb { return t.op().Verb }

func (t *task) op() plan.Op { return t.step.Ops[min(t.opIndex, len(t.step.Ops)-1)] }

// opDeadline is when the operation that is due has to be done. The time that its
// requests waited for rate limits does not count.
func (t *task) opDeadline() time.Time {
	paced := t.recorder.Throttled()
	due := t.deadline.Add(paced)
	if limit := t.op().Timeout; limit > 0 && !t.opStart.IsZero() {
		if at := t.opStart.Add(limit + paced - t.throttledBeforeOp); at.Before(due) {
			return at
		}
	}
	return due
}

// startOp begins to measure the time of the operation that is due.
func (t *task) startOp(now time.Time) {
	if t.opStart.IsZero() {
		t.opStart, t.throttledBeforeOp = now, t.recorder.Throttled()
	}
}

// withDeadline is a context that ends when the operation that is due has to be done.
// It belongs to the worker.
func (t *task) withDeadline(ctx context.Context) (limited context.Context, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	var timer *time.Timer
	var mu sync.Mutex // the timer may go off before it is known
	ended := false    // the task may belong to the loop again
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(time.Until(t.opDeadline()), func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		if left := time.Until(t.opDeadline()); left > 0 {
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
	if id := cmp.Or(t.op().ID, t.id); t.verb() == plan.DoDelete && *t.deletionOf(id) == deletionAccepted {
		t.recordDeletion(id, deletionConfirmed)
	}
	if t.verb().FreesQuota() {
		t.freedAt = time.Now()
	}
	if t.opIndex++; t.opIndex < len(t.step.Ops) && t.verb() == plan.DoCreate {
		t.id, t.lastState, t.owned = "", "", false
	}
	t.attempt, t.opStart, t.probe = 0, time.Time{}, probeState{}
}

// prepare makes tasks of the steps.
func (r *runner) prepare(p *plan.Plan, limits *schedule.Limits) {
	for _, s := range p.Steps {
		if len(s.Ops) == 0 && s.Blocked == nil {
			continue
		}
		t := &task{step: s, id: s.ID, index: len(r.planTasks)}
		if len(s.Ops) > 0 && t.verb() == plan.DoCreate {
			t.id = "" // what there is is not the one that is made
		}
		r.planTasks = append(r.planTasks, t)
		r.tasks[s.Address] = t
		r.unfinished++
	}
	for _, t := range r.planTasks {
		work := schedule.Task{Order: t.index, Turns: schedule.TurnsOf(t.step)}
		if t.step.Blocked == nil {
			work.Slot = limits.SlotOf(t.step, r.opts.Target)
		}
		for _, a := range t.step.After {
			if dependency := r.tasks[a]; dependency != nil {
				work.After = append(work.After, schedule.TaskID(dependency.index))
			}
		}
		r.addTask(t, work)
	}
	r.schedule.Connect()
	for _, t := range r.planTasks {
		r.joinRollout(t)
	}
	r.groupTrials()
	for _, t := range r.planTasks {
		switch {
		case t.step.Blocked != nil:
			r.end(t, Skipped, fmt.Errorf("blocked: %s", t.step.Blocked.Reason))
		case r.schedule.Ready(t.number):
			r.enqueue(t)
		}
	}
}

// addTask adds a task to the schedule.
func (r *runner) addTask(t *task, work schedule.Task) {
	t.work = work
	t.number = r.schedule.Add(work)
	r.byNumber = append(r.byNumber, t)
}

// enqueue lets a task wait for its turn: in its rollout first, where it has yet
// to be admitted.
func (r *runner) enqueue(t *task) {
	if t.rollout != nil && t.rollout.AwaitsAdmission(t.number) {
		t.rollout.Hold(t.number)
		return
	}
	if _, waits := r.trials.Waits(t.number); waits {
		r.trials.Hold(t.number)
		return
	}
	t.queuedAt = time.Now()
	r.schedule.Enqueue(t.number)
}

// resolveLinks are the ids for the fields of a create request that hold sandboxes.
func (r *runner) resolveLinks(t *task) map[string]string {
	if t.step.Want == nil {
		return nil
	}
	links := t.step.Want.Links()
	for field, key := range links {
		if owner := r.tasks[spec.Address{Kind: spec.SandboxKind, Key: key}]; owner != nil && owner.id != "" {
			links[field] = owner.id
		} else if id := t.step.LinkedIDs[key]; id != "" {
			links[field] = id
		}
	}
	return links
}
