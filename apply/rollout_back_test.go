package apply

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// balanced checks how much of each rollout is in flight.
func (o *turnout) balanced(what string, want int) {
	o.t.Helper()
	for _, x := range o.rolloutOrder {
		if x.inFlight != want {
			o.t.Errorf("%s: %d in flight, want %d", what, x.inFlight, want)
		}
	}
}

// TestRolloutAfterAFailure checks what a failed step leaves: a sandbox that was
// never touched can be used as before.
func TestRolloutAfterAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		broken, touched bool
		begins          string
		outcomes        string
	}{
		"not touched":                {false, false, "b", "a failed"},
		"touched":                    {false, true, "", "a failed, b skipped"},
		"not touched, broken before": {true, false, "", "a failed, b skipped"},
		"touched, and broken before": {true, true, "", "a failed, b skipped"},
	} {
		of := waves(1, spec.ContinueRollout, 2)
		o := turnOut(t, of, "a:1 b:1", func(s *plan.Step) {
			if s.Address == boxAt("a") {
				s.Have.Failed = c.broken
			}
		})
		if c.broken {
			o.rollouts[of].unavailable = 1
		}
		o.wants(name, "a", "")
		o.tasks[boxAt("a")].disrupted = c.touched
		o.fails("a", 0, errors.New("no"))
		o.wants(name, c.begins, c.outcomes)
	}
}

// TestRolloutStopped checks what a run that was stopped says of a rollout: what it
// would have brought back is interrupted, and nothing else.
func TestRolloutStopped(t *testing.T) {
	o := turnOut(t, waves(0, spec.RollBack, 2), "a:1 b:1")
	o.begins()
	o.touch("a")
	o.stopped = true
	o.done("a")
	o.wants("without a failure", "", "a done")

	of, other := waves(0, spec.RollBack, 1, 5), waves(0, spec.RollBack, 1)
	o = turnOut(t, of, "z:1 a:2 b:2 c:2 d:2 e:2 f:1", func(s *plan.Step) {
		switch s.Address {
		case boxAt("d"):
			s.Rollback = nil
		case boxAt("f"):
			s.Rollout = other
		}
	})
	o.wants("the first wave", "z f", "")
	o.done("z")
	o.done("f")
	o.wants("the second wave", "a b c d e", "z done, f done")
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		o.touch(key)
	}
	o.done("a")
	o.done("d")
	o.fails("b", 0, errors.New("no"))
	o.wants("after a failure", "", "z done, a done, b failed, d done, f done")
	o.halt(ErrStopped)
	o.wants("stopped", "", "z done, a interrupted, b failed, d done, f done")
	o.done("c")
	o.wants("one more is done", "", "z done, a interrupted, b failed, c interrupted, d done, f done")
	if err := o.tasks[boxAt("c")].result.Err; !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "wave 2 of 2 failed") {
		t.Error(err)
	}
	o.fails("e", 0, errors.New("no"))
	if o.begins(); len(o.rollbackTasks) > 0 {
		t.Errorf("%d go back after the run was stopped", len(o.rollbackTasks))
	}
}

