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

// TestRolloutAfterAFailure checks that a sandbox can be used as before if its step
// failed without disrupting it.
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
		if c.broken {
			of.Unavailable = 1
		}
		o := turnOut(t, of, "a:1 b:1", func(s *plan.Step) {
			if s.Address == boxAt("a") {
				s.Have.Failed = c.broken
			}
		})
		o.wants(name, "a", "")
		o.byAddress[boxAt("a")].work.Disrupted = c.touched
		o.fails("a", 0, errors.New("no"))
		o.wants(name, c.begins, c.outcomes)
	}
}

// TestRolloutStopped checks what a run that was stopped reports for a rollout: steps
// that would have been rolled back are interrupted, and no others.
func TestRolloutStopped(t *testing.T) {
	o := turnOut(t, waves(0, spec.RollBack, 2), "a:1 b:1")
	o.begins()
	o.touch("a")
	o.stop()
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
	if err := o.byAddress[boxAt("c")].result.Err; !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "wave 2 of 2 failed") {
		t.Error(err)
	}
	o.fails("e", 0, errors.New("no"))
	if o.begins(); len(o.rollbacks()) > 0 {
		t.Errorf("%d go back after the run was stopped", len(o.rollbacks()))
	}
}

// TestRollbackOfItsWave checks which sandboxes are rolled back: those of the failed wave
// that were disrupted, and the new ones of surges.
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
	o.byAddress[boxAt("d")].work.ID = "" // nothing was created
	o.touch("h")
	for _, key := range []string{"b", "c", "d", "g", "h"} {
		o.fails(key, 0, errors.New("no"))
	}
	o.touch("e")
	o.end(o.byAddress[boxAt("e")], Interrupted, ErrStopped)
	o.begins()
	var got []string
	for _, back := range o.rollbacks() {
		got = append(got, back.step.Address.Key+" "+string(back.work.Verb()))
		if want := back.step.Address == boxAt("a") || back.step.Address == boxAt("c"); back.usable != want {
			t.Errorf("%s can be used: %t", back.step.Address, back.usable)
		}
	}
	if text := strings.Join(got, ", "); text != "a start, c delete, g delete, h start" {
		t.Errorf("%s go back", text)
	}
	for _, back := range o.rollbacks() {
		o.end(back, Done, nil)
	}
	if o.begins(); len(o.rollbacks()) != 4 {
		t.Errorf("%d go back in the end", len(o.rollbacks()))
	}
}

// TestRollbackIsBounded checks that a sandbox that can be used is left as it is if too
// few others can, and nothing will change that.
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
	if back := o.rollbacks()[0]; !back.ended || back.result.Outcome != Skipped {
		t.Errorf("%s waits still", back.step.Address)
	}
	if err := o.byAddress[boxAt("b")].result.Err; !strings.Contains(err.Error(), "and rolling it back failed: no way") {
		t.Error(err)
	}
}

// undoFails ends one of the rollbacks with an error.
func (o *turnout) undoFails(i int, err error) {
	o.rollbacks()[i].work.Disrupted = true
	o.end(o.rollbacks()[i], Failed, err)
}

// TestRollbackIsReported checks what is reported for a sandbox that was rolled back.
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
	for _, back := range o.rollbacks() {
		back.work.ID = "new-id"
		o.end(back, Done, nil)
	}
	if len(o.events) != 2 {
		t.Fatalf("events %+v", o.events)
	}
	for i, want := range []string{"wave 1 of 1 failed; rolled back", "no; rolled back"} {
		s := o.planTasks()[i]
		if s.result.Outcome != RolledBack || s.result.ID != "new-id" || s.result.State != "" || !strings.HasSuffix(s.result.Err.Error(), want) {
			t.Errorf("%s: %+v", s.step.Address, s.result)
		}
		if e := o.events[i]; e.Phase != RolledBack || e.Step != s.step || e.ID != "new-id" || !errors.Is(e.Err, s.result.Err) {
			t.Errorf("event %+v", e)
		}
	}
	o.stop()
	undone := o.planTasks()[0]
	o.recordRollback(&task{identity: identity{rollbackOf: undone}, record: record{result: Result{Outcome: Skipped}}})
	if undone.result.Outcome != RolledBack {
		t.Errorf("what went back is %s", undone.result.Outcome)
	}
}

