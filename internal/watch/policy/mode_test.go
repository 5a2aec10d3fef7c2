package policy

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/plan"
	"fleet/spec"
)

// stepOf returns a step with the action.
func stepOf(address string, action plan.Action) *plan.Step {
	a, err := spec.ParseAddress(address)
	if err != nil {
		panic(err)
	}
	s := &plan.Step{Address: a, Action: action}
	for _, verb := range map[plan.Action][]plan.Verb{
		plan.Create: {plan.DoCreate}, plan.Delete: {plan.DoDelete}, plan.Replace: {plan.DoDelete, plan.DoCreate},
		plan.Clear: {plan.DoDelete}, plan.Update: {plan.DoCall}, plan.Start: {plan.DoStart},
	}[action] {
		s.Ops = append(s.Ops, plan.Op{Verb: verb})
	}
	return s
}

// TestModesOfActions holds what each mode permits.
func TestModesOfActions(t *testing.T) {
	repairs := map[plan.Action]bool{plan.Replace: false, plan.Delete: false, plan.Clear: false}
	for _, action := range plan.Actions() {
		want, listed := repairs[action]
		s := stepOf("sandbox.web", action)
		for mode, permitted := range map[Mode]bool{Observe: false, Repair: want || !listed, Enforce: true, "": true, "other": false} {
			if got := mode.block(s) == nil; got != permitted {
				t.Errorf("mode %q, %s: %t", mode, action, got)
			}
		}
	}
}

// TestRepairDeletesNothing: what a step deletes next to its action counts, too.
func TestRepairDeletesNothing(t *testing.T) {
	deleting := stepOf("sandbox.web", plan.Update)
	deleting.Rollback = stepOf("sandbox.web", plan.Replace)
	leftover := stepOf("sandbox.web", plan.Update)
	leftover.SurgeLeftover = &plan.Object{}
	byOp := stepOf("sandbox.web", plan.Update)
	byOp.Ops = append(byOp.Ops, plan.Op{Verb: plan.DoDelete})
	byAction := &plan.Step{Action: plan.Delete}
	for name, s := range map[string]*plan.Step{"action": byAction, "rollback": deleting, "leftover of a surge": leftover, "operation": byOp} {
		b := Repair.block(s)
		if b == nil || b.Kind != plan.Mode || b.Reason != "mode repair deletes and replaces nothing" || b.Unblock == "" {
			t.Errorf("%s: %+v", name, b)
		}
	}
	harmless := stepOf("sandbox.web", plan.Update)
	harmless.Rollback = stepOf("sandbox.web", plan.Update)
	harmless.Ops = append(harmless.Ops, plan.Op{Verb: plan.DoDropTrial})
	if b := Repair.block(harmless); b != nil {
		t.Errorf("a change in place is blocked: %s", b.Reason)
	}
}

func TestParseMode(t *testing.T) {
	for _, name := range ModeNames() {
		if m, err := ParseMode(name); err != nil || string(m) != name {
			t.Errorf("%s: %q, %v", name, m, err)
		}
		if !strings.Contains(ModeDoc(), name+" ") {
			t.Errorf("%s is not in %q", name, ModeDoc())
		}
	}
	for name, want := range map[string]string{
		"enforced": `"enforced" is not a mode: use observe, repair, enforce; did you mean "enforce"?`,
		"":         `"" is not a mode: use observe, repair, enforce`,
		"xxxxxxxx": `"xxxxxxxx" is not a mode: use observe, repair, enforce`,
	} {
		if m, err := ParseMode(name); m != "" || err == nil || err.Error() != want {
			t.Errorf("%q: %q, %v", name, m, err)
		}
	}
}

// noon is a time for tests that need one.
var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// drawPlan draws a plan whose steps have any actions, waves and trials.
func drawPlan(rt *rapid.T) *plan.Plan {
	rollout := &plan.Rollout{Group: spec.Address{Kind: spec.SandboxKind, Key: "w"}, Waves: make([]plan.Wave, 3)}
	p := &plan.Plan{Rollouts: []*plan.Rollout{rollout}}
	n := rapid.IntRange(0, 8).Draw(rt, "steps")
	for i := range n {
		s := stepOf("sandbox.w["+string(rune('0'+i))+"]", rapid.SampledFrom(plan.Actions()).Draw(rt, "action"))
		if rapid.Bool().Draw(rt, "rollout") {
			s.Rollout, s.Wave = rollout, rapid.IntRange(0, 3).Draw(rt, "wave")
		}
		if i > 0 && rapid.Bool().Draw(rt, "trial") {
			s.TrialStep = p.Steps[rapid.IntRange(0, i-1).Draw(rt, "trial of")].Address
		}
		if rapid.IntRange(0, 5).Draw(rt, "leftover") == 0 {
			s.SurgeLeftover = &plan.Object{}
		}
		if rapid.IntRange(0, 5).Draw(rt, "blocked") == 0 {
			s.Blocked = &plan.Block{Kind: plan.Conflict}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// TestObserveChangesNothing: no step of any plan remains, with or without an approval.
func TestObserveChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		(&Policy{Mode: Observe}).Hold(p, Pass{State: &State{}, Now: noon, Approved: rapid.Bool().Draw(rt, "approved")})
		for _, s := range p.Steps {
			if s.Blocked == nil && (s.Action != plan.NoOp || len(s.Ops) > 0) {
				rt.Fatalf("%s %s is not blocked", s.Action, s.Address)
			}
		}
	})
}

// TestObserveOperations: the operations of a step count regardless of its action.
func TestObserveOperations(t *testing.T) {
	s := stepOf("sandbox.web", plan.NoOp)
	s.Ops = []plan.Op{{Verb: plan.DoCall}}
	if r := (&Policy{Mode: Observe}).Hold(planOf(s), Pass{State: &State{}, Now: noon}); r.Held != 1 {
		t.Error("an operation is applied")
	}
}

// TestRepairKeepsAll: no step that deletes remains, with or without an approval, and a
// plan without such steps is applied as a whole.
func TestRepairKeepsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		deleting := 0
		for _, s := range p.Steps {
			if s.Blocked != nil || isChange(s) && deletes(s) {
				deleting++
			}
		}
		(&Policy{Mode: Repair}).Hold(p, Pass{State: &State{}, Now: noon, Approved: rapid.Bool().Draw(rt, "approved")})
		for _, s := range p.Steps {
			if s.Blocked == nil && isChange(s) && (s.Action.Deletes() || s.SurgeLeftover != nil) {
				rt.Fatalf("%s %s is not blocked", s.Action, s.Address)
			}
			if s.Blocked != nil && deleting == 0 {
				rt.Fatalf("%s %s is blocked: %s", s.Action, s.Address, s.Blocked.Reason)
			}
		}
	})
}
