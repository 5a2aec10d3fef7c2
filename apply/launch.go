package apply

import (
	"context"
	"time"

	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
)

// launch gives ready tasks to workers until none may start.
func (r *runner) launch(ctx context.Context) {
	for {
		now := time.Now()
		number, ok := r.schedule.Next(now)
		if !ok {
			return
		}
		t := r.byNumber[number]
		if t.start.IsZero() {
			t.start = now
			r.trials.Start(t.number)
			t.deadline = now.Add(t.step.Timeout)
			t.links = r.resolveLinks(t)
		} else { // time in the queue does not count
			t.deadline = t.deadline.Add(now.Sub(t.queuedAt))
		}
		t.lastEvent = Event{Phase: Working, Step: t.step, Verb: t.verb(), ID: t.id}
		if t.attempt == 0 {
			r.notify(t.lastEvent)
		}
		r.workers.Go(func() error {
			before := t.recorder.Log()
			r.work(ctx, t)
			r.results <- workerResult{t, newSample(t.lastEvent.Verb, now, before, t.recorder.Log())}
			return nil
		})
	}
}

// newSample measures the operations that a worker sent since start.
func newSample(verb plan.Verb, start time.Time, before, after client.RequestLog) schedule.Sample {
	return schedule.Sample{
		Verb: verb, Start: start, Latency: time.Since(start) - (after.Wait - before.Wait),
		Refused: after.RateLimited > before.RateLimited || after.Unavailable > before.Unavailable,
	}
}