// TestRollbackThatIsSkipped checks that a step whose rollback was skipped is interrupted
// if the run was stopped, and keeps its outcome otherwise.
func TestRollbackThatIsSkipped(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		o := turnOut(t, waves(0, spec.RollBack, 2), "a:1 b:1")
		o.begins()
		o.done("a")
		o.fails("b", 0, errors.New("no"))
		if stopped {
			o.stop()
		}
		for i, key := range []string{"a", "b"} {
			o.recordRollback(&task{identity: identity{rollbackOf: o.planTasks()[i]}, record: record{result: Result{Outcome: Skipped}}})
			want := map[string]Phase{"a": Done, "b": Failed}[key]
			if stopped && key == "a" {
				want = Interrupted
			}
			if got := o.planTasks()[i].result.Outcome; got != want {
				t.Errorf("stopped: %t: %s is %s, want %s", stopped, key, got, want)
			}
		}
	}
}

// TestRollbackNotAfterAStop checks that nothing is rolled back once the run was stopped,
// even if the failure comes later.
func TestRollbackNotAfterAStop(t *testing.T) {
	o := turnOut(t, waves(0, spec.RollBack, 1), "a:1")
	o.begins()
	o.touch("a")
	o.stop()
	o.fails("a", 0, errors.New("no"))
	if o.begins(); len(o.rollbacks()) > 0 || o.hasWork() {
		t.Errorf("%d go back", len(o.rollbacks()))
	}
}

// TestRollbackAddsUp checks that the report of a sandbox that was rolled back counts the
// requests and the time of both steps.
func TestRollbackAddsUp(t *testing.T) {
	for _, c := range []struct {
		back Phase
		lost string
		err  string
	}{
		{Done, "", "no; rolled back"},
		{Failed, "", "no; and rolling it back failed: no way"},
	} {
		o := turnOut(t, waves(0, spec.RollBack, 1), "a:1")
		o.begins()
		a := o.byAddress[boxAt("a")]
		a.step.Action, a.step.DataLoss = plan.Replace, "its disk"
		o.fails("a", 0, errors.New("no"))
		a.result.RequestLog, a.result.Duration = client.RequestLog{Requests: 1}, time.Second
		o.recordRollback(&task{identity: identity{rollbackOf: a}, record: record{
			cause:  errors.New("no way"),
			result: Result{Outcome: c.back, ID: "new-id", RequestLog: client.RequestLog{Requests: 2}, Duration: 2 * time.Second},
		}})
		x := a.result
		if x.Lost != c.lost || x.Err.Error() != c.err || x.RequestLog.Requests != 3 || x.Duration != 3*time.Second || x.ID != "new-id" {
			t.Errorf("%+v", x)
		}
		if last := o.events[len(o.events)-1]; last.Lost != c.lost || last.Duration != 3*time.Second || !errors.Is(last.Err, x.Err) {
			t.Errorf("event %+v", last)
		}
	}
}

// TestRollbackOfItsWaveWaits checks that pending steps of the wave are skipped, and that
// a rollback is not given up while another one is in flight.
func TestRollbackOfItsWaveWaits(t *testing.T) {
	o := turnOut(t, waves(1, spec.RollBack, 3), "a:1 b:1 c:1")
	o.begins()
	o.touch("a")
	o.done("a")
	o.wants("the second", "b", "a done")
	o.touch("b")
	o.fails("b", 0, errors.New("no"))
	o.wants("back", "b", "a done, b failed, c skipped")
	if o.rollbacks()[0].ended {
		t.Error("a was given up")
	}
	o.end(o.rollbacks()[1], Done, nil)
	o.wants("back, too", "a", "a done, b rolled back, c skipped")
}
