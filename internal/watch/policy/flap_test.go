package policy

import (
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// TestFlapping: what is changed back a fourth time within an hour is left alone for an
// hour, and then changed again.
func TestFlapping(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {}}")
	o, state, now := Policy{}, &State{}, noon
	hold := func(now time.Time) (*plan.Step, Result) {
		s := drifted(spec.ChangedRemotely)
		return s, o.Hold(planOf(s), Pass{Fleet: f, State: state, Now: now})
	}
	for i := range 4 {
		if s, r := hold(now); r.Held != 0 || r.Alarms != nil {
			t.Fatalf("change %d: %s", i+1, blocked(s))
		}
		state.Record(f, reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), now)
		now = now.Add(20 * time.Minute)
	}
	s, r := hold(now)
	const reason = "public was changed back 4 times within an hour, so that it is left alone until 2026-11-30 14:00 UTC"
	if got := blocked(s); got != "flapping: "+reason+" (find the client that changes it, change its spec, or approve the plan)" || !r.Next.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("%s, %+v", got, r)
	}
	want := Alarm{"flapping sandbox.web", "sandbox.web flaps: " + reason + "; another client sets public to true, and the spec to false"}
	if len(r.Alarms) != 1 || r.Alarms[0] != want {
		t.Errorf("%+v\nwant %+v", r.Alarms, want)
	}
	o.ChangedBy = func(*plan.Step) string { return "te\x1bam" }
	if _, r := hold(now); !strings.Contains(r.Alarms[0].Text, "te") || strings.Contains(r.Alarms[0].Text, "\x1b") || strings.Contains(r.Alarms[0].Text, "another") {
		t.Errorf("%+v", r.Alarms)
	}
	if _, r := hold(noon.Add(2*time.Hour - time.Second)); r.Held != 1 {
		t.Error("it is released too early")
	}
	if _, r := hold(noon.Add(2 * time.Hour)); r.Held != 0 || r.Alarms != nil {
		t.Error("it is not released")
	}
}

// TestFlapsCounted holds what counts as a change that another client caused.
func TestFlapsCounted(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {}, db: {}}")
	other := drifted(spec.ChangedRemotely)
	other.Changes[0].Attribute = "labels"
	stopped := stepOf("sandbox.web", plan.Start)
	stopped.Want, stopped.Drift = f.Resources[0], plan.Expected
	created := stepOf("sandbox.web", plan.Create)
	created.Want = f.Resources[0]
	orphan := stepOf("sandbox.web", plan.Delete)
	for _, test := range []struct {
		name    string
		step    *plan.Step
		outcome apply.Phase
		every   time.Duration
		then    *plan.Step // planned afterwards; nil: step
		fleet   *spec.Fleet
		approve bool
		alarm   string // part of it; empty for none
	}{
		{name: "changed by another client", step: drifted(spec.ChangedRemotely), alarm: "another client sets public to true"},
		{name: "cause unknown", step: drifted(spec.Differs), alarm: "another client sets public to true"},
		{name: "both changed", step: drifted(spec.BothChanged), alarm: "another client sets public to true"},
		{name: "the spec changed", step: drifted(spec.SpecChanged)},
		{name: "failed", step: drifted(spec.ChangedRemotely), outcome: apply.Failed},
		{name: "rolled back", step: drifted(spec.ChangedRemotely), outcome: apply.RolledBack},
		{name: "slowly", step: drifted(spec.ChangedRemotely), every: 21 * time.Minute},
		{name: "within the hour", step: drifted(spec.ChangedRemotely), every: 20 * time.Minute, alarm: "until 2026-11-30 14:00 UTC"},
		{name: "another attribute", step: drifted(spec.ChangedRemotely), then: other},
		{name: "stopped by the platform", step: stopped, alarm: "started 4 times within an hour, so that it is left alone until 2026-11-30 13:03 UTC; the platform undoes it"},
		{name: "deleted by another client", step: created, alarm: "created 4 times within an hour, so that it is left alone until 2026-11-30 13:03 UTC; another client undoes it"},
		{name: "started after creations", step: created, then: stopped},
		{name: "not declared", step: orphan},
		{name: "its spec changed", step: drifted(spec.ChangedRemotely), fleet: fleetOf(t, "sandboxes: {web: {public: true}, db: {}}")},
		{name: "another spec changed", step: drifted(spec.ChangedRemotely), fleet: fleetOf(t, "sandboxes: {web: {}, db: {public: true}}"), alarm: "sandbox.web flaps"},
		{name: "approved", step: drifted(spec.ChangedRemotely), approve: true},
	} {
		if test.outcome == "" {
			test.outcome = apply.Done
		}
		if test.every == 0 {
			test.every = time.Minute
		}
		if test.fleet == nil {
			test.fleet = f
		}
		if test.then == nil {
			test.then = test.step
		}
		state, now := &State{}, noon
		for i := range 4 {
			now = noon.Add(time.Duration(i) * test.every)
			state.Record(f, reportOf(test.step, test.outcome, nil), now)
		}
		delete(state.failures, test.step.Address)
		s := *test.then
		r := (&Policy{}).Hold(planOf(&s), Pass{Fleet: test.fleet, State: state, Now: now, Approved: test.approve})
		if test.alarm == "" && (r.Alarms != nil || r.Held != 0) || test.alarm != "" && (r.Held != 1 || len(r.Alarms) != 1 || !strings.Contains(r.Alarms[0].Text, test.alarm)) {
			t.Errorf("%s: %s, %+v", test.name, blocked(&s), r.Alarms)
		}
	}
}

