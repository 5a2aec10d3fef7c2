package apply

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply/internal/applytest"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A turnout is a run of rollouts whose tasks are ended by the test.
type turnout struct {
	tryout
	events []Event
}

// turnOut prepares a run of steps that stop sandboxes, each in the wave that its text
// names, as in "a:1 b:2". Those of wave 0 create one.
func turnOut(t *testing.T, of *plan.Rollout, text string, change ...func(*plan.Step)) *turnout {
	t.Helper()
	p := &plan.Plan{}
	for _, word := range strings.Fields(text) {
		key, wave, _ := strings.Cut(word, ":")
		n, err := strconv.Atoi(wave)
		if err != nil {
			t.Fatal(err)
		}
		s := &plan.Step{
			Address: boxAt(key), Action: plan.Update, ID: "id-of-" + key, Have: applytest.InRegion(""), Rollout: of, Wave: n,
			Ops: []plan.Op{{Verb: plan.DoStop}}, Rollback: &plan.Step{Address: boxAt(key), Action: plan.Update, ID: "id-of-" + key, Ops: []plan.Op{{Verb: plan.DoStart}}},
		}
		if n == 0 {
			s.Action, s.ID, s.Have, s.Want, s.Ops = plan.Create, "", nil, applytest.Resources(t)["sandbox.plain"], []plan.Op{{Verb: plan.DoCreate}}
		}
		for _, f := range change {
			f(s)
		}
		p.Steps = append(p.Steps, s)
	}
	o := &turnout{}
	o.tryout = newTryout(t, p, func(e Event) { o.events = append(o.events, e) })
	return o
}

// rollbacks returns the tasks that were added to roll others back.
func (o *turnout) rollbacks() []*task { return o.tasks[o.planned:] }

// stop records that the run starts nothing more, without ending what has not started.
func (o *turnout) stop() {
	o.shutdown.stopped = true
	for _, x := range o.rollouts {
		o.carryOut(x, x.Stop())
	}
}

// begins admits tasks, and returns the keys of those that start.
func (o *turnout) begins() string {
	o.admitRollouts()
	return o.starts()
}

func (o *turnout) touch(key string) { o.byAddress[boxAt(key)].work.Disrupted = true }

// outcomes returns the outcomes of the steps that have ended, in the order of the plan.
func (o *turnout) outcomes() string {
	var list []string
	for _, s := range o.planTasks() {
		if s.ended {
			list = append(list, s.step.Address.Key+" "+string(s.result.Outcome))
		}
	}
	return strings.Join(list, ", ")
}

// wants checks what starts now, and what has ended by then.
func (o *turnout) wants(what, begins, outcomes string) {
	o.t.Helper()
	if got := o.begins(); got != begins {
		o.t.Errorf("%s: %q begin, want %q", what, got, begins)
	}
	if got := o.outcomes(); got != outcomes {
		o.t.Errorf("%s: %q, want %q", what, got, outcomes)
	}
}

// waves returns a rollout in a group of nine, with waves of these sizes.
func waves(most int, onFailure string, sizes ...int) *plan.Rollout {
	r := &plan.Rollout{Group: boxAt("w"), Members: 9, MaxUnavailable: most, OnFailure: onFailure}
	for _, n := range sizes {
		r.Waves = append(r.Waves, plan.Wave{Steps: n})
	}
	return r
}

// TestRolloutTakesTurns checks that waves follow each other, and that no more sandboxes
// are disrupted at once than may be.
func TestRolloutTakesTurns(t *testing.T) {
	o := turnOut(t, waves(2, spec.HaltRollout, 3, 1), "a:1 b:1 c:1 d:2")
	o.wants("at first", "a b", "")
	o.done("b")
	o.wants("after one", "c", "b done")
	o.done("c")
	o.wants("before the end of the wave", "", "b done, c done")
	o.done("a")
	o.wants("after the wave", "d", "a done, b done, c done")

	o = turnOut(t, waves(0, spec.HaltRollout, 3), "a:1 b:1 c:1")
	o.wants("without a bound", "a b c", "")
}

// TestRolloutCountsWhatCannotBeUsed checks that a missing sandbox counts as unavailable
// until it is created, and that replacing one that cannot be used disrupts nothing.
func TestRolloutCountsWhatCannotBeUsed(t *testing.T) {
	of := waves(1, spec.HaltRollout, 1)
	of.Unavailable = 1
	o := turnOut(t, of, "x:0 a:1")
	o.wants("at first", "x", "")
	o.done("x")
	o.wants("after it was made", "a", "x done")

	o = turnOut(t, of, "x:0 a:1")
	o.wants("at first", "x", "")
	o.fails("x", 0, errors.New("no"))
	o.wants("after it was not made", "", "x failed, a skipped")
	if err := o.byAddress[boxAt("a")].result.Err; !strings.Contains(err.Error(), "1 of 9 sandboxes are unavailable, and at most 1 may be") {
		t.Error(err)
	}

	for name, change := range map[string]func(*plan.Object){
		"failed":     func(have *plan.Object) { have.Failed = true },
		"unfinished": func(have *plan.Object) { have.Labels = map[string]string{spec.PendingLabel: "1"} },
	} {
		o = turnOut(t, of, "a:1 b:1", func(s *plan.Step) {
			if s.Address.Key == "a" {
				change(s.Have)
			}
		})
		o.wants(name, "a", "")
		o.done("a")
		o.wants(name+", done", "b", "a done")
	}
}

