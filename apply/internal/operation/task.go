package operation

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
)

// A Task is a step on its way, as its worker sees it. A worker gets a copy and returns
// it when it is through, so that no two goroutines share one. Only the recorder is
// shared, which is safe for concurrent use.
type Task struct {
	Step     *plan.Step       // never changes
	Recorder *client.Recorder // of the requests that are sent for the step
	Progress
}

// Progress is what changes while a step is carried out.
type Progress struct {
	OpIndex   int               // of the operation that is due; the number of operations once all are done
	Attempt   int               // of that operation, from 0
	Deadline  time.Time         // of the step, if its requests never wait for rate limits
	Links     map[string]string // ids for the fields of the create request that refer to other sandboxes
	ID        string            // of the object; empty before it exists
	LastState string            // that the object was last seen in; empty if it was not read
	CreatedAt time.Time         // of the object, by the server's clock; zero if the task did not create it
	FreedAt   time.Time         // when an operation last freed quota; zero for never
	Disrupted bool              // a request was sent that takes the object out of use

	Uploading time.Duration // that the upload of local files took

	// StopLog ends the stream of the log of the build, and returns how many of its lines
	// were sent. It is nil if the log is not streamed.
	StopLog func() int

	opStart           time.Time     // of the operation that is due; zero before it starts
	throttledBeforeOp time.Duration // time that earlier requests waited for rate limits
	owned             bool          // the sandbox was seen to belong to the fleet
	firstNoCapacity   time.Time     // when a creation was first refused for lack of runners; zero for never
	deleted           deletions
	collided          collision
	failedBuild       *plan.Object // whose image could not be built; nil for none
	uploadFailed      bool         // the local files of its image could not be uploaded
	probe             probeState
}

// NewTask returns a task that has not started.
func NewTask(s *plan.Step, id string) Task {
	return Task{Step: s, Recorder: &client.Recorder{}, Progress: Progress{ID: id}}
}

// Verb returns the verb of the operation that is due.
func (t *Task) Verb() plan.Verb { return t.op().Verb }

// op returns the operation that is due, or the last one if all are done.
func (t *Task) op() plan.Op { return t.Step.Ops[min(t.OpIndex, len(t.Step.Ops)-1)] }

// Finished reports whether all operations are done.
func (t *Task) Finished() bool { return t.OpIndex >= len(t.Step.Ops) }

// Created reports whether the object of the step exists: its creation is done, or the
// step has none.
func (t *Task) Created() bool {
	created := slices.IndexFunc(t.Step.Ops, func(op plan.Op) bool { return op.Verb == plan.DoCreate })
	return t.OpIndex > created
}

// last reports whether the operation that is due is the last one.
func (t *Task) last() bool { return t.OpIndex == len(t.Step.Ops)-1 }

// kind returns the operations on objects of the task's kind.
func (t *Task) kind() *kind.Ops { return kind.Of(t.Step.Address.Kind) }

// OpDeadline returns when the operation that is due has to be done. Time that its
// requests waited for rate limits does not count.
func (t *Task) OpDeadline() time.Time {
	throttled := t.Recorder.Throttled()
	deadline := t.Deadline.Add(throttled)
	if limit := t.op().Timeout; limit > 0 && !t.opStart.IsZero() {
		if at := t.opStart.Add(limit + throttled - t.throttledBeforeOp); at.Before(deadline) {
			return at
		}
	}
	return deadline
}

// Limit returns the timeout that expires first: the operation's or the step's.
func (t *Task) Limit() time.Duration {
	if t.OpDeadline().Before(t.Deadline) {
		return t.op().Timeout
	}
	return t.Step.Timeout
}

// startOp records when the operation that is due started.
func (t *Task) startOp(now time.Time) {
	if t.opStart.IsZero() {
		t.opStart, t.throttledBeforeOp = now, t.Recorder.Throttled()
	}
}

// withDeadline returns a context that ends at the operation's deadline, which moves
// while requests wait for rate limits.
func (t *Task) withDeadline(ctx context.Context) (limited context.Context, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	snapshot := *t // the timer must not read fields that the worker changes meanwhile
	var timer *time.Timer
	var mu sync.Mutex // the timer may fire before it is assigned
	ended := false
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(time.Until(snapshot.OpDeadline()), func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		if left := time.Until(snapshot.OpDeadline()); left > 0 {
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

// Advance makes the next operation due. A creation is about a new object, so that what
// is known of the earlier one no longer applies.
func (t *Task) Advance(now time.Time) {
	if id := cmp.Or(t.op().ID, t.ID); t.Verb() == plan.DoDelete {
		t.confirmDeletion(id)
	}
	if t.Verb().FreesQuota() {
		t.FreedAt = now
	}
	if t.OpIndex++; !t.Finished() && t.Verb() == plan.DoCreate {
		t.ID, t.LastState, t.owned = "", "", false
	}
	t.Attempt, t.opStart, t.probe = 0, time.Time{}, probeState{}
}

// RecordState records the state of the object as it was read; nil if it no longer
// exists.
func (t *Task) RecordState(o *plan.Object) {
	t.LastState = "gone"
	if o != nil {
		t.LastState = o.State
	}
}

// finalRunState returns the run state in which the operations after the one that is
// due leave the sandbox; empty if they leave it unchanged.
func (t *Task) finalRunState() string {
	for i := len(t.Step.Ops) - 1; i > t.OpIndex; i-- {
		if state := t.Step.Ops[i].Verb.RunState(); state != "" {
			return state
		}
	}
	return ""
}