// TestChangesOfAnotherSpec: changes of a resource as it was before do not count.
func TestChangesOfAnotherSpec(t *testing.T) {
	state, f := &State{}, fleetOf(t, "sandboxes: {web: {}}")
	for range 4 {
		state.Record(fleetOf(t, "sandboxes: {web: {auto_stop_interval: 5}}"), reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), noon)
	}
	state.Record(f, reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), noon)
	for _, flap := range state.flaps {
		if len(state.flaps) != 1 || len(flap.Times) != 1 {
			t.Errorf("%d changes are counted", len(flap.Times))
		}
	}
	if r := (&Policy{}).Hold(planOf(drifted(spec.ChangedRemotely)), Pass{Fleet: f, State: state, Now: noon}); r.Held != 0 || len(state.flaps) != 1 {
		t.Errorf("%+v", r)
	}
}

// TestFlapsOfAttributes: attributes are counted one by one.
func TestFlapsOfAttributes(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {}}")
	step := func(attributes ...string) *plan.Step {
		s := stepOf("sandbox.web", plan.Update)
		s.Want = f.Resources[0]
		for _, a := range attributes {
			s.Changes = append(s.Changes, plan.Change{Attribute: a, Cause: spec.ChangedRemotely})
		}
		return s
	}
	state := &State{}
	for _, a := range []string{"a", "b", "c", "d", "d", "d"} {
		state.Record(f, reportOf(step(a), apply.Done, nil), noon)
	}
	for _, test := range []struct {
		attributes []string
		held       int
	}{{[]string{"a"}, 0}, {[]string{"d"}, 0}, {[]string{"a", "d"}, 1}} {
		if test.held > 0 {
			state.Record(f, reportOf(step("d"), apply.Done, nil), noon)
		}
		if r := (&Policy{}).Hold(planOf(step(test.attributes...)), Pass{Fleet: f, State: state, Now: noon}); r.Held != test.held {
			t.Errorf("%v: %+v", test.attributes, r)
		}
	}
}

// TestFlapsAfterSlowChanges: the last changes count, not the first ones.
func TestFlapsAfterSlowChanges(t *testing.T) {
	state := &State{}
	for i, minutes := range []int{0, 30, 60, 90, 100, 105} {
		now := noon.Add(time.Duration(minutes) * time.Minute)
		state.Record(nil, reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), now)
		r := (&Policy{}).Hold(planOf(drifted(spec.ChangedRemotely)), Pass{State: state, Now: now})
		if want := i / 5; r.Held != want {
			t.Errorf("after %d minutes: %+v", minutes, r)
		}
	}
}

// TestFightIsDamped: a client that reverts a change at once is answered four times in an
// hour and a half at most.
func TestFightIsDamped(t *testing.T) {
	state, changes := &State{}, 0
	for minutes := range 24 * 60 {
		now := noon.Add(time.Duration(minutes) * time.Minute)
		s := drifted(spec.ChangedRemotely)
		(&Policy{}).Hold(planOf(s), Pass{State: state, Now: now})
		if s.Blocked == nil {
			changes++
			state.Record(nil, reportOf(s, apply.Done, nil), now)
		}
	}
	if changes > 4*24 || changes < 4*20 {
		t.Errorf("%d changes in a day", changes)
	}
}