// TestRolloutPauses checks that a rollout pauses before each wave in which anything is
// left, reports that with the first step of it, and does not pause once the run was
// stopped.
func TestRolloutPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := waves(0, spec.HaltRollout, 1, 1, 2)
		of.PauseSeconds = 60
		o := turnOut(t, of, "a:1 b:2 c:3 d:3")
		o.wants("at first", "a", "")
		o.end(o.byAddress[boxAt("b")], Skipped, errors.New("x"))
		o.end(o.byAddress[boxAt("c")], Skipped, errors.New("x"))
		o.done("a")
		o.events = nil
		o.wants("after the first wave", "", "a done, b skipped, c skipped")
		if len(o.events) != 1 || o.events[0].Phase != Pausing || o.events[0].Step.Address != boxAt("d") || !strings.Contains(o.events[0].Text, "before wave 3 of 3") {
			t.Errorf("events %+v", o.events)
		}
		time.Sleep(59 * time.Second)
		o.wants("before the end of the pause", "", "a done, b skipped, c skipped")
		time.Sleep(time.Second)
		o.wants("after the pause", "d", "a done, b skipped, c skipped")
		if _, paused := o.rollouts[0].Paused(); paused {
			t.Error("it pauses still")
		}

		of = waves(0, spec.HaltRollout, 1, 1)
		o = turnOut(t, of, "a:1 b:2")
		o.wants("without a pause", "a", "")
		o.done("a")
		o.events = nil
		if o.wants("without a pause", "b", "a done"); len(o.events) != 0 {
			t.Errorf("events %+v without a pause", o.events)
		}

		of.PauseSeconds = 60
		o = turnOut(t, of, "a:1 b:2")
		o.begins()
		o.done("a")
		o.stop()
		o.events = nil
		if o.admitRollouts(); len(o.events) != 0 {
			t.Errorf("events %+v of a run that was stopped", o.events)
		}
	})
}

// TestRolloutFails checks when the failures of a wave end a rollout.
func TestRolloutFails(t *testing.T) {
	for name, c := range map[string]struct {
		onFailure string
		most      int
		canary    bool
		fail      string
		begins    string
		reason    string
	}{
		"one":                           {spec.HaltRollout, 0, false, "a", "", "wave 1 of 2 failed"},
		"as many as may":                {spec.HaltRollout, 1, false, "a", "c", ""},
		"more than may":                 {spec.HaltRollout, 1, false, "a b", "", "more than 1 steps of wave 1 of 2 failed"},
		"one, and it goes on":           {spec.ContinueRollout, 0, false, "a b", "c", ""},
		"the canary, though it goes on": {spec.ContinueRollout, 0, true, "a", "", "its canary failed"},
	} {
		of := waves(0, c.onFailure, 2, 1)
		of.Waves[0].MaxFailures, of.Waves[0].Canary = c.most, c.canary
		o := turnOut(t, of, "a:1 b:1 c:2")
		o.begins()
		for _, key := range []string{"a", "b"} {
			if o.touch(key); strings.Contains(c.fail, key) {
				o.fails(key, 0, refused(client.ServerError))
			} else {
				o.done(key)
			}
		}
		if got := o.begins(); got != c.begins || len(o.rollbacks()) > 0 {
			t.Errorf("%s: %q begin, want %q; %d go back", name, got, c.begins, len(o.rollbacks()))
		}
		last := o.byAddress[boxAt("c")]
		if skipped := last.result.Outcome == Skipped; skipped != (c.reason != "") || skipped && !strings.Contains(last.result.Err.Error(), c.reason) {
			t.Errorf("%s: %s, %v", name, last.result.Outcome, last.result.Err)
		}
	}
}

// TestRolloutGoesBack checks that all that a wave has disrupted is rolled back once the
// wave has ended, within max_unavailable, and how that is reported.
func TestRolloutGoesBack(t *testing.T) {
	o := turnOut(t, waves(2, spec.RollBack, 3, 1), "a:1 b:1 c:1 d:2")
	o.wants("at first", "a b", "")
	o.touch("a")
	o.touch("b")
	o.done("a")
	o.wants("after one", "c", "a done")
	o.fails("b", 0, errors.New("no"))
	o.wants("while one is under way", "", "a done, b failed, d skipped")
	if o.fails("c", 0, errors.New("no")); o.byAddress[boxAt("c")].work.Disrupted {
		t.Fatal("c was touched")
	}
	o.wants("after the wave", "a b", "a done, b failed, c failed, d skipped")
	if len(o.rollbacks()) != 2 {
		t.Fatalf("%d go back, want 2", len(o.rollbacks()))
	}
	for _, back := range o.rollbacks() {
		o.end(back, Done, nil)
	}
	o.wants("after all", "", "a rolled back, b rolled back, c failed, d skipped")
}

// TestRolloutAbandonsItsWaves checks that a rollout that failed starts no more steps of
// its waves, and that repairs and other rollouts continue.
func TestRolloutAbandonsItsWaves(t *testing.T) {
	of, other := waves(0, spec.HaltRollout, 1, 1), waves(0, spec.HaltRollout, 1)
	o := turnOut(t, of, "a:1 x:0 b:2 f:1", func(s *plan.Step) {
		if s.Address == boxAt("f") {
			s.Rollout = other
		}
	})
	o.admitRollouts()
	first, _ := o.schedule.Next(time.Now())
	if o.tasks[first] != o.byAddress[boxAt("a")] {
		t.Fatal("another step than a begins")
	}
	o.byAddress[boxAt("a")].start = time.Now()
	o.fails("a", 0, errors.New("no"))
	o.wants("after a failure", "x f", "a failed, b skipped")
}
