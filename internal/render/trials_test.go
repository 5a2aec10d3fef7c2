package render

import (
	"testing"

	"fleet/plan"
	"fleet/spec"
)

func TestTrialWords(t *testing.T) {
	at := func(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }
	waits := func(key, first string) *plan.Step {
		return with(step(key, plan.Replace), func(s *plan.Step) { s.TrialStep = at(first) })
	}
	held := func(key string) *plan.Step {
		return with(step(key, plan.Create), func(s *plan.Step) {
			s.Blocked, s.Address.Kind = &plan.Block{Kind: plan.Illegal}, spec.SnapshotKind
		})
	}
	after := func(s *plan.Step, key string) *plan.Step {
		s.After = append(s.After, spec.Address{Kind: spec.SnapshotKind, Key: key})
		return s
	}
	first := func(key string) *plan.Step { return step(key, plan.Replace) }
	for _, c := range []struct {
		name, want string
		steps      []*plan.Step
	}{
		{"none", ": ", []*plan.Step{first("a"), first("b")}},
		{"replaced", "Trial: sandbox.a is replaced first; 1 replacement with the same create request waits for it", []*plan.Step{first("a"), waits("b", "a")}},
		{"created", "Trial: sandbox.z is created first; 2 replacements with the same create request wait for it", []*plan.Step{waits("a", "z"), waits("b", "z"), step("z", plan.Create)}},
		{"many", "Trials: sandbox.a, sandbox.b, sandbox.c and 2 more come first; 5 replacements with the same create requests wait for them", []*plan.Step{
			first("a"), waits("a1", "a"), first("b"), waits("b1", "b"), first("c"), waits("c1", "c"), first("d"), waits("d1", "d"), first("e"), waits("e1", "e"),
		}},
		{"what is held waits for no trial", ": ", []*plan.Step{held("s"), after(first("a"), "s"), after(waits("b", "a"), "s")}},
	} {
		head, text := trialText(&plan.Plan{Steps: c.steps})
		same(t, c.name, head+": "+text, c.want)
	}
}
