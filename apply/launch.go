package apply

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/apply/internal/operation"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// workers send the requests of tasks, each of one task at a time.
type workers struct {
	group   *errgroup.Group
	results chan workerResult // never blocks: each worker sends once before it is free again
}

// A workerResult is how far a worker has come with a task.
type workerResult struct {
	task   operation.Task
	number schedule.TaskID
	wait   *operation.Wait // what the task waits for; nil if it is done or failed
	err    error
	sample schedule.Sample
}

func newWorkers(n int) workers {
	group := &errgroup.Group{}
	group.SetLimit(n)
	return workers{group, make(chan workerResult, n)}
}

// start lets a worker carry out the operations of a task. The worker gets a copy of it.
func (w workers) start(ctx context.Context, env *operation.Env, number schedule.TaskID, work operation.Task) {
	start, verb, before, uploading := time.Now(), work.Verb(), work.Recorder.Log(), work.Uploading
	w.group.Go(func() error {
		wait, err := operation.Run(ctx, env, &work)
		sample := newSample(verb, start, before, work.Recorder.Log())
		sample.Latency -= work.Uploading - uploading
		w.results <- workerResult{work, number, wait, err, sample}
		return nil
	})
}

// newSample measures the operations that a worker sent since start.
func newSample(verb plan.Verb, start time.Time, before, after client.RequestLog) schedule.Sample {
	return schedule.Sample{
		Verb: verb, Start: start, Latency: time.Since(start) - (after.Wait - before.Wait),
		Refused: after.RateLimited > before.RateLimited || after.Unavailable > before.Unavailable,
	}
}

// launch gives queued tasks to workers until none may start.
func (l *loop) launch(ctx context.Context) {
	for {
		now := time.Now()
		number, ok := l.schedule.Next(now)
		if !ok {
			return
		}
		t := l.tasks[number]
		if !t.started() {
			t.start = now
			t.work.Deadline = now.Add(t.step.Timeout)
			t.work.Links = resolveLinks(t.step, l.byAddress)
			l.trials.Start(number)
		} else { // time in the queue does not count
			t.work.Deadline = t.work.Deadline.Add(now.Sub(t.queuedAt))
		}
		t.lastEvent = Event{Phase: Working, Step: t.step, Verb: t.work.Verb(), ID: t.work.ID}
		if t.work.Attempt == 0 {
			l.notify(t.lastEvent)
		}
		l.workers.start(ctx, l.env, number, t.work)
	}
}

// resolveLinks returns the ids for the fields of a create request that refer to other
// sandboxes. Those exist by now.
func resolveLinks(s *plan.Step, tasks map[spec.Address]*task) map[string]string {
	if s.Want == nil {
		return nil
	}
	links := s.Want.Links()
	for field, key := range links {
		if other := tasks[spec.Address{Kind: spec.SandboxKind, Key: key}]; other != nil && other.work.ID != "" {
			links[field] = other.work.ID
		} else if id := s.LinkedIDs[key]; id != "" {
			links[field] = id
		}
	}
	return links
}