// TestRollbackOfItsWave checks which sandboxes go back: those of the wave that
// failed that were touched, and the new ones of surges.
func TestRollbackOfItsWave(t *testing.T) {
	of, other := waves(0, spec.RollBack, 1, 7), waves(0, spec.RollBack, 1, 1)
	o := turnOut(t, of, "z:1 a:2 b:2 c:2 d:2 e:2 g:2 h:2 y:1 f:2", func(s *plan.Step) {
		switch s.Address {
		case boxAt("c"), boxAt("d"):
			s.Surge = true
		case boxAt("g"): // never found ready
			s.Surge, s.Have.Labels = true, map[string]string{spec.PendingLabel: "1"}
		case boxAt("y"), boxAt("f"):
			s.Rollout = other
		}
	})
	o.begins()
	for _, key := range []string{"z", "y"} {
		o.touch(key)
		o.done(key)
	}
	o.begins()
	for _, key := range []string{"a", "f"} {
		o.touch(key)
		o.done(key)
	}
	o.tasks[boxAt("d")].id = "" // nothing was created
	o.touch("h")
	for _, key := range []string{"b", "c", "d", "g", "h"} {
		o.fails(key, 0, errors.New("no"))
	}
	o.touch("e")
	o.end(o.tasks[boxAt("e")], Interrupted, ErrStopped)
	o.begins()
	var got []string
	for _, back := range o.rollbackTasks {
		got = append(got, back.step.Address.Key+" "+string(back.verb()))
		if want := back.step.Address == boxAt("a") || back.step.Address == boxAt("c"); back.usable != want {
			t.Errorf("%s can be used: %t", back.step.Address, back.usable)
		}
	}
	if text := strings.Join(got, ", "); text != "a start, c delete, g delete, h start" {
		t.Errorf("%s go back", text)
	}
	for _, back := range o.rollbackTasks {
		o.end(back, Done, nil)
	}
	o.balanced("after all", 0)
	if o.begins(); len(o.rollbackTasks) != 4 {
		t.Errorf("%d go back in the end", len(o.rollbackTasks))
	}
}

// TestRollbackIsBounded checks that what can be used is left as it is when it may
// not be taken out of use, and nothing can change that.
func TestRollbackIsBounded(t *testing.T) {
	of := waves(1, spec.RollBack, 2)
	o := turnOut(t, of, "a:1 b:1")
	o.begins()
	o.touch("a")
	o.done("a")
	o.begins()
	o.touch("b")
	o.fails("b", 0, errors.New("no"))
	o.wants("the broken one", "b", "a done, b failed")
	o.undoFails(1, errors.New("no way"))
	o.wants("in the end", "", "a done, b failed")
	o.balanced("in the end", 0)
	if back := o.rollbackTasks[0]; !back.ended || back.result.Outcome != Skipped {
		t.Errorf("%s waits still", back.step.Address)
	}
	if err := o.tasks[boxAt("b")].result.Err; !strings.Contains(err.Error(), "and it was not brought back to what it was: no way") {
		t.Error(err)
	}
}

// undoFails ends one of the tasks that bring something back with an error.
func (o *turnout) undoFails(i int, err error) {
	o.rollbackTasks[i].disrupted = true
	o.end(o.rollbackTasks[i], Failed, err)
}

// TestRollbackIsReported checks what is told of a sandbox that went back.
func TestRollbackIsReported(t *testing.T) {
	of := waves(0, spec.RollBack, 2)
	o := turnOut(t, of, "a:1 b:1")
	o.begins()
	o.touch("a")
	o.touch("b")
	o.done("a")
	o.fails("b", 0, errors.New("no"))
	o.begins()
	o.events = nil
	for _, back := range o.rollbackTasks {
		back.id = "new-id"
		o.end(back, Done, nil)
	}
	if len(o.events) != 2 {
		t.Fatalf("events %+v", o.events)
	}
	for i, want := range []string{"wave 1 of 1 failed; it is again what it was", "no; it is again what it was"} {
		s := o.planTasks[i]
		if s.result.Outcome != RolledBack || s.result.ID != "new-id" || s.result.State != "" || !strings.HasSuffix(s.result.Err.Error(), want) {
			t.Errorf("%s: %+v", s.step.Address, s.result)
		}
		if e := o.events[i]; e.Phase != RolledBack || e.Step != s.step || e.ID != "new-id" || e.Err != s.result.Err {
			t.Errorf("event %+v", e)
		}
	}
	o.stopped = true
	undone := o.planTasks[0]
	o.recordRollback(&task{rollbackOf: undone, result: Result{Outcome: Skipped}})
	if undone.result.Outcome != RolledBack {
		t.Errorf("what went back is %s", undone.result.Outcome)
	}
}

