package apply

import (
	"errors"
	"testing"

	"fleet/plan"
	"fleet/spec"
)

// TestRolloutOfTwoGroups checks that the events of a rollout are those of its own steps,
// in the current wave.
func TestRolloutOfTwoGroups(t *testing.T) {
	of, other := waves(0, spec.RollBack, 1, 2), waves(0, spec.RollBack, 1, 1)
	of.PauseSeconds = 60
	o := turnOut(t, of, "x:0 y:1 z:2 a:1 b:2 c:2", func(s *plan.Step) {
		if s.Address == boxAt("y") || s.Address == boxAt("z") {
			s.Rollout = other
		}
	})
	o.begins()
	o.done("a")
	o.events = nil
	o.admitRollouts()
	if len(o.events) != 1 || o.events[0].Step.Address != boxAt("b") {
		t.Errorf("events %+v, want a pause before b", o.events)
	}

	of = waves(0, spec.RollBack, 1, 2)
	o = turnOut(t, of, "y:1 z:2 a:1 b:2 c:2", func(s *plan.Step) {
		if s.Address == boxAt("y") || s.Address == boxAt("z") {
			s.Rollout = other
		}
	})
	o.begins()
	o.done("y")
	o.done("a")
	o.begins()
	o.done("z")
	o.fails("b", 0, errors.New("no"))
	o.halt(ErrStopped)
	o.done("c")
	if got := o.outcomes(); got != "y done, z done, a done, b failed, c interrupted" {
		t.Error(got)
	}
}
