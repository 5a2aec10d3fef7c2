package apply

import (
	"errors"
	"testing"

	"fleet/plan"
)

// TestTrialUntangledIfNecessary checks which trials get another first member.
func TestTrialUntangledIfNecessary(t *testing.T) {
	waiting, could := replacing(0), replacing(0)
	waiting.pendingDeps = 1
	for name, c := range map[string]struct {
		trial trial
		want  bool
	}{
		"the first waits":       {trial{first: waiting, members: []*task{waiting, could}}, true},
		"all wait":              {trial{first: waiting, members: []*task{waiting}}, false},
		"the first could start": {trial{first: could, members: []*task{could, replacing(0)}}, false},
		"the trial has passed":  {trial{first: waiting, members: []*task{waiting, could}, passed: true}, false},
		"the trial has failed":  {trial{first: waiting, members: []*task{waiting, could}, failure: errors.New("x")}, false},
	} {
		r := &runner{schedule: newSchedule(&plan.Plan{}, 1), trials: []*trial{&c.trial}}
		first := c.trial.first
		if got := r.breakDeadlock(); got != c.want || (c.trial.first != first) != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
