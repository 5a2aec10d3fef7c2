package apply

import (
	"context"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/operation"
	"fleet/apply/internal/schedule"
	"fleet/plan"
)

// A task is a step of a run. Each of its parts has one owner.
type task struct {
	identity
	record

	// work is what the operations need and find out. A worker gets a copy of it and
	// returns that with its result, so that the loop and the worker never share one:
	// while a worker has the task, this is how far it was before.
	work operation.Task
}

// An identity is what never changes while the run lasts.
type identity struct {
	number     schedule.TaskID // index in the loop's tasks
	step       *plan.Step
	slot       schedule.Slot
	region     string             // id of the region in which it creates its object; empty if unknown
	rollout    *admission.Rollout // that it is part of; nil for none
	usable     bool               // its sandbox could be used when the plan was made
	rollbackOf *task              // that it rolls back; nil for a task of the plan
}

// A record is what the loop knows of a task. No other goroutine reads it.
type record struct {
	start     time.Time // when a worker was first given the task; zero before
	queuedAt  time.Time // when it was last enqueued
	lastEvent Event     // when a worker was last given the task
	wait      *wait     // nil if it waits for nothing
	ended     bool
	result    Result             // once it has ended
	cause     error              // result.Err without the loss that it reports
	stopLog   context.CancelFunc // ends the stream of its build log; nil if there is none
}

// started reports whether a worker was ever given the task.
func (t *task) started() bool { return !t.start.IsZero() }

// endTime returns when a task ended. If its object had reached its state by the first
// poll, which may be late since it serves many, it ended when its request was answered.
func (t *task) endTime(outcome Phase) time.Time {
	if outcome == Done && t.wait != nil && t.wait.TrustList && !t.wait.polled {
		return t.wait.since
	}
	return time.Now()
}
