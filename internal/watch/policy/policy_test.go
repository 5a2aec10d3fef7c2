package policy

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// fleetOf returns the fleet of a spec.
func fleetOf(t testing.TB, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: test\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// planOf returns a plan of steps.
func planOf(steps ...*plan.Step) *plan.Plan { return &plan.Plan{Steps: steps} }

// reportOf returns the report of a run in which a step ended.
func reportOf(s *plan.Step, outcome apply.Phase, err error) *apply.Report {
	return &apply.Report{Results: []apply.Result{{Step: s, Outcome: outcome, Err: err}}}
}

// drifted returns a step that changes an attribute back.
func drifted(cause spec.Cause) *plan.Step {
	s := stepOf("sandbox.web", plan.Update)
	s.Changes = []plan.Change{{Attribute: "public", Have: "true", Want: "false", Cause: cause}}
	return s
}

// blocked returns the block of the only step of a plan, as text.
func blocked(s *plan.Step) string {
	if s.Blocked == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s (%s)", s.Blocked.Kind, s.Blocked.Reason, s.Blocked.Unblock)
}

// TestZeroPolicy: without configuration, a plan is applied as it is.
func TestZeroPolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		for _, s := range p.Steps {
			s.Blocked = nil
		}
		r := (&Policy{}).Hold(p, Pass{State: &State{}, Now: noon})
		if r.Held != 0 || r.Approvable != "" || len(p.Blocked()) != 0 || !r.Next.IsZero() || r.Alarms != nil {
			rt.Fatalf("%+v", r)
		}
	})
}

// TestWindowHolds: outside of the windows steps wait, and an approval applies them.
func TestWindowHolds(t *testing.T) {
	o := Policy{Windows: Windows{mustWindow(t, "Europe/Berlin 0 2 1 * * for 1h")}}
	for _, test := range []struct {
		at       string
		approved bool
		want     string
	}{
		{"2026-11-30T12:00:00Z", false, "sync window: it waits for the sync window that opens at 2026-12-01 02:00 CET (wait, or approve the plan)"},
		{"2026-12-01T01:00:00Z", false, ""},
		{"2026-12-01T02:00:00Z", false, "sync window: it waits for the sync window that opens at 2027-01-01 02:00 CET (wait, or approve the plan)"},
		{"2026-11-30T12:00:00Z", true, ""},
	} {
		now, _ := time.Parse(time.RFC3339, test.at)
		s, unchanged := stepOf("sandbox.web", plan.Update), stepOf("sandbox.db", plan.NoOp)
		r := o.Hold(planOf(s, unchanged), Pass{State: &State{}, Now: now, Approved: test.approved})
		if got := blocked(s); got != test.want || unchanged.Blocked != nil {
			t.Errorf("%s: %s", test.at, got)
		}
		if waits := test.want != ""; waits != (r.Held == 1) || waits != (r.Approvable == "1 step wait for a sync window") || r.NeedsApproval != "" ||
			waits != (r.Next.After(now) && !o.Windows.Closes(r.Next).IsZero()) {
			t.Errorf("%s: %+v", test.at, r)
		}
	}
}

