package policy

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// rolloutOf returns a plan of a rollout with a step in each of the waves.
func rolloutOf(onFailure string, waves ...int) *plan.Plan {
	r := &plan.Rollout{Group: spec.Address{Kind: spec.SandboxKind, Key: "w"}, OnFailure: onFailure, Waves: make([]plan.Wave, 3)}
	p := &plan.Plan{Rollouts: []*plan.Rollout{r}}
	for i, wave := range waves {
		s := stepOf("sandbox.w["+string(rune('0'+i))+"]", plan.Replace)
		s.Rollout, s.Wave = r, wave
		p.Steps = append(p.Steps, s)
	}
	return p
}

// held returns which steps are blocked, as a digit each.
func held(p *plan.Plan) string {
	text := ""
	for _, s := range p.Steps {
		if s.Blocked == nil {
			text += "-"
		} else {
			text += "x"
		}
	}
	return text
}

// TestRolloutWaits holds which members of a rollout wait for another one.
func TestRolloutWaits(t *testing.T) {
	for _, test := range []struct {
		name      string
		waves     []int
		onFailure string
		failed    string // address
		paused    string
		later     bool // after the back-off
		approved  bool
		want      string
	}{
		{name: "the canary failed", waves: []int{1, 2, 3}, failed: "sandbox.w[0]", want: "xxx"},
		{name: "the canary is tried again, alone", waves: []int{1, 2, 3}, failed: "sandbox.w[0]", later: true, want: "-xx"},
		{name: "a repair failed", waves: []int{0, 0, 1, 2}, failed: "sandbox.w[0]", want: "x-xx"},
		{name: "a repair is tried again", waves: []int{0, 0, 1, 2}, failed: "sandbox.w[0]", later: true, want: "--xx"},
		{name: "a later one failed", waves: []int{1, 2, 3}, failed: "sandbox.w[2]", later: true, want: "xx-"},
		{name: "the rollout continues after failures", waves: []int{1, 1, 2, 3}, onFailure: spec.ContinueRollout, failed: "sandbox.w[0]", want: "x---"},
		{name: "it failed and was approved", waves: []int{1, 2, 3}, failed: "sandbox.w[0]", approved: true, want: "---"},
		{name: "another group failed", waves: []int{1, 2, 3}, failed: "sandbox.other", want: "---"},
		{name: "the canary is paused", waves: []int{1, 2, 3}, paused: "sandbox.w[0]", want: "xxx"},
		{name: "one of two canaries is paused", waves: []int{1, 1, 2}, paused: "sandbox.w[0]", want: "x--"},
		{name: "the middle wave is paused", waves: []int{1, 2, 3}, paused: "sandbox.w[1]", want: "-xx"},
		{name: "the last wave is paused", waves: []int{1, 2, 3}, paused: "sandbox.w[2]", want: "--x"},
		{name: "a repair is paused", waves: []int{0, 1, 2}, paused: "sandbox.w[0]", want: "x--"},
		{name: "an empty wave is none", waves: []int{1, 3}, want: "--"},
	} {
		state := &State{}
		if test.failed != "" {
			state.Record(nil, reportOf(stepOf(test.failed, plan.Replace), apply.Failed, errors.New("x")), noon)
		}
		if test.paused != "" {
			state.setPause(test.paused, Pause{"page", noon})
		}
		now := noon
		if test.later {
			now = now.Add(backOffs[0])
		}
		p := rolloutOf(test.onFailure, test.waves...)
		r := (&Policy{}).Hold(p, Pass{State: state, Now: now, Approved: test.approved})
		if got := held(p); got != test.want || r.Held != strings.Count(got, "x") {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestRolloutReasons holds the texts of members that wait.
func TestRolloutReasons(t *testing.T) {
	state := &State{}
	state.setPause("sandbox.w[0]", Pause{"page", noon})
	p := rolloutOf("", 1, 2)
	(&Policy{}).Hold(p, Pass{State: state, Now: noon})
	if got := blocked(p.Steps[1]); got != "paused: the rollout of sandbox.w waits for wave 1: sandbox.w[0] is blocked: sandbox.w[0] was paused by page at 2026-11-30 12:00 UTC (resume it)" {
		t.Error(got)
	}
	state = &State{}
	state.Record(nil, reportOf(stepOf("sandbox.w[0]", plan.Replace), apply.Failed, errors.New("x")), noon)
	p = rolloutOf("", 1, 2)
	(&Policy{}).Hold(p, Pass{State: state, Now: noon})
	if got := blocked(p.Steps[1]); got != "back-off: the rollout of sandbox.w waits until sandbox.w[0] succeeds, which failed (change the spec, or approve the plan)" {
		t.Error(got)
	}
}

// TestStaleMember: a member whose object had changed since the plan was made has not failed.
func TestStaleMember(t *testing.T) {
	state, p := &State{}, rolloutOf("", 1, 2)
	state.Record(nil, reportOf(p.Steps[0], apply.Failed, apply.ErrStale), noon)
	if r := (&Policy{}).Hold(p, Pass{State: state, Now: noon}); r.Held != 0 {
		t.Errorf("%s", held(p))
	}
}

// TestOwnReasonStays: a step that is blocked itself keeps its reason, and the first of two
// members that failed is named.
func TestOwnReasonStays(t *testing.T) {
	state := &State{}
	for _, failed := range []string{"sandbox.w[0]", "sandbox.w[1]"} {
		state.Record(nil, reportOf(stepOf(failed, plan.Replace), apply.Failed, errors.New("x")), noon)
	}
	state.setPause("sandbox.w[3]", Pause{"page", noon})
	p := rolloutOf("", 0, 0, 1, 1)
	p.Steps[3].TrialStep = p.Steps[0].Address
	(&Policy{}).Hold(p, Pass{State: state, Now: noon})
	if got := blocked(p.Steps[2]); !strings.Contains(got, "waits until sandbox.w[0] succeeds") {
		t.Error(got)
	}
	if got := blocked(p.Steps[3]); !strings.HasPrefix(got, "paused: sandbox.w[3] was paused") {
		t.Error(got)
	}
	trial := planOf(stepOf("sandbox.w[0]", plan.Create), stepOf("sandbox.w[3]", plan.Replace))
	trial.Steps[1].TrialStep = trial.Steps[0].Address
	(&Policy{}).Hold(trial, Pass{State: state, Now: noon})
	if got := blocked(trial.Steps[1]); !strings.HasPrefix(got, "paused: sandbox.w[3] was paused") {
		t.Error(got)
	}
}

// TestTrialHolds: replacements do not start while the step that shows whether the server
// accepts their request waits, since each pass would lose another sandbox.
func TestTrialHolds(t *testing.T) {
	state := &State{}
	first, second, other := stepOf("sandbox.a", plan.Create), stepOf("sandbox.b", plan.Replace), stepOf("sandbox.c", plan.Replace)
	second.TrialStep = first.Address
	state.Record(nil, reportOf(first, apply.Failed, errors.New("x")), noon)
	(&Policy{}).Hold(planOf(second, first, other), Pass{State: state, Now: noon})
	if got := blocked(second); !strings.HasPrefix(got, "back-off: sandbox.a, whose creation is tried first, is blocked: it failed 1 time in a row") || other.Blocked != nil {
		t.Errorf("%s; %s", got, blocked(other))
	}
}

// TestDependentsWait: in any plan, no step runs whose trial is blocked, and none of a wave
// after one that is blocked as a whole.
func TestDependentsWait(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, state := drawPlan(rt), &State{}
		for _, s := range p.Steps {
			s.Blocked = nil
			if rapid.IntRange(0, 3).Draw(rt, "pause") == 0 {
				state.setPause(s.Address.String(), Pause{"page", noon})
			}
		}
		(&Policy{Mode: rapid.SampledFrom([]Mode{Repair, Enforce}).Draw(rt, "mode")}).Hold(p, Pass{State: state, Now: noon})
		waves, members := map[int]int{}, map[int]int{}
		blocked := map[spec.Address]bool{}
		for _, s := range p.Steps {
			blocked[s.Address] = s.Blocked != nil
			if s.Rollout != nil && s.Wave > 0 {
				members[s.Wave]++
				if s.Blocked == nil {
					waves[s.Wave]++
				}
			}
		}
		for _, s := range p.Steps {
			if s.Blocked != nil {
				continue
			}
			if blocked[s.TrialStep] {
				rt.Fatalf("%s runs without %s", s.Address, s.TrialStep)
			}
			for wave := 1; s.Rollout != nil && wave < s.Wave; wave++ {
				if members[wave] > 0 && waves[wave] == 0 {
					rt.Fatalf("%s of wave %d runs without wave %d", s.Address, s.Wave, wave)
				}
			}
		}
	})
}
