package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

func box(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }

// savedSteps returns steps as a saved plan.
func savedSteps(steps ...Step) *Saved {
	s := &Saved{}
	for _, step := range steps {
		s.Steps = append(s.Steps, SavedStep{Step: step})
	}
	return s
}

// TestCompareWithOneStep compares a saved step with the step that is planned now.
func TestCompareWithOneStep(t *testing.T) {
	call := func(path string) Op { return Op{Verb: DoCall, Call: &spec.Call{Method: "POST", Path: path}} }
	change := func(have, want string) []Change { return []Change{labelChange("public", have, want)} }
	failed := &Object{State: "error", TargetState: "error", Failed: true}
	for _, c := range []struct {
		name string
		was  Step
		now  *Step
		want string
	}{
		{"a deletion of what is gone", Step{Action: Delete}, nil, "done web"},
		{"a release of what is gone", Step{Action: Release}, nil, "done web"},
		{"an update of what is gone", Step{Action: Update}, nil, "stale web: the fleet has no such object any more"},
		{"a creation of what is not wanted", Step{Action: Create}, nil, "stale web: the fleet has no such object any more"},
		{"gone, and not missed", Step{Action: Update}, &Step{Action: NoOp}, "stale web: it no longer exists, and would not be created again\nno-op web"},
		{"failed, and left so", Step{Action: Update}, &Step{Action: NoOp, Have: failed}, "stale web: it is in state error, and would not be repaired\nno-op web"},
		{"as wanted", Step{Action: Update}, &Step{Action: NoOp, Have: &Object{}}, "done web"},
		{"on its way", Step{Action: Update}, &Step{Action: Wait, Have: &Object{}}, "wait web"},
		{
			"another value is wanted",
			Step{Action: Update, Changes: change("a", "b")},
			&Step{Action: Update, Changes: change("a", "c")},
			"stale web: its public would be set to another value\nupdate web",
		},
		{
			"another value is there",
			Step{Action: Update, Changes: change("a", "b")},
			&Step{Action: Update, Changes: change("c", "b")},
			"stale web: its public has changed\nupdate web",
		},
		{
			"waits are no operations",
			Step{Action: Update, Ops: []Op{call("a"), {Verb: DoStop}}},
			&Step{Action: Update, Ops: []Op{{Verb: DoSettle}, call("a"), {Verb: DoStop}, {Verb: DoAwait}}},
			"update web",
		},
		{
			"waits have ended",
			Step{Action: Update, Ops: []Op{{Verb: DoSettle}, call("a"), {Verb: DoAwait}}},
			&Step{Action: Update, Ops: []Op{call("a")}},
			"update web",
		},
		{
			"another call",
			Step{Action: Update, Ops: []Op{call("a")}},
			&Step{Action: Update, Ops: []Op{{Verb: DoSettle}, call("b")}},
			"stale web: it would take other operations: POST b, not POST a\nupdate web",
		},
	} {
		c.was.Address = box("web")
		now := &Plan{}
		if c.now != nil {
			c.now.Address = box("web")
			now.Steps = []*Step{c.now}
		}
		same(t, c.name, compared(savedSteps(c.was).Compare(now, parse(t, nothing))), c.want)
	}
}

// A plan with more steps than the saved one makes it stale only if those change
// something.
func TestCompareWhatIsNeeded(t *testing.T) {
	for _, c := range []struct {
		name  string
		saved []Step
		now   Step
		want  string
	}{
		{"it is as wanted", nil, Step{Action: NoOp}, "no-op base\ncreate web"},
		{"it is on its way", nil, Step{Action: Wait}, "wait base\ncreate web"},
		{"it must be started", nil, Step{Action: Start}, "stale base: sandbox.web needs it, and the saved plan does not start it\nstart base\ncreate web"},
		{"it was kept", []Step{{Address: box("base"), Action: NoOp, RetainedReason: "as it is"}}, Step{Action: NoOp}, "no-op base\ncreate web"},
		{"it was kept, and must be started", []Step{{Address: box("base"), Action: NoOp, RetainedReason: "as it is"}}, Step{Action: Start}, "stale base: sandbox.web needs it, and the saved plan does not start it\nstart base\ncreate web"},
	} {
		c.now.Address, c.now.NeededBy = box("base"), box("web")
		now := &Plan{Steps: []*Step{&c.now, {Address: box("web"), Action: Create}}}
		saved := savedSteps(append(c.saved, Step{Address: box("web"), Action: Create})...)
		same(t, c.name, compared(saved.Compare(now, parse(t, nothing))), c.want)
	}
}

// A step that waited for a blocked step in the saved plan still waits for it, and for no
// other step that no longer has to come first.
func TestCompareKeepsWaiting(t *testing.T) {
	blocked := Step{Address: box("base"), Action: Replace, Blocked: &Block{Reason: "too many"}}
	waiting := Step{Address: box("web"), Action: Update, After: []spec.Address{box("base"), box("other")}}
	for name, c := range map[string]struct {
		saved []Step
		after []spec.Address // of the step that is planned now
		want  string
	}{
		"it no longer would":     {[]Step{blocked, waiting}, nil, "sandbox.base"},
		"it does":                {[]Step{blocked, waiting}, []spec.Address{box("base")}, "sandbox.base"},
		"it waits for another":   {[]Step{blocked, waiting}, []spec.Address{box("new")}, "sandbox.new sandbox.base"},
		"the first of the file":  {[]Step{waiting, blocked}, nil, "sandbox.base"},
		"nothing is blocked":     {[]Step{waiting}, nil, ""},
		"it did not wait for it": {[]Step{blocked, {Address: box("web"), Action: Update}}, nil, ""},
		"it is not in the file":  {[]Step{blocked}, nil, ""},
	} {
		now := &Plan{Steps: []*Step{{Address: box("web"), Action: Update, After: c.after}}}
		var got []string
		for _, s := range savedSteps(c.saved...).Compare(now, parse(t, nothing)).Pending {
			if s.Address != box("web") {
				continue
			}
			for _, a := range s.After {
				got = append(got, a.String())
			}
		}
		same(t, name, strings.Join(got, " "), c.want)
	}
}
