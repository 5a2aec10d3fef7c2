package plan

import (
	"fmt"
	"strings"
	"testing"

	"fleet/spec"
)

// TestRisks checks which steps can lose a sandbox to a refused creation, and
// which create one and can lose none.
func TestRisks(t *testing.T) {
	box, volume := spec.Address{Kind: spec.SandboxKind, Key: "a"}, spec.Address{Kind: spec.VolumeKind, Key: "a"}
	replacement := []Op{{Verb: DoDelete}, {Verb: DoCreate}}
	creation := []Op{{Verb: DoCreate}}
	for name, c := range map[string]struct {
		step        Step
		risks, safe bool
	}{
		"a replacement":               {Step{Address: box, Action: Replace, Ops: replacement}, true, false},
		"a blocked replacement":       {Step{Address: box, Action: Replace, Ops: replacement, Blocked: &Block{}}, false, false},
		"a replacement of a volume":   {Step{Address: volume, Action: Replace, Ops: replacement}, false, false},
		"a surge":                     {Step{Address: box, Action: Replace, Surge: true, Ops: creation}, false, true},
		"a blocked surge":             {Step{Address: box, Action: Replace, Surge: true, Ops: creation, Blocked: &Block{}}, false, false},
		"a replacement without a new": {Step{Address: box, Action: Replace, Ops: []Op{{Verb: DoDelete}}}, false, false},
		"a deletion":                  {Step{Address: box, Action: Delete, Ops: replacement}, false, false},
		"a creation":                  {Step{Address: box, Action: Create, Ops: creation}, false, true},
		"a blocked creation":          {Step{Address: box, Action: Create, Ops: creation, Blocked: &Block{}}, false, false},
		"a creation of a volume":      {Step{Address: volume, Action: Create, Ops: creation}, false, false},
		"an update":                   {Step{Address: box, Action: Update, Surge: true, Ops: []Op{{Verb: DoCall}}}, false, false},
	} {
		same(t, name+": risks", c.step.RisksLoss(), c.risks)
		same(t, name+": safe", c.step.createsFirst(), c.safe)
	}
}

// tried lists the steps that wait for a trial, with their trials.
func tried(p *Plan) string {
	var list []string
	for _, s := range p.Steps {
		if s.TrialStep != (spec.Address{}) {
			list = append(list, short(s.Address)+" after "+short(s.TrialStep))
		}
	}
	return strings.Join(list, "\n")
}

// TestTrialOfEachRequest checks that one of the steps with the same create request is the
// trial, and that the others that risk a sandbox wait for it.
func TestTrialOfEachRequest(t *testing.T) {
	const was = "sandboxes: {a: {os_user: x}, b: {os_user: x}, c: {os_user: x}}"
	const now = "sandboxes: {a: {os_user: y}, b: {os_user: y}, c: {os_user: y}}"
	for _, c := range []struct{ name, was, then, spec, want string }{
		{"alike", was, "", now, "b after a\nc after a"},
		{"the one with least to lose", was, "b stopped", now, "a after b\nc after b"},
		{"a creation", was, "", "sandboxes: {a: {os_user: y}, b: {os_user: y}, c: {os_user: y}, d: {os_user: y}, e: {os_user: y}}", "a after d\nb after d\nc after d"},
		{"a creation that is blocked", was, "c of shop", now, "b after a"},
		{"a replacement that is blocked", was, "a labelled fleet-protect=true", now, "c after b"},
		{"two requests", was, "", "sandboxes: {a: {os_user: y}, b: {os_user: y}, c: {os_user: z}}", "b after a"},
		{"creations alone", "sandboxes: {a: {}}", "", "sandboxes: {a: {}, b: {}, c: {}}", ""},
		{"one replacement", was, "", "sandboxes: {a: {os_user: y}, b: {os_user: x}, c: {os_user: x}}", ""},
	} {
		p := story{was: c.was, then: c.then, spec: c.spec, opts: Options{AllowDestroy: 10}}.plan(t)
		same(t, c.name, tried(p), c.want)
	}
}