// TestRollbackThatIsSkipped checks that a sandbox that did not go back is told as
// such if the run was stopped, and stays what it is otherwise.
func TestRollbackThatIsSkipped(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		o := turnOut(t, waves(0, spec.RollBack, 2), "a:1 b:1")
		o.begins()
		o.done("a")
		o.fails("b", 0, errors.New("no"))
		o.stopped = stopped
		for i, key := range []string{"a", "b"} {
			o.recordRollback(&task{rollbackOf: o.planTasks[i], result: Result{Outcome: Skipped}})
			want := map[string]Phase{"a": Done, "b": Failed}[key]
			if stopped && key == "a" {
				want = Interrupted
			}
			if got := o.planTasks[i].result.Outcome; got != want {
				t.Errorf("stopped: %t: %s is %s, want %s", stopped, key, got, want)
			}
		}
	}
}

// TestRollbackNotAfterAStop checks that nothing goes back once the run was
// stopped, even if the failure comes later.
func TestRollbackNotAfterAStop(t *testing.T) {
	o := turnOut(t, waves(0, spec.RollBack, 1), "a:1")
	o.begins()
	o.touch("a")
	o.stopped = true
	o.fails("a", 0, errors.New("no"))
	if o.begins(); len(o.rollbackTasks) > 0 || o.hasWork() {
		t.Errorf("%d go back", len(o.rollbackTasks))
	}
}

// TestRollbackAddsUp checks that the report of a sandbox that went back counts the
// requests and the time of both ways, and says what was lost on them.
func TestRollbackAddsUp(t *testing.T) {
	for _, c := range []struct {
		gone deletion
		back Phase
		lost string
		err  string
	}{
		{notDeleted, Done, "", "no; it is again what it was"},
		{deletionConfirmed, Done, "its disk", "no; it is again what it was, without its disk"},
		{deletionConfirmed, Failed, "its disk", "no; and it was not brought back to what it was: no way; the old one is gone, and with it its disk"},
	} {
		o := turnOut(t, waves(0, spec.RollBack, 1), "a:1")
		o.begins()
		a := o.tasks[boxAt("a")]
		a.step.Action, a.step.DataLoss = plan.Replace, "its disk"
		o.fails("a", 0, errors.New("no"))
		a.oldDeletion, a.result.RequestLog, a.result.Duration = c.gone, client.RequestLog{Requests: 1}, time.Second
		o.recordRollback(&task{
			rollbackOf: a, cause: errors.New("no way"),
			result: Result{Outcome: c.back, ID: "new-id", RequestLog: client.RequestLog{Requests: 2}, Duration: 2 * time.Second},
		})
		x := a.result
		if x.Lost != c.lost || x.Err.Error() != c.err || x.RequestLog.Requests != 3 || x.Duration != 3*time.Second || x.ID != "new-id" {
			t.Errorf("%+v", x)
		}
		if last := o.events[len(o.events)-1]; last.Lost != c.lost || last.Duration != 3*time.Second || last.Err != x.Err {
			t.Errorf("event %+v", last)
		}
	}
}

// TestRollbackOfItsWaveWaits checks that what waited in the wave is skipped, and
// that what can be used is not given up while another one is on its way back.
func TestRollbackOfItsWaveWaits(t *testing.T) {
	o := turnOut(t, waves(1, spec.RollBack, 3), "a:1 b:1 c:1")
	o.begins()
	o.touch("a")
	o.done("a")
	o.wants("the second", "b", "a done")
	o.touch("b")
	o.fails("b", 0, errors.New("no"))
	o.wants("back", "b", "a done, b failed, c skipped")
	if o.rollbackTasks[0].ended {
		t.Error("a was given up")
	}
	o.end(o.rollbackTasks[1], Done, nil)
	o.wants("back, too", "a", "a done, b rolled back, c skipped")
	o.balanced("one is on its way", 1)
}
