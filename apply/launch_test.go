package apply

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply/internal/applytest"

	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
)

// TestScheduleLaunch checks what a task is given when its turn comes: its time starts
// with the first one, and time in the queue does not count.
func TestScheduleLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []Event
		step := &plan.Step{
			Timeout: time.Minute, Want: applytest.Resources(t)["sandbox.linked"], LinkedIDs: map[string]string{"plain": "id-of-plain"}, ID: "7",
			Address: boxAt("linked"), Ops: []plan.Op{{Verb: plan.DoStart}},
		}
		l := newLoop(nil, &plan.Plan{Steps: []*plan.Step{step}}, Options{Parallelism: 1}, func(e Event) { events = append(events, e) })
		task := l.tasks[0]
		var back workerResult
		turn := func() {
			l.enqueue(task)
			time.Sleep(time.Second)
			task.work.OpIndex = 1 // so that nothing is sent
			l.launch(t.Context())
			if err := l.workers.group.Wait(); err != nil {
				t.Error(err)
			}
			if back = <-l.workers.results; back.number != task.number || back.err != nil || back.wait != nil {
				t.Errorf("returned %+v", back)
			}
			l.schedule.Returned(task.number, time.Now(), back.sample)
		}
		start := time.Now()
		turn()
		began := start.Add(time.Second)
		if !task.start.Equal(began) || !task.work.Deadline.Equal(began.Add(time.Minute)) {
			t.Errorf("begun at %s, until %s", task.start.Sub(start), task.work.Deadline.Sub(start))
		}
		if want := map[string]string{"linkedSandbox": "id-of-plain"}; !maps.Equal(task.work.Links, want) {
			t.Errorf("links %v, want %v", task.work.Links, want)
		}
		if len(events) != 1 || events[0].Phase != Working || events[0].Step != task.step || events[0].Verb != plan.DoStart || events[0].ID != "7" {
			t.Errorf("events %+v", events)
		}
		if !back.sample.Start.Equal(began) || back.sample.Verb != plan.DoStart {
			t.Errorf("answer %+v", back.sample)
		}
		task.work.Attempt = 1
		turn()
		if !task.start.Equal(began) || !task.work.Deadline.Equal(began.Add(time.Minute+time.Second)) {
			t.Errorf("begun at %s, until %s after a second in line", task.start.Sub(start), task.work.Deadline.Sub(start))
		}
		if len(events) != 1 {
			t.Errorf("events %+v of another attempt", events)
		}
	})
}

// TestBudgetLearnsFromAnswers checks what counts as a refusal, and that waiting before
// requests is no part of the latency.
func TestBudgetLearnsFromAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		time.Sleep(10 * time.Second)
		for _, c := range []struct {
			before, after client.RequestLog
			took          time.Duration
			refused       bool
		}{
			{client.RequestLog{}, client.RequestLog{}, 10 * time.Second, false},
			{client.RequestLog{Wait: time.Second}, client.RequestLog{Wait: 4 * time.Second}, 7 * time.Second, false},
			{client.RequestLog{RateLimited: 1, Unavailable: 1}, client.RequestLog{RateLimited: 1, Unavailable: 1}, 10 * time.Second, false},
			{client.RequestLog{RateLimited: 1}, client.RequestLog{RateLimited: 2}, 10 * time.Second, true},
			{client.RequestLog{Unavailable: 1}, client.RequestLog{Unavailable: 2}, 10 * time.Second, true},
		} {
			got := newSample(plan.DoStop, began, c.before, c.after)
			if want := (schedule.Sample{Verb: plan.DoStop, Start: began, Latency: c.took, Refused: c.refused}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	})
}