// TestTrialOfLargerReplacements checks which replacements a refusal for lack of quota
// concerns: those that need more than they free.
func TestTrialOfLargerReplacements(t *testing.T) {
	sized := func(now, then string) story {
		text := func(size, user string) string {
			return "sandboxes: {a: {image: 'i:1', os_user: " + user + ", resources: {" + size + "}}, b: {image: 'i:1', os_user: " + user + ", resources: {" + size + "}}}"
		}
		return story{was: text(now, "x"), spec: text(then, "y"), opts: Options{AllowDestroy: 10}}
	}
	stopped := sized("cpu: 2", "cpu: 2")
	stopped.then = "a stopped\nb stopped"
	const unknown = "sandboxes: {a: {os_user: %[1]s}, b: {os_user: %[1]s}}"
	for name, c := range map[string]struct {
		story
		grows bool
	}{
		"as large":                 {sized("cpu: 2", "cpu: 2"), false},
		"smaller":                  {sized("cpu: 2", "cpu: 1"), false},
		"larger":                   {sized("cpu: 2", "cpu: 3"), true},
		"larger in one part":       {sized("cpu: 2, memory: 2", "cpu: 1, memory: 3"), true},
		"as large, but runs":       {stopped, true},
		"a size that is not known": {story{was: fmt.Sprintf(unknown, "x"), spec: fmt.Sprintf(unknown, "y"), opts: Options{AllowDestroy: 10}}, true},
	} {
		p := c.plan(t)
		same(t, name, tried(p), "b after a")
		for _, s := range p.Steps {
			same(t, name+": "+short(s.Address), s.IncreasesUsage, c.grows && short(s.Address) == "b")
		}
	}
}

// TestTrialsOfAPlan checks that the steps that wait for a trial are counted, except those
// that also wait for a blocked step.
func TestTrialsOfAPlan(t *testing.T) {
	at := func(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }
	p := &Plan{Steps: []*Step{
		{Address: at("other")},
		{Address: at("blocked"), Blocked: &Block{}},
		{Address: at("one")},
		{Address: at("first")},
		{Address: at("a"), TrialStep: at("first")},
		{Address: at("b"), TrialStep: at("first")},
		{Address: at("c"), TrialStep: at("first"), After: []spec.Address{at("blocked")}},
		{Address: at("d"), TrialStep: at("one")},
		{Address: at("held")},
		{Address: at("e"), TrialStep: at("held"), After: []spec.Address{at("blocked")}},
	}}
	got := map[string]int{}
	var order []string
	for _, trial := range p.Trials() {
		got[trial.First.Address.Key] = trial.Waiting
		order = append(order, trial.First.Address.Key)
	}
	same(t, "waiting", got, map[string]int{"one": 1, "first": 2})
	same(t, "order", strings.Join(order, " "), "one first")
}

// TestTrialWaitsForNone checks that a step that waits for another one of the
// same request is not its trial, unless all wait.
func TestTrialWaitsForNone(t *testing.T) {
	step := func(key string, after ...string) *Step {
		s := &Step{Address: spec.Address{Kind: spec.SandboxKind, Key: key}}
		for _, a := range after {
			s.After = append(s.After, spec.Address{Kind: spec.SandboxKind, Key: a})
		}
		return s
	}
	for want, steps := range map[string][]*Step{
		"a b c": {step("a"), step("b"), step("c", "d")},
		"b c":   {step("a", "d", "c"), step("b"), step("c")},
		"b":     {step("a", "b"), step("b")},
		"a b":   {step("a", "b"), step("b", "a")},
	} {
		var got []string
		for _, s := range withoutDependents(steps) {
			got = append(got, s.Address.Key)
		}
		same(t, want, strings.Join(got, " "), want)
	}
}

// TestRepairsBelongToTheirRollout checks that sandboxes that are replaced before the waves
// belong to the rollout.
func TestRepairsBelongToTheirRollout(t *testing.T) {
	p := planRelease(t, 4, "max_unavailable: 1", "w[1] error: x")
	for _, s := range p.Steps {
		same(t, "rollout of "+short(s.Address), s.Rollout == p.Rollouts[0], true)
		same(t, "wave of "+short(s.Address), s.Wave == 0, short(s.Address) == "w[1]")
	}
}

// TestTrialOfTheFirstWave checks that an earlier wave takes precedence over a smaller loss.
func TestTrialOfTheFirstWave(t *testing.T) {
	working := &Object{State: spec.Started, TargetState: spec.Started}
	broken := &Object{State: "error", TargetState: "error", Failed: true}
	first, later := &Step{Wave: 1, Have: working}, &Step{Wave: 2, Have: broken}
	same(t, "first before later", compareRisk(first, later), -1)
	same(t, "later after first", compareRisk(later, first), 1)
}
