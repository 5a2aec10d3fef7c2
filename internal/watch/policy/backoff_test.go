package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// TestBackOff: an object that fails is left alone for longer and longer.
func TestBackOff(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {}, db: {}}")
	state, now, failing := &State{}, noon, stepOf("sandbox.web", plan.Start)
	for i, minutes := range []int{1, 2, 4, 8, 16, 30, 30, 30} {
		state.Record(f, reportOf(failing, apply.Failed, errors.New("x")), now)
		until := now.Add(time.Duration(minutes) * time.Minute)
		web, db := stepOf("sandbox.web", plan.Start), stepOf("sandbox.db", plan.Start)
		r := (&Policy{}).Hold(planOf(web, db), Pass{Fleet: f, State: state, Now: until.Add(-time.Second)})
		want := fmt.Sprintf("back-off: it failed %s in a row, and is tried again at %s (wait, change its spec, or approve the plan)", plan.Plural(i+1, "time", "times"), until.Format("15:04:05 MST"))
		if blocked(web) != want || db.Blocked != nil || !r.Next.Equal(until) || r.Approvable != "1 step wait after a failure" {
			t.Errorf("%d: %s, %+v", i, blocked(web), r)
		}
		again := stepOf("sandbox.web", plan.Start)
		if r := (&Policy{}).Hold(planOf(again), Pass{Fleet: f, State: state, Now: until}); r.Held != 0 {
			t.Errorf("after %d minutes: %s", minutes, blocked(again))
		}
		now = until
	}
}

// TestFailuresOfAnotherSpec: failures of a resource as it was before do not count.
func TestFailuresOfAnotherSpec(t *testing.T) {
	state := &State{}
	for _, text := range []string{"sandboxes: {web: {}}", "sandboxes: {web: {}}", "sandboxes: {web: {public: true}}"} {
		state.Record(fleetOf(t, text), reportOf(stepOf("sandbox.web", plan.Start), apply.Failed, errors.New("x")), noon)
	}
	if f := state.failures[stepOf("sandbox.web", plan.Start).Address]; f.Count != 1 {
		t.Errorf("%d failures", f.Count)
	}
}

// TestBackOffEnds holds what ends a back-off, and what does not begin one.
func TestBackOffEnds(t *testing.T) {
	const text = "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base}, db: {}}"
	f := fleetOf(t, text)
	outage := func(class client.ErrorClass) error { return &client.Error{Class: class} }
	for _, test := range []struct {
		name    string
		outcome apply.Phase
		err     error
		then    func(*State)
		fleet   *spec.Fleet
		approve bool
		after   time.Duration
		held    int
	}{
		{name: "failed", outcome: apply.Failed, err: errors.New("x"), held: 1},
		{name: "server error", outcome: apply.Failed, err: outage(client.ServerError), held: 1},
		{name: "quota", outcome: apply.Failed, err: outage(client.QuotaExceeded), held: 1},
		{name: "unreachable", outcome: apply.Failed, err: outage(client.Unreachable)},
		{name: "key revoked", outcome: apply.Failed, err: outage(client.Unauthorized)},
		{name: "rate limited", outcome: apply.Failed, err: fmt.Errorf("create: %w", outage(client.RateLimited))},
		{name: "maintenance", outcome: apply.Failed, err: outage(client.Maintenance)},
		{name: "suspended", outcome: apply.Failed, err: outage(client.Suspended)},
		{name: "a proxy", outcome: apply.Failed, err: outage(client.NotDaytona)},
		{name: "changed meanwhile", outcome: apply.Failed, err: fmt.Errorf("left alone: %w", apply.ErrStale)},
		{name: "changed meanwhile again", outcome: apply.Failed, err: apply.ErrStale, then: func(s *State) {
			s.Record(f, reportOf(stepOf("sandbox.web", plan.Start), apply.Failed, apply.ErrStale), noon)
		}, held: 1},
		{name: "skipped", outcome: apply.Skipped, err: errors.New("x")},
		{name: "interrupted", outcome: apply.Interrupted, err: errors.New("x")},
		{name: "then done", outcome: apply.Failed, err: errors.New("x"), then: func(s *State) {
			s.Record(f, reportOf(stepOf("sandbox.web", plan.Start), apply.Done, nil), noon)
		}},
		{name: "then skipped", outcome: apply.Failed, err: errors.New("x"), then: func(s *State) {
			s.Record(f, reportOf(stepOf("sandbox.web", plan.Start), apply.Skipped, nil), noon)
		}, held: 1},
		{name: "approved", outcome: apply.Failed, err: errors.New("x"), approve: true},
		{name: "its spec changed", outcome: apply.Failed, err: errors.New("x"), fleet: fleetOf(t, strings.Replace(text, "snapshot: base", "snapshot: base, public: true", 1))},
		{name: "its snapshot changed", outcome: apply.Failed, err: errors.New("x"), fleet: fleetOf(t, strings.Replace(text, "a:1", "a:2", 1))},
		{name: "another spec changed", outcome: apply.Failed, err: errors.New("x"), fleet: fleetOf(t, strings.Replace(text, "db: {}", "db: {public: true}", 1)), held: 1},
		{name: "the clock was set back", outcome: apply.Failed, err: errors.New("x"), after: -24 * time.Hour, held: 1},
	} {
		state := &State{}
		state.Record(f, reportOf(stepOf("sandbox.web", plan.Start), test.outcome, test.err), noon)
		if test.then != nil {
			test.then(state)
		}
		if test.fleet == nil {
			test.fleet = f
		}
		now := noon.Add(test.after)
		r := (&Policy{}).Hold(planOf(stepOf("sandbox.web", plan.Start)), Pass{Fleet: test.fleet, State: state, Now: now, Approved: test.approve})
		if r.Held != test.held || r.Held > 0 && r.Next.Sub(now) > time.Minute {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

// TestBackOffBoundsRequests: passes at any times try an object that always fails about
// twice an hour, also over restarts.
func TestBackOffBoundsRequests(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		state, tries, minutes := &State{}, 0, 0
		for minutes < 12*60 {
			now := noon.Add(time.Duration(minutes) * time.Minute)
			s := stepOf("sandbox.web", plan.Create)
			(&Policy{}).Hold(planOf(s), Pass{State: state, Now: now})
			if s.Blocked == nil {
				tries++
				state.Record(nil, reportOf(s, apply.Failed, errors.New("x")), now)
			}
			if rapid.IntRange(0, 50).Draw(rt, "restart") == 0 {
				state = reread(rt, state)
			}
			minutes += rapid.IntRange(1, 10).Draw(rt, "next pass")
		}
		if most := len(backOffs) + 1 + 12*2; tries > most || tries < 12 {
			rt.Fatalf("%d attempts in 12 hours, want at most %d", tries, most)
		}
	})
}
