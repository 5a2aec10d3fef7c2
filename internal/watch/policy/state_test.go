package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// reread returns a state after it was written and read.
func reread(t interface{ Fatal(...any) }, s *State) *State {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	read := &State{}
	if err := json.Unmarshal(text, read); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(read); string(again) != string(text) {
		t.Fatal(string(text), string(again))
	}
	return read
}

// TestStateSurvives: pauses, failures and flapping objects are the same after a restart.
func TestStateSurvives(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {env_vars: {A: very-secret}}, db: {}, w: {count: 2}}")
	state, known := &State{}, addressesOf(f)
	if err := errors.Join(state.Pause("sandbox.w", "page", known, time.Now()), state.Pause("sandbox.db", "command", known, noon)); err != nil {
		t.Fatal(err)
	}
	state.Record(f, reportOf(stepOf("sandbox.w[1]", plan.Start), apply.Failed, errors.New("very-secret")), time.Now())
	for range 4 {
		state.Record(f, reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), noon)
	}
	text, _ := json.Marshal(state)
	if strings.Contains(string(text), "very-secret") {
		t.Errorf("a secret is in %s", text)
	}
	read := reread(t, state)
	if got := read.Pauses(); !slices.Equal(got, []string{"sandbox.db", "sandbox.w"}) {
		t.Errorf("paused: %q", got)
	}
	if p, ok := read.Paused("sandbox.db"); !ok || p.By != "command" || !p.Since.Equal(noon) {
		t.Errorf("%+v", p)
	}
	if len(read.failures) != 1 || len(read.flaps) != 1 {
		t.Errorf("%s", text)
	}
	s := drifted(spec.ChangedRemotely)
	if r := (&Policy{}).Hold(planOf(s), Pass{Fleet: f, State: read, Now: noon}); r.Held != 1 {
		t.Error("what flapped is changed again after a restart")
	}
}

func addressesOf(f *spec.Fleet) (list []spec.Address) {
	for _, r := range f.Resources {
		list = append(list, r.Address)
	}
	return list
}

// TestReadState holds the errors of texts that are no state. They change nothing.
func TestReadState(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:              "it is not the state of a watch: it has no version",
		`[]`:              "it is not the state of a watch: json",
		`{"version":"1"}`: "it is not the state of a watch: json",
		`{"version":2}`:   "it has version 2 of the format, and this version of fleet reads 1; use the version that wrote it",
		`{"version":-1}`:  "it is not the state of a watch: it has no version",
		`{"version":1,"failures":[{"address":"x","count":1}]}`:                                                                                   `"x" is not an address`,
		`{"version":1,"flaps":[{"address":"sandbox.web","attribute":"x","times":[]}]}`:                                                           "a number of changes is out of range",
		`{"version":1,"pauses":[` + strings.Repeat(`{"address":"a"},`, 1000) + `{"address":"a"}]}`:                                               "it has more entries than fleet writes",
		`{"version":1,"flaps":[{"address":"sandbox.web","times":[` + strings.Repeat(`"2026-11-30T12:00:00Z",`, 4) + `"2026-11-30T12:00:00Z"]}]}`: "a number of changes is out of range",
	} {
		state := &State{}
		state.setPause("sandbox.web", Pause{})
		err := json.Unmarshal([]byte(text), state)
		if err == nil || !strings.Contains(err.Error(), want) || len(state.Pauses()) != 1 {
			t.Errorf("%.80s: %v, %v", text, err, state.Pauses())
		}
	}
	odd := &State{}
	if err := json.Unmarshal([]byte(`{"version":1,"more":1,"failures":[{"address":"sandbox.web","count":1,"last":"2026-11-30T12:00:00Z"},{"address":"sandbox.db","count":99999999999,"last":"2026-11-30T12:00:00Z"}]}`), odd); err != nil {
		t.Fatal(err)
	}
	web, db := stepOf("sandbox.web", plan.Start), stepOf("sandbox.db", plan.Start)
	if r := (&Policy{}).Hold(planOf(web, db), Pass{State: odd, Now: noon}); r.Held != 2 {
		t.Errorf("%+v", r)
	}
}

