package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/spec"
)

// groupOf returns a spec of a group of n sandboxes with a release and a rollout.
func groupOf(n int, release, rollout string) string {
	return fmt.Sprintf("sandboxes: {w: {count: %d, os_user: %s, rollout: {%s}}}", n, release, rollout)
}

// planRelease returns the plan of a new release for a group of n sandboxes.
func planRelease(t testing.TB, n int, rollout, then string) *Plan {
	t.Helper()
	return story{
		was: groupOf(n, "a", rollout), spec: groupOf(n, "b", rollout), then: then, opts: Options{AllowDestroy: 1000},
	}.plan(t)
}

// inWaves returns a rollout in one line: max_unavailable, and its waves with their
// permitted failures.
func inWaves(r *Rollout) string {
	parts := []string{fmt.Sprintf("%d of %d, %d missing:", r.MaxUnavailable, r.Members, r.Unavailable)}
	for _, w := range r.Waves {
		part := fmt.Sprintf("%d", w.Steps)
		if w.MaxFailures > 0 {
			part += fmt.Sprintf("-%d", w.MaxFailures)
		}
		if w.Canary {
			part += "c"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// max_unavailable is rounded down, but to 1 at least. Canaries and waves are rounded up.
func TestRolloutBounds(t *testing.T) {
	for _, test := range []struct {
		members       int
		rollout, want string
	}{
		{3, "max_unavailable: 50%", "1 of 3, 0 missing: 3"},
		{3, "max_unavailable: 66%", "1 of 3, 0 missing: 3"},
		{3, "max_unavailable: 67%", "2 of 3, 0 missing: 3"},
		{4, "max_unavailable: 50%", "2 of 4, 0 missing: 4"},
		{3, "max_unavailable: 1%", "1 of 3, 0 missing: 3"},
		{3, "max_unavailable: 100%", "3 of 3, 0 missing: 3"},
		{3, "max_unavailable: 2", "2 of 3, 0 missing: 3"},
		{3, "max_unavailable: 3", "3 of 3, 0 missing: 3"},
		{3, "max_unavailable: 9", "3 of 3, 0 missing: 3"},
		{1, "max_unavailable: 50%", "1 of 1, 0 missing: 1"},
		{3, "canary: 1", "0 of 3, 0 missing: 1c 2"},
		{3, "canary: 34%", "0 of 3, 0 missing: 2c 1"},
		{3, "canary: 9", "0 of 3, 0 missing: 3c"},
		{10, "canary: 1, waves: [1, 11%, 50%, 100%]", "0 of 10, 0 missing: 1c 1 3 5"},
		{10, "waves: [40%, 3, 50%]", "0 of 10, 0 missing: 4 1 5"},
		{10, "canary: 2, waves: [50%], max_failures: 50%", "0 of 10, 0 missing: 2c 3-1 5-2"},
		{10, "waves: [50%], max_failures: 3", "0 of 10, 0 missing: 5-3 5-3"},
		{10, "waves: [1, 50%], max_failures: 3", "0 of 10, 0 missing: 1-1 4-3 5-3"},
	} {
		t.Run(fmt.Sprint(test.members, " ", test.rollout), func(t *testing.T) {
			p := planRelease(t, test.members, test.rollout, "")
			same(t, "rollouts", len(p.Rollouts), 1)
			same(t, "rollout", inWaves(p.Rollouts[0]), test.want)
			steps := map[int]int{}
			for _, s := range p.Steps {
				steps[s.Wave]++
			}
			for i, w := range p.Rollouts[0].Waves {
				same(t, fmt.Sprint("steps of wave ", i+1), steps[i+1], w.Steps)
			}
			orderly(t, p)
		})
	}
}

// Members that are unavailable before the rollout count towards max_unavailable. If those
// that stay unavailable reach it, the other steps are blocked.
func TestRolloutOfUnavailableMembers(t *testing.T) {
	const left = "%d of the %d of sandbox.w are unavailable and not repaired by this plan, and at most %d may be unavailable"
	report := ", on_error: report"
	for _, test := range []struct {
		name, rollout, then, more string
		want, blocked             string
		n                         int // steps that are blocked for it
	}{
		{name: "nothing", rollout: "max_unavailable: 2", want: "2 of 4, 0 missing: 4"},
		{name: "one that is not there", rollout: "max_unavailable: 2", then: "w[1] gone", want: "2 of 4, 1 missing: 3"},
		{name: "one that failed", rollout: "max_unavailable: 2", then: "w[1] error: x", want: "2 of 4, 1 missing: 4"},
		{name: "as many as may", rollout: "max_unavailable: 1", then: "w[1] error: x", want: "1 of 4, 1 missing: 3"},
		{name: "more than may", rollout: "max_unavailable: 1", then: "w[1] error: x\nw[2] error: x", want: "1 of 4, 2 missing: 2"},
		{name: "one that was never ready", rollout: "max_unavailable: 2", then: "w[1] labelled fleet-pending=1", want: "2 of 4, 1 missing: 4"},
		{name: "all that failed", rollout: "max_unavailable: 1", then: "w[0] error: x\nw[1] error: x\nw[2] error: x\nw[3] error: x", want: "1 of 4, 4 missing: 4"},
		{name: "one that stays", rollout: "max_unavailable: 2", more: report, then: "w[1] error: x", want: "2 of 4, 1 missing: 3"},
		{name: "as many as may that stay", rollout: "max_unavailable: 1", more: report, then: "w[1] error: x", blocked: fmt.Sprintf(left, 1, 4, 1), n: 3},
		{name: "more than may that stay", rollout: "max_unavailable: 1", more: report, then: "w[1] error: x\nw[2] error: x", blocked: fmt.Sprintf(left, 2, 4, 1), n: 2},
		{name: "all may", rollout: "canary: 1", more: report, then: "w[1] error: x\nw[2] error: x", want: "0 of 4, 2 missing: 1c 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := func(release string) string {
				return strings.TrimSuffix(groupOf(4, release, test.rollout), "}}") + test.more + "}}"
			}
			p := story{was: text("a"), spec: text("b"), then: test.then, opts: Options{AllowDestroy: 100}}.plan(t)
			got := ""
			for _, r := range p.Rollouts {
				got += inWaves(r)
			}
			same(t, "rollout", got, test.want)
			blocked := 0
			for _, s := range p.Blocked() {
				if s.Blocked.Kind == Unavailable {
					blocked++
					same(t, "block", s.Blocked.Reason, test.blocked)
				}
			}
			same(t, "blocked", blocked, test.n)
		})
	}
}

// Sandboxes that have never been ready come first, and failed ones before usable ones,
// except with a canary.
func TestRolloutOrder(t *testing.T) {
	const then = "w[1] error: x\nw[2] labelled fleet-pending=1"
	for rollout, want := range map[string]string{
		"waves: [1, 2]":                     "w[2] w[1] w[0] w[3]",
		"canary: 1, waves: [2, 3]":          "w[2] w[0] w[3] w[1]",
		"canary: 1, waves: [1, 2, 3, 100%]": "w[2] w[0] w[3] w[1]",
	} {
		p := planRelease(t, 4, rollout, then)
		var list []string
		for wave := 1; wave <= 4; wave++ {
			for _, s := range p.Steps {
				if s.Wave == wave {
					list = append(list, short(s.Address))
				}
			}
		}
		same(t, rollout, strings.Join(list, " "), want)
	}
}

// A change that does not disrupt a running sandbox belongs to no wave.
func TestRolloutOnlyOfDisruptions(t *testing.T) {
	const rollout = "rollout: {max_unavailable: 1}"
	for _, test := range []struct {
		was, now string
		disturbs bool
	}{
		{"public: true", "public: false", false},
		{"labels: {a: b}", "labels: {a: c}", false},
		{"state: started", "state: stopped", true},
		{"state: started", "state: archived", true},
		{"state: stopped", "state: started", false},
		{"os_user: a", "os_user: b", true},
		{"image: 'a:1', resources: {cpu: 1}", "image: 'a:1', resources: {cpu: 2}", true},
	} {
		group := func(attr string) string { return "sandboxes: {w: {count: 2, " + attr + ", " + rollout + "}}" }
		p := story{was: group(test.was), spec: group(test.now), opts: Options{AllowDestroy: 10}}.plan(t)
		same(t, test.now, len(p.Rollouts) == 1, test.disturbs)
		for _, s := range p.Steps {
			same(t, test.now+": wave of "+short(s.Address), s.Wave > 0, test.disturbs)
		}
	}
}

// Each group has a rollout of its own.
func TestRolloutOfGroups(t *testing.T) {
	group := func(name, release, more string) string {
		return fmt.Sprintf("  %s: {count: 3, os_user: %s, on_error: report, rollout: {max_unavailable: 1}%s}\n", name, release, more)
	}
	const snapshots = "snapshots: {base: {image: 'a:1'}}\nsandboxes:\n"
	was := snapshots + group("a", "x", "") + group("b", "x", "") + group("c", "x", ", labels: {l: x}") + "  gone: {}\n"
	now := snapshots + group("a", "x", "") + group("b", "y", "") + group("c", "y", ", labels: {l: y}")
	p := story{was: was, spec: now, then: "b[1] error: x"}.plan(t)
	same(t, "rollouts", len(p.Rollouts), 1)
	same(t, "rollout", inWaves(p.Rollouts[0]), "1 of 3, 0 missing: 3")
	same(t, "group", p.Rollouts[0].Group.String(), "sandbox.c")
}

// Steps that are not selected are in no wave, and usable members without a step count as
// available.
func TestRolloutOfSelectedSteps(t *testing.T) {
	const rollout = "max_unavailable: 1"
	for _, test := range []struct {
		name, then, more string
		choose           []string
		want             string
		waves            map[string]int
	}{
		{name: "some are selected", choose: []string{"sandbox.w[1]"}, want: "1 of 3, 0 missing: 1", waves: map[string]int{"w[1]": 1}},
		{name: "some are protected", then: "w[0] labelled fleet-protect=true", want: "1 of 3, 0 missing: 2", waves: map[string]int{"w[1]": 1, "w[2]": 1}},
		{name: "some are not wanted back", more: "on_missing: ignore", then: "w[0] gone", want: "1 of 2, 0 missing: 2", waves: map[string]int{"w[1]": 1, "w[2]": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := func(release string) string {
				return strings.TrimSuffix(groupOf(3, release, rollout), "}}") + strings.TrimSuffix(", "+test.more, ", ") + "}}"
			}
			opts := Options{AllowDestroy: 10}
			if test.choose != nil {
				opts.Select.Targets = selectors(t, test.choose...)
			}
			p := story{was: text("a"), spec: text("b"), then: test.then, opts: opts}.plan(t)
			same(t, "rollouts", len(p.Rollouts), 1)
			same(t, "rollout", inWaves(p.Rollouts[0]), test.want)
			waves := map[string]int{}
			for _, s := range p.Steps {
				if s.Wave > 0 {
					waves[short(s.Address)] = s.Wave
				}
			}
			same(t, "waves", waves, test.waves)
		})
	}
}

// Steps that only create or repair members belong to the rollout, but to none of its
// waves.
func TestRolloutRepairs(t *testing.T) {
	group := func(release string) string {
		return "sandboxes: {w: {count: 3, state: stopped, os_user: " + release + ", rollout: {max_unavailable: 2, pause: 90s}}}"
	}
	p := story{was: group("a"), spec: group("b"), then: "w[1] gone", opts: Options{AllowDestroy: 10}}.plan(t)
	same(t, "rollout", inWaves(p.Rollouts[0]), "2 of 3, 1 missing: 2")
	same(t, "pause", p.Rollouts[0].Pause(), 90*time.Second)
	for _, s := range p.Steps {
		same(t, "rollout of "+short(s.Address), s.Rollout == p.Rollouts[0], true)
		same(t, "wave of "+short(s.Address), s.Wave > 0, s.Action == Replace)
	}
	alone := "sandboxes: {w: {os_user: %s, rollout: {max_unavailable: 50%%}}}"
	p = story{was: fmt.Sprintf(alone, "a"), spec: fmt.Sprintf(alone, "b"), opts: Options{AllowDestroy: 1}}.plan(t)
	same(t, "rollout of one", inWaves(p.Rollouts[0]), "1 of 1, 0 missing: 1")
}

// The repair of an unavailable member is not blocked, even if others stay unavailable.
func TestRepairsAreNotBlocked(t *testing.T) {
	group := func(release string) string {
		return "sandboxes: {w: {count: 4, on_error: report, os_user: " + release + ", rollout: {max_unavailable: 1}}}"
	}
	p := story{was: group("a"), spec: group("b"), then: "w[0] labelled fleet-pending=1\nw[1] error: x", opts: Options{AllowDestroy: 10}}.plan(t)
	blocked := map[string]bool{}
	for _, s := range p.Blocked() {
		blocked[short(s.Address)] = s.Blocked.Kind == Unavailable
	}
	same(t, "blocked", blocked, map[string]bool{"w[2]": true, "w[3]": true})
}

// TestDisrupts checks which operations disrupt a sandbox.
func TestDisrupts(t *testing.T) {
	spare := &Object{ID: "2"}
	live, awake := &spec.Call{Mode: spec.AnyState}, &spec.Call{Mode: spec.AnyState + 1}
	for name, c := range map[string]struct {
		spare *Object
		op    Op
		want  bool
	}{
		"delete":                        {nil, Op{Verb: DoDelete}, true},
		"delete what is left over":      {spare, Op{Verb: DoDelete, ID: "2"}, false},
		"delete the other one":          {spare, Op{Verb: DoDelete, ID: "1"}, true},
		"delete, with one left over":    {spare, Op{Verb: DoDelete}, true},
		"stop":                          {nil, Op{Verb: DoStop}, true},
		"pause":                         {nil, Op{Verb: DoPause}, true},
		"archive":                       {nil, Op{Verb: DoArchive}, true},
		"finish":                        {nil, Op{Verb: DoFinish}, true},
		"start":                         {nil, Op{Verb: DoStart}, false},
		"label":                         {nil, Op{Verb: DoLabel}, false},
		"a call while it goes on":       {nil, Op{Verb: DoCall, Call: live}, false},
		"a call for which it must stop": {nil, Op{Verb: DoCall, Call: awake}, true},
	} {
		s := &Step{Have: &Object{ID: "1"}, Want: &spec.Resource{}, SurgeLeftover: c.spare, Ops: []Op{{Verb: DoSettle}, c.op}}
		same(t, name, s.disrupts(), c.want)
	}
}

// A sandbox that is adopted does not count as unavailable, regardless of its state.
func TestAdoptedAreAvailable(t *testing.T) {
	for action, want := range map[Action]int{Adopt: 0, Update: 1} {
		g := &rolloutGroup{Rollout: &Rollout{Members: 2}}
		g.addStep(&Step{Action: action, Have: &Object{Failed: true}, Want: &spec.Resource{}, Ops: []Op{{Verb: DoLabel}}}, true)
		same(t, action.String(), g.Unavailable, want)
		same(t, action.String()+": members", g.Members, 2)
	}
}
