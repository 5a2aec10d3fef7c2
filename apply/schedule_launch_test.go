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
		r := &runner{schedule: newSchedule(&plan.Plan{}, 1), returned: make(chan returned, 1), notify: func(e Event) { events = append(events, e) }}
		ops := []plan.Op{{Verb: plan.DoStart}}
		task := &task{id: "7", at: len(ops), step: &plan.Step{ // whose operations are done
			Ops: ops, Timeout: time.Minute, Want: wanted(t)["sandbox.linked"], Linked: map[string]string{"plain": "id-of-plain"},
		}}
		turn := func() {
			r.enqueue(task)
			time.Sleep(time.Second)
			r.launch(t.Context())
			if err := r.workers.Wait(); err != nil {
				t.Error(err)
			}
			if back := <-r.returned; back.task != task || back.load != lifecycle {
				t.Errorf("returned %+v", back)
			}
			r.schedule.back(lifecycle, task.answer)
		}
		start := time.Now()
		turn()
		began := start.Add(time.Second)
		if !task.began.Equal(began) || !task.deadline.Equal(began.Add(time.Minute)) {
			t.Errorf("begun at %s, until %s", task.began.Sub(start), task.deadline.Sub(start))
		}
		if want := map[string]string{"linkedSandbox": "id-of-plain"}; !maps.Equal(task.links, want) {
			t.Errorf("links %v, want %v", task.links, want)
		}
		if len(events) != 1 || events[0].Phase != Working || events[0].Step != task.step || events[0].Verb != plan.DoStart || events[0].ID != "7" {
			t.Errorf("events %+v", events)
		}
		if !task.answer.began.Equal(began) || task.answer.verb != plan.DoStart {
			t.Errorf("answer %+v", task.answer)
		}
		task.attempt = 1
		turn()
		if !task.began.Equal(began) || !task.deadline.Equal(began.Add(time.Minute+time.Second)) {
			t.Errorf("begun at %s, until %s after a second in line", task.began.Sub(start), task.deadline.Sub(start))
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
			before, after client.Trail
			took          time.Duration
			refused       bool
		}{
			{client.Trail{}, client.Trail{}, 10 * time.Second, false},
			{client.Trail{Waited: time.Second}, client.Trail{Waited: 4 * time.Second}, 7 * time.Second, false},
			{client.Trail{Limited: 1, Failing: 1}, client.Trail{Limited: 1, Failing: 1}, 10 * time.Second, false},
			{client.Trail{Limited: 1}, client.Trail{Limited: 2}, 10 * time.Second, true},
			{client.Trail{Failing: 1}, client.Trail{Failing: 2}, 10 * time.Second, true},
		} {
			got := answered(plan.DoStop, began, c.before, c.after)
			if want := (answer{plan.DoStop, began, c.took, c.refused}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	})
}
