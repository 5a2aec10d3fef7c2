package operation

import (
	"testing"

	"fleet/client"
	"fleet/plan"
)

// refused returns the error of a request that the server refused.
func refused(class client.ErrorClass) error { return &client.Error{Class: class, Message: "no"} }

// TestTrialMayHaveLost checks when a failed replacement may have cost its
// sandbox.
func TestTrialMayHaveLost(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Task) error
		want   bool
	}{
		"its deletion was refused":        {func(*Task) error { return refused(client.Forbidden) }, false},
		"its deletion may have been sent": {func(*Task) error { return refused(client.Unreachable) }, true},
		"its creation was refused":        {func(t *Task) error { t.OpIndex = 1; return refused(client.Forbidden) }, true},
		"it failed after its creation": {func(t *Task) error {
			t.OpIndex, t.Step.Ops = 2, append(t.Step.Ops, plan.Op{Verb: plan.DoStop})
			return nil
		}, true},
		"it was touched":                    {func(t *Task) error { t.Disrupted = true; return refused(client.Forbidden) }, true},
		"a hook before may have run or not": {func(t *Task) error { t.Step.Ops[0].Verb = plan.DoHook; return refused(client.Unreachable) }, false},
	} {
		task := NewTask(&plan.Step{Address: web, Action: plan.Replace, Ops: []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}}}, "1")
		if err := c.change(&task); task.MayHaveLostSandbox(err) != c.want {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
}