// TestPauses holds which steps a pause leaves out.
func TestPauses(t *testing.T) {
	f := fleetOf(t, "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {}, w: {count: 2}}")
	former := stepOf("snapshot.base-1", plan.Delete)
	former.FormerVersionOf = spec.Address{Kind: spec.SnapshotKind, Key: "base"}
	for address, want := range map[string][]string{
		"":              {"sandbox.w[0]", "sandbox.w[1]", "sandbox.web", "snapshot.base", "snapshot.base-1"},
		"sandbox.w":     {"sandbox.w[0]", "sandbox.w[1]"},
		"sandbox.w[1]":  {"sandbox.w[1]"},
		"sandbox.web":   {"sandbox.web"},
		"snapshot.base": {"snapshot.base", "snapshot.base-1"},
	} {
		state := &State{}
		if err := state.Pause(address, "page", addressesOf(f), noon); err != nil {
			t.Fatal(err)
		}
		for _, approved := range []bool{false, true} {
			old := *former
			steps := []*plan.Step{&old}
			for _, a := range addressesOf(f) {
				steps = append(steps, stepOf(a.String(), plan.Update))
			}
			(&Policy{}).Hold(planOf(steps...), Pass{Fleet: f, State: state, Now: noon, Approved: approved})
			got := map[string]bool{}
			for _, s := range steps {
				if s.Blocked != nil {
					got[s.Address.String()] = true
					name := address
					if name == "" {
						name = "the fleet"
					}
					if reason := "paused: " + name + " was paused by page at 2026-11-30 12:00 UTC (resume it)"; blocked(s) != reason {
						t.Error(blocked(s))
					}
				}
			}
			if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
				t.Errorf("%q: %v, want %v", address, names, want)
			}
		}
		if err := state.Resume(address); err != nil || len(state.Pauses()) != 0 {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestPauseErrors holds the errors of Pause and Resume.
func TestPauseErrors(t *testing.T) {
	f := fleetOf(t, "sandboxes: {web: {}, w: {count: 2}}")
	state, known := &State{}, addressesOf(f)
	for address, want := range map[string]string{
		"sandbox.wep":    `the fleet has no sandbox.wep; did you mean "sandbox.web"?`,
		"sandbox.w[2]":   `the fleet has no sandbox.w[2]; did you mean "sandbox.w[`,
		"web":            `the fleet has no web`,
		"qqqqq\x1bqqqqq": `the fleet has no qqqqq\x1bqqqqq`,
	} {
		if err := state.Pause(address, "page", known, noon); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := errors.Join(state.Pause("sandbox.w", "page", known, noon), state.Pause("sandbox.w", "command", nil, noon.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if p, _ := state.Paused("sandbox.w"); p.By != "page" || !p.Since.Equal(noon) {
		t.Errorf("a second pause changed the first: %+v", p)
	}
	for address, want := range map[string]string{
		"sandbox.w[1]": "sandbox.w[1] is not paused alone: resume sandbox.w",
		"sandbox.web":  "sandbox.web is not paused",
		"":             "the fleet is not paused",
		"x\x1b":        `x\x1b is not paused`,
	} {
		if err := state.Resume(address); err == nil || err.Error() != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := state.Pause("", "page", nil, noon); err != nil {
		t.Fatal(err)
	}
	if err := state.Resume("sandbox.web"); err == nil || err.Error() != "sandbox.web is not paused alone: resume the fleet" {
		t.Error(err)
	}
}

// TestStateIsBounded: the oldest entries make room for new ones; a pause is never lost.
func TestStateIsBounded(t *testing.T) {
	state := &State{}
	var known []spec.Address
	for i := range maxPauses + 1 {
		known = append(known, spec.Address{Kind: spec.SandboxKind, Key: fmt.Sprint("s", i)})
		err := state.Pause(known[i].String(), "page", known[i:], noon)
		if (err != nil) != (i == maxPauses) {
			t.Fatal(i, err)
		}
	}
	if state.Pause(known[0].String(), "page", known, noon) != nil {
		t.Error("a pause that exists needs no room")
	}
	for i := range 3 {
		k := flapKey{Attribute: fmt.Sprint(i)}
		state.setFlap(k, &flap{Times: []time.Time{noon.Add(time.Duration(i) * time.Minute)}})
	}
	makeRoom(state.flaps, 4, (*flap).last)
	if len(state.flaps) != 3 {
		t.Error("an entry made room although there is some")
	}
	makeRoom(state.flaps, 3, (*flap).last)
	if len(state.flaps) != 2 || state.flaps[flapKey{Attribute: "0"}] != nil {
		t.Errorf("%v", state.flaps)
	}
}

// TestFullState: a full state takes new entries instead of the oldest, and those that it
// has need no room.
func TestFullState(t *testing.T) {
	state := &State{}
	address := func(i int) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: fmt.Sprint("s", i)} }
	key := func(i int) flapKey { return flapKey{Address: address(i)} }
	for i := range maxFailures {
		state.setFailure(address(i), &failure{Count: 1, Last: noon.Add(time.Duration(i) * time.Second)})
		state.setFlap(key(i), &flap{Times: []time.Time{noon.Add(time.Duration(i) * time.Second)}})
	}
	state.setFailure(address(5), &failure{Count: 2, Last: noon.Add(time.Hour)})
	state.setFlap(key(5), &flap{Times: []time.Time{noon.Add(time.Hour)}})
	if len(state.failures) != maxFailures || len(state.flaps) != maxFlaps || state.failures[address(0)] == nil || state.flaps[key(0)] == nil {
		t.Errorf("%d failures, %d flaps", len(state.failures), len(state.flaps))
	}
	state.setFailure(address(-1), &failure{Count: 1, Last: noon})
	state.setFlap(key(-1), &flap{Times: []time.Time{noon}})
	if len(state.failures) != maxFailures || len(state.flaps) != maxFlaps || state.failures[address(0)] != nil || state.flaps[key(0)] != nil {
		t.Errorf("%d failures, %d flaps", len(state.failures), len(state.flaps))
	}
}

// TestStaleEntries: entries of objects that no pass tries any more are removed.
func TestStaleEntries(t *testing.T) {
	state := &State{}
	state.Record(nil, reportOf(stepOf("sandbox.web", plan.Start), apply.Failed, errors.New("x")), noon)
	state.Record(nil, reportOf(drifted(spec.ChangedRemotely), apply.Done, nil), noon)
	state.failures[spec.Address{Kind: spec.SandboxKind, Key: "db"}] = &failure{Count: 1, Last: noon}
	(&Policy{}).Hold(planOf(), Pass{State: state, Now: noon.Add(59 * time.Minute)})
	if len(state.failures) != 1 || len(state.flaps) != 1 {
		t.Error("they are removed too early")
	}
	(&Policy{}).Hold(planOf(), Pass{State: state, Now: noon.Add(3 * time.Hour)})
	if len(state.failures)+len(state.flaps) != 0 {
		t.Errorf("%v %v", state.failures, state.flaps)
	}
}
