package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// TestHeldByTrial: a task that waits for a trial is not admitted, and a rollout that
// only waits for the trial of another group is not stuck.
func TestHeldByTrial(t *testing.T) {
	o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 2}}})
	for id := range TaskID(2) {
		o.Join(id, Member{Wave: 1, Usable: true})
		o.Hold(id)
	}
	waiting := true
	trialOf := func(TaskID) (TaskID, bool) { return 7, waiting }
	if got := summary(o.Next(time.Time{}, trialOf)); got != "" {
		t.Errorf("before the trial: %s", got)
	}
	waiting = false
	if got := summary(o.Next(time.Time{}, trialOf)); got != "admit[0,1]" {
		t.Errorf("after the trial: %s", got)
	}
}

// TestOtherTrial: a rollout whose tasks wait for a trial among them is stuck if that
// cannot start.
func TestOtherTrial(t *testing.T) {
	o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 2}}, MaxUnavailable: 1, Unavailable: 1})
	for id := range TaskID(2) {
		o.Join(id, Member{Wave: 1, Usable: true})
		o.Hold(id)
	}
	trialOf := func(id TaskID) (TaskID, bool) { return 0, id == 1 }
	if got := summary(o.Next(time.Time{}, trialOf)); got != "abandon" {
		t.Errorf("got %q", got)
	}
}

// TestFailure: why a rollout ended, as the report shows it.
func TestFailure(t *testing.T) {
	group := spec.Address{Kind: spec.SandboxKind, Key: "w"}
	for want, p := range map[string]plan.Rollout{
		"its canary failed":                                      {Waves: []plan.Wave{{Steps: 2, Canary: true}, {Steps: 2}}},
		"wave 1 of 2 failed":                                     {Waves: []plan.Wave{{Steps: 2}, {Steps: 2}}},
		"more than 1 steps of wave 1 of 2 failed":                {Waves: []plan.Wave{{Steps: 2, MaxFailures: 1}, {Steps: 2}}},
		"2 of 4 sandboxes are unavailable, and at most 2 may be": {Waves: []plan.Wave{{Steps: 3}, {Steps: 1}}, Members: 4, MaxUnavailable: 2, OnFailure: spec.ContinueRollout},
	} {
		p.Group = group
		o := NewRollout(&p)
		for id := range TaskID(p.Waves[0].Steps) {
			o.Join(id, Member{Wave: 1, Usable: true})
			o.Hold(id)
		}
		o.Join(9, Member{Wave: 2, Usable: true})
		o.Next(time.Time{}, noTrials)
		o.End(0, Failed, true)
		o.End(1, Failed, true)
		o.Next(time.Time{}, noTrials)
		if got := fmt.Sprint(o.Failure()); got != "the rollout of sandbox.w stopped: "+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestMembership: which tasks wait for admission, and which are in the current wave.
func TestMembership(t *testing.T) {
	o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 1}, {Steps: 1}}, PauseSeconds: 60})
	for id := range TaskID(3) { // 0 repairs, 1 and 2 are in waves
		o.Join(id, Member{Wave: int(id), Usable: true})
	}
	o.JoinRollback(3, false)
	check := func(what string, f func(TaskID) bool, want string) {
		t.Helper()
		var got []string
		for id := range TaskID(4) {
			got = append(got, fmt.Sprint(f(id)))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: got %s, want %s", what, text, want)
		}
	}
	check("await admission", o.AwaitsAdmission, "false true true true")
	check("current", o.Current, "true true false true")
	o.Hold(1)
	o.Next(time.Unix(0, 0), noTrials)
	check("await admission", o.AwaitsAdmission, "false false true true")
	if _, ok := o.Paused(); ok {
		t.Error("paused during the first wave")
	}
	o.End(1, Done, true)
	o.Next(time.Unix(0, 0), noTrials)
	check("current after the first wave", o.Current, "true false true true")
	if until, ok := o.Paused(); !ok || until != time.Unix(60, 0) {
		t.Errorf("paused until %s, %t", until, ok)
	}
	o.Next(time.Unix(60, 0), noTrials)
	if _, ok := o.Paused(); ok {
		t.Error("still paused after the pause")
	}
}
