package plan

import (
	"testing"

	"fleet/spec"
)

// TestTrialByLoss checks that the step which can lose least is the trial, regardless of
// its place in the plan.
func TestTrialByLoss(t *testing.T) {
	at := spec.Address{Kind: spec.SandboxKind, Key: "a"}
	unfinished := Object{State: spec.Started, TargetState: spec.Started}
	unfinished.Labels = map[string]string{spec.PendingLabel: "1"}
	steps := []*Step{
		{Address: at, Action: Create},
		{Address: at, Action: Replace, Have: &Object{State: "error", TargetState: "error", Failed: true}},
		{Address: at, Action: Replace, Have: &unfinished},
		{Address: at, Action: Replace, Have: &Object{State: spec.Stopped, TargetState: spec.Stopped}},
		{Address: at, Action: Replace, Have: &Object{State: spec.Started, TargetState: spec.Started}},
	}
	for i, a := range steps {
		for j, b := range steps {
			if got := compareRisk(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%d and %d: %d", i, j, got)
			}
		}
	}
}