// TestPrecedence: which block a step gets if several apply, and which remain after an
// approval.
func TestPrecedence(t *testing.T) {
	window := Windows{mustWindow(t, "UTC 0 3 * * * for 1h")}
	for _, test := range []struct {
		name          string
		mode          Mode
		paused, fails bool
		was           plan.BlockKind
		want          plan.BlockKind
		approved      plan.BlockKind
	}{
		{name: "closed", want: plan.Window},
		{name: "failed", fails: true, want: plan.BackOff},
		{name: "paused", fails: true, paused: true, want: plan.Paused, approved: plan.Paused},
		{name: "mode", mode: Repair, fails: true, paused: true, want: plan.Mode, approved: plan.Mode},
		{name: "blast radius", was: plan.BlastRadius, want: plan.BlastRadius, approved: plan.BlastRadius},
		{name: "blast radius and mode", mode: Repair, was: plan.BlastRadius, want: plan.Mode, approved: plan.Mode},
		{name: "held rollout and pause", paused: true, was: plan.Withheld, want: plan.Paused, approved: plan.Paused},
		{name: "conflict and all", mode: Observe, fails: true, paused: true, was: plan.Conflict, want: plan.Conflict, approved: plan.Conflict},
	} {
		for _, approved := range []bool{false, true} {
			s := stepOf("sandbox.web", plan.Replace)
			if test.was != "" {
				s.Blocked = &plan.Block{Kind: test.was}
			}
			state := &State{}
			if test.fails {
				state.Record(nil, reportOf(stepOf("sandbox.web", plan.Replace), apply.Failed, errors.New("x")), noon)
			}
			if test.paused {
				state.setPause("sandbox.web", Pause{"page", noon})
			}
			r := (&Policy{Mode: test.mode, Windows: window}).Hold(planOf(s), Pass{State: state, Now: noon, Approved: approved})
			want := test.want
			if approved {
				want = test.approved
			}
			got := plan.BlockKind("")
			if s.Blocked != nil {
				got = s.Blocked.Kind
			}
			if held := r.Held == 1; got != want || held != (test.was == "" && want != "") {
				t.Errorf("%s, approved %t: %q, held %d", test.name, approved, got, r.Held)
			}
		}
	}
}

// TestNeedsApproval: what a user has to decide about is separate from what only waits.
func TestNeedsApproval(t *testing.T) {
	steps := []*plan.Step{stepOf("sandbox.a", plan.Delete), stepOf("sandbox.b", plan.Replace), stepOf("sandbox.c", plan.Create), stepOf("sandbox.d", plan.Update), stepOf("sandbox.e", plan.Delete)}
	steps[0].Blocked = &plan.Block{Kind: plan.BlastRadius}
	steps[1].Blocked = &plan.Block{Kind: plan.BlastRadius}
	steps[2].Blocked = &plan.Block{Kind: plan.Conflict}
	p := planOf(steps...)
	if n := AllowDestroy(p); n != 3 {
		t.Errorf("an approval destroys %d", n)
	}
	r := (&Policy{Windows: Windows{mustWindow(t, "UTC 0 3 * * * for 1h")}}).Hold(p, Pass{State: &State{}, Now: noon})
	if r.NeedsApproval != "2 steps would destroy objects" || r.Approvable != "2 steps would destroy objects; 2 steps wait for a sync window" {
		t.Errorf("%+v", r)
	}
}

// TestMissedWindow: an alarm is raised if no pass was made in a daily window.
func TestMissedWindow(t *testing.T) {
	daily, weekly := "Europe/Berlin 0 4 * * * for 1h", "Europe/Berlin 0 4 * * 1 for 1h"
	for _, test := range []struct {
		window string
		after  time.Duration // since the first pass, which was in no window
		want   string
	}{
		{daily, 0, ""},
		{daily, 25 * time.Hour, ""},
		{daily, 25*time.Hour + time.Minute, `the sync window "Europe/Berlin 0 4 * * * for 1h" opens daily, but no pass was made in it for 25 hours, since 2026-11-30 12:00 UTC; changes wait for the next one`},
		{daily, 15*time.Hour + 30*time.Minute, ""}, // in the window
		{daily, 39*time.Hour + 30*time.Minute, ""}, // in the next one
		{weekly, 48 * time.Hour, ""},
	} {
		o, state := Policy{Windows: Windows{mustWindow(t, test.window)}}, &State{}
		o.Hold(planOf(), Pass{State: state, Now: noon})
		state = reread(t, state)
		r := o.Hold(planOf(), Pass{State: state, Now: noon.Add(test.after)})
		switch {
		case test.want == "" && r.Alarms == nil:
		case len(r.Alarms) != 1, r.Alarms[0] != Alarm{"sync-window-missed", test.want}:
			t.Errorf("%s after %s: %+v", test.window, test.after, r.Alarms)
		}
	}
}
