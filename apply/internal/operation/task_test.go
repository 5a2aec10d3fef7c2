package operation

import (
	"errors"
	"testing"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

var web = spec.Address{Kind: spec.SandboxKind, Key: "web"}

// sandboxWith returns a sandbox of a fleet in a state.
func sandboxWith(state, fleet string) *plan.Object {
	o := &plan.Object{ID: "1", Name: "web", State: state, TargetState: state}
	o.Labels = map[string]string{spec.FleetLabel: fleet, spec.KeyLabel: "web"}
	return o
}

// TestWaitForState: when a wait for a state is over, and when it has failed.
func TestWaitForState(t *testing.T) {
	starting := sandboxWith("starting", "demo")
	starting.TargetState = spec.Started
	failed := sandboxWith("error", "demo")
	failed.Failed, failed.ErrorReason = true, "no disk"
	for name, c := range map[string]struct {
		object *plan.Object
		done   bool
		err    string
	}{
		"on its way":                {object: starting},
		"there":                     {object: sandboxWith(spec.Started, "demo"), done: true},
		"gone":                      {err: "it was deleted meanwhile"},
		"failed":                    {object: failed, err: "it went into state error: no disk"},
		"changed by another client": {object: sandboxWith(spec.Archived, "demo"), err: "expected state started, found archived: another client changed it meanwhile"},
	} {
		t.Run(name, func(t *testing.T) {
			done, err := waitForState(spec.Started).Done(c.object)
			if done != c.done || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("got %t, %v", done, err)
			}
		})
	}
}

// TestCheckOwnership: which owners a sandbox may have while its step is executed.
func TestCheckOwnership(t *testing.T) {
	env := &Env{Fleet: Fleet{Name: "demo"}}
	adopted := &plan.Step{Address: web, Have: sandboxWith(spec.Started, "old")}
	for name, c := range map[string]struct {
		step   *plan.Step
		object *plan.Object
		err    string
	}{
		"its own":            {&plan.Step{Address: web}, sandboxWith(spec.Started, "demo"), ""},
		"as it was planned":  {adopted, sandboxWith(spec.Started, "old"), ""},
		"of another fleet":   {adopted, sandboxWith(spec.Started, "other"), `left alone, since it belongs to the fleet "other" after the plan was made; plan again`},
		"without labels now": {adopted, sandboxWith(spec.Started, ""), "left alone, since its ownership labels changed after the plan was made; plan again"},
		"gone":               {adopted, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			task := NewTask(c.step, "1")
			err := task.CheckOwnership(env, c.object)
			if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("got %v", err)
			}
			if task.owned != (err == nil && c.object != nil) {
				t.Errorf("owned is %t", task.owned)
			}
		})
	}
}

// TestCollided: only a creation that failed for a passing reason is repeated, a few times.
func TestCollided(t *testing.T) {
	failed := sandboxWith("error", "demo")
	failed.Failed, failed.ErrorReason = true, "An operation is already in progress"
	task := NewTask(&plan.Step{Address: web, Ops: []plan.Op{{Verb: plan.DoCreate}}}, "1")
	for i := range maxCollisions {
		if !task.Collided(failed) {
			t.Fatalf("collision %d is not one", i+1)
		}
	}
	if task.Collided(failed) {
		t.Error("it never ends")
	}
	task = NewTask(task.Step, "1")
	other := *failed
	other.ID = "2"
	if task.Collided(&other) || task.Collided(nil) || task.Collided(sandboxWith(spec.Started, "demo")) {
		t.Error("a collision without one")
	}
}

// TestOpDeadline: the deadline is the earlier one of the operation's and the step's.
func TestOpDeadline(t *testing.T) {
	start := time.Unix(1000, 0)
	step := &plan.Step{Address: web, Timeout: time.Hour, Ops: []plan.Op{{Verb: plan.DoStop, Timeout: time.Minute}, {Verb: plan.DoDelete}}}
	task := NewTask(step, "1")
	task.Deadline = start.Add(time.Hour)
	if got := task.OpDeadline(); got != start.Add(time.Hour) || task.Limit() != time.Hour {
		t.Errorf("before the operation starts: %s, %s", got, task.Limit())
	}
	task.startOp(start)
	task.startOp(start.Add(time.Second)) // a retry does not extend it
	if got := task.OpDeadline(); got != start.Add(time.Minute) || task.Limit() != time.Minute {
		t.Errorf("of the operation: %s, %s", got, task.Limit())
	}
	task.Advance(start)
	task.startOp(start)
	if got := task.OpDeadline(); got != start.Add(time.Hour) {
		t.Errorf("of an operation without a timeout: %s", got)
	}
}

// TestAdvance: what is known of an object is forgotten before its successor is created.
func TestAdvance(t *testing.T) {
	now := time.Unix(1000, 0)
	task := NewTask(&plan.Step{Address: web, Action: plan.Replace, Ops: []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}}}, "1")
	task.RecordState(sandboxWith(spec.Stopped, "demo"))
	task.recordDeletion("1", deletionAccepted)
	task.Attempt = 3
	if lost, sentence := task.Loss(); lost != "the old sandbox" || sentence != "the old one is being deleted" {
		t.Errorf("%q, %q", lost, sentence)
	}
	task.Advance(now)
	if task.ID != "" || task.LastState != "" || task.Attempt != 0 || task.FreedAt != now || task.Finished() || !task.ReachedCreate() {
		t.Errorf("before the creation: %+v", task.Progress)
	}
	if _, sentence := task.Loss(); sentence != "the old one is gone" {
		t.Errorf("%q", sentence)
	}
	task.ID = "2"
	task.Advance(now.Add(time.Second))
	if !task.Finished() || task.ID != "2" || task.FreedAt != now {
		t.Errorf("at the end: %+v", task.Progress)
	}
}

// TestRetryLater: which refusals are waited out.
func TestRetryLater(t *testing.T) {
	refused := &client.Error{Class: client.InTransition, Message: "wait"}
	stop := &plan.Step{Address: web, Ops: []plan.Op{{Verb: plan.DoStop}}}
	task := NewTask(stop, "1")
	if w, err := retryLater(&task, refused); err != nil || !w.Retry || w.Done == nil || w.Description != "the change under way to end (the server reports: wait)" {
		t.Errorf("%+v, %v", w, err)
	}
	task = NewTask(stop, "")
	task.Attempt = 2
	if w, err := retryLater(&task, refused); err != nil || w.Done != nil || w.After != 4*time.Second {
		t.Errorf("without an object: %+v, %v", w, err)
	}
	final := errors.New("no")
	if w, err := retryLater(&task, final); w != nil || !errors.Is(err, final) {
		t.Errorf("another error: %+v, %v", w, err)
	}
	if d := RetryDelay(time.Second, 99); d != maxRetryDelay {
		t.Errorf("the longest delay is %s", d)
	}
}
