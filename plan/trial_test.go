package plan

import (
	"encoding/json"
	"testing"

	"fleet/spec"
)

// TestTrialHasLeastToLose checks which step of several is the trial.
func TestTrialHasLeastToLose(t *testing.T) {
	step := func(wave int, have Object) *Step {
		return &Step{Wave: wave, Have: &have}
	}
	working := Object{State: spec.Started, TargetState: spec.Started}
	stopped := Object{State: spec.Stopped, TargetState: spec.Stopped}
	broken := Object{State: "error", TargetState: "error", Failed: true}
	for _, c := range []struct {
		name  string
		a, b  *Step
		first int
	}{
		{"failed before stopped", step(0, broken), step(0, stopped), -1},
		{"stopped before started", step(0, working), step(0, stopped), 1},
		{"plan order among equals", step(0, working), step(1, working), 0},
		{"first wave before a later one", step(2, broken), step(1, working), 1},
		{"no wave like the first", step(1, stopped), step(0, working), -1},
	} {
		if got := compareRisk(c.a, c.b); got != c.first {
			t.Errorf("%s: got %d, want %d", c.name, got, c.first)
		}
	}
}

// Plans that were saved by versions without trials keep their format.
func TestTrialOfIsOptional(t *testing.T) {
	text, err := json.Marshal(Step{Action: Replace})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	if _, told := fields["trial_of"]; told {
		t.Errorf("a step without a trial has one: %s", text)
	}
}
