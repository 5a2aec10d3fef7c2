package apply

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/plan"
)

// TestScheduleLaunch checks what a task is given when its turn comes: its time
// begins with the first one, and standing in line does not count.
func TestScheduleLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []Event
		r := &runner{schedule: newSchedule(&plan.Plan{}, 1), results: make(chan workerResult, 1), notify: func(e Event) { events = append(events, e) }}
		ops := []plan.Op{{Verb: plan.DoStart}}
		task := &task{id: "7", opIndex: len(ops), step: &plan.Step{ // whose operations are done
			Ops: ops, Timeout: time.Minute, Want: wanted(t)["sandbox.linked"], LinkedIDs: map[string]string{"plain": "id-of-plain"},
		}}
		turn := func() {
			r.enqueue(task)
			time.Sleep(time.Second)
			r.launch(t.Context())
			if err := r.workers.Wait(); err != nil {
				t.Error(err)
			}
			if back := <-r.results; back.task != task || back.class != lifecycleClass {
				t.Errorf("returned %+v", back)
			}
			r.schedule.workerDone(lifecycleClass, task.sample)
		}
		start := time.Now()
		turn()
		began := start.Add(time.Second)
		if !task.start.Equal(began) || !task.deadline.Equal(began.Add(time.Minute)) {
			t.Errorf("begun at %s, until %s", task.start.Sub(start), task.deadline.Sub(start))
		}
		if want := map[string]string{"linkedSandbox": "id-of-plain"}; !maps.Equal(task.links, want) {
			t.Errorf("links %v, want %v", task.links, want)
		}
		if len(events) != 1 || events[0].Phase != Working || events[0].Step != task.step || events[0].Verb != plan.DoStart || events[0].ID != "7" {
			t.Errorf("events %+v", events)
		}
		if !task.sample.start.Equal(began) || task.sample.verb != plan.DoStart {
			t.Errorf("answer %+v", task.sample)
		}
		task.attempt = 1
		turn()
		if !task.start.Equal(began) || !task.deadline.Equal(began.Add(time.Minute+time.Second)) {
			t.Errorf("begun at %s, until %s after a second in line", task.start.Sub(start), task.deadline.Sub(start))
		}
		if len(events) != 1 {
			t.Errorf("events %+v of another attempt", events)
		}
	})
}

// TestBudgetLearnsFromAnswers checks what counts as a refusal, and that waiting
// before requests is no part of how long the server takes.
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
			if want := (sample{plan.DoStop, began, c.took, c.refused}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	})
}
