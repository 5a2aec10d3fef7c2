package render

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// named returns steps of single sandboxes.
func named(keys string, a plan.Action, change func(*plan.Step)) (steps []*plan.Step) {
	for _, key := range strings.Fields(keys) {
		steps = append(steps, with(step(key, a), change))
	}
	return steps
}

// taken blocks a step because its name is in use.
func taken(s *plan.Step) {
	s.Name = strings.NewReplacer("[", "-", "]", "").Replace(s.Address.Key)
	blocked(plan.Conflict, fmt.Sprintf("a sandbox named %q exists", s.Name), "choose another name")(s)
}

// snapshots changes the snapshot.
func snapshots(s *plan.Step) {
	s.Changes = []plan.Change{{Attribute: "snapshot", Have: "base-a1", Want: "base-b2", Rule: inPlace, Forces: true}}
	s.DataLoss = disk
}

func concat(lists ...[]*plan.Step) (all []*plan.Step) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func TestEntries(t *testing.T) {
	shard := func(s *plan.Step) {
		s.Changes = []plan.Change{{Attribute: "labels", Have: "{shard=x}", Want: "{shard=x-" + s.Address.Index() + "}"}, {Attribute: "name", Have: "old-" + s.Address.Index(), Want: s.Name}}
	}
	tests := []struct {
		name  string
		steps []*plan.Step
		want  []string
	}{
		{"copies of which the same is told are one", counted("w", 3, plan.Create, all()), []string{"sandbox.w[0..2]"}},
		{"so are those of a group by keys", named("w[eu] w[us] w[3]", plan.Create, all()), []string{"sandbox.w[eu,us,3]"}},
		{"few of several groups are told apart", concat(counted("v", 2, plan.Create, all()), counted("w", 2, plan.Create, all())), []string{"sandbox.v[0..1]", "sandbox.w[0..1]"}},
		{"many are told together", concat(counted("v", 2, plan.Create, all()), named("a b c d e", plan.Create, all())), []string{"7 sandboxes"}},
		{"changes take more lines", concat(counted("v", 80, plan.Replace, snapshots), counted("w", 80, plan.Replace, snapshots), named("a", plan.Replace, snapshots)), []string{"161 sandboxes"}},
		{"what is different is told by itself", concat(named("w[0]", plan.Create, all()), named("w[1]", plan.Create, because("x")), named("w[2]", plan.Create, all())), []string{"sandbox.w[0,2]", "sandbox.w[1]"}},
		{"a gap is not told as done", concat(named("w[0]", plan.Create, all()), named("w[1]", plan.NoOp, all()), named("w[2] w[3] w[5]", plan.Create, all())), []string{"sandbox.w[0,2..3,5]"}},
		{"what holds just the own name is told once", counted("w", 3, plan.Create, taken), []string{"sandbox.w[0..2]"}},
		{"in all groups", concat(counted("w", 3, plan.Create, taken), named("a b", plan.Create, taken)), []string{"5 sandboxes"}},
		{"another name is another story", named("w[0] w[1]", plan.Create, func(s *plan.Step) {
			blocked(plan.Conflict, "it needs x"+s.Address.Index()+"y", "")(s)
		}), []string{"sandbox.w[0]", "sandbox.w[1]"}},
		{"other values are, too", counted("w", 2, plan.Update, shard), []string{"sandbox.w[0]", "sandbox.w[1]"}},
		{"each way to do it is told", concat(named("w[0]", plan.Update, verbs(plan.DoCall)), named("w[1]", plan.Update, verbs(plan.DoStart, plan.DoCall, plan.DoStop))), []string{"sandbox.w[0]", "sandbox.w[1]"}},
		{"keys may hold dots", counted("a..b", 2, plan.Create, all()), []string{"sandbox.a..b[0..1]"}},
		{"kinds are told apart", func() []*plan.Step {
			steps := named("a b c d e f", plan.Create, all())
			for _, s := range steps[3:] {
				s.Address.Kind = spec.SnapshotKind
			}
			return steps
		}(), []string{"sandbox.a", "sandbox.b", "sandbox.c", "snapshot.d", "snapshot.e", "snapshot.f"}},
		{"long lists are cut", named("w[a-long-key] w[another-key] w[one-more-key]", plan.Create, all()), []string{"sandbox.w[a-long-key,another-key,…]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			same(t, "titles", titles(plural(test.steps...)), test.want)
		})
	}
}

// Each step is in exactly one entry, and the texts of an entry begin and end like
// those of each of its steps.
func TestEntriesHoldEachStepOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var drawn []*plan.Step
		word := rapid.SampledFrom([]string{"", "x", "y", `a "box-0" é`, "é", "è"})
		for i := range rapid.IntRange(0, 40).Draw(rt, "steps") {
			key := rapid.SampledFrom([]string{"w[%d]", "v[%d]", "s%d", "w[k%d]"}).Draw(rt, "key")
			s := with(step(fmt.Sprintf(key, i), plan.Update), because(word.Draw(rt, "reason")))
			s.Name = fmt.Sprintf("box-%d", i)
			if rapid.Bool().Draw(rt, "changed") {
				changes(plan.Change{Attribute: "a", Have: word.Draw(rt, "have"), Want: rapid.SampledFrom([]string{s.Name, "z"}).Draw(rt, "want")})(s)
			}
			if rapid.Bool().Draw(rt, "taken") {
				taken(s)
			}
			drawn = append(drawn, s)
		}
		shown := map[*plan.Step]int{}
		for _, f := range steps.Entries(drawn, rapid.Bool().Draw(rt, "full")) {
			for _, s := range f.Steps {
				shown[s]++
				checkContent(rt, f, s)
			}
		}
		for _, s := range drawn {
			if shown[s] != 1 {
				rt.Fatalf("%s is shown %d times", s.Address, shown[s])
			}
		}
	})
}

// checkContent checks that the texts of an entry stand for those of a step.
func checkContent(t *rapid.T, f *steps.Entry, s *plan.Step) {
	pairs := [][2]string{{f.Content.Reason, s.Reason}, {f.Content.RetainedReason, s.RetainedReason}}
	for i, c := range f.Content.Changes {
		pairs = append(pairs, [2]string{c.Have, s.Changes[i].Have}, [2]string{c.Want, s.Changes[i].Want})
	}
	if f.Content.Block != nil {
		pairs = append(pairs, [2]string{f.Content.Block.Reason, s.Blocked.Reason})
	}
	for _, p := range pairs {
		start, end, cut := strings.Cut(p[0], term.Ellipsis)
		if !cut && p[0] != p[1] || !strings.HasPrefix(p[1], start) || !strings.HasSuffix(p[1], end) {
			t.Fatalf("%q is told of %s, of which it is %q", p[0], s.Address, p[1])
		}
	}
}

// thousand returns a plan for a thousand sandboxes that differ little.
func thousand() *plan.Plan {
	steps := concat(
		counted("worker", 400, plan.Replace, snapshots), counted("eval", 200, plan.Replace, snapshots), named("web api[eu] api[us]", plan.Replace, snapshots),
		counted("agent", 250, plan.Create, all()), counted("pool", 100, plan.Create, taken), counted("spare", 20, plan.Create, taken),
		counted("old", 20, plan.Delete, all(because("not in the spec"), loses(disk))),
	)
	for i := range 4 {
		steps = append(steps, named(fmt.Sprintf("p%d", i), plan.Update, changes(plan.Change{Attribute: "public", Have: "true", Want: "false"}))...)
	}
	return plural(append(steps, counted("same", 3, plan.NoOp, all())...)...)
}

func TestThousand(t *testing.T) {
	golden(t, "thousand.txt", planText(thousand(), Style{}))
	golden(t, "thousand.80.txt", planText(thousand(), Style{Width: 80}))
	same(t, "lines of all", strings.Count(planText(thousand(), Style{Full: true}), "\n") > 1000, true)
}

// big returns a plan of n steps, with as many equal ones as in a fleet of groups.
func big(n int) *plan.Plan {
	p := &plan.Plan{Fleet: "demo"}
	for i := range n {
		a := []plan.Action{plan.Create, plan.Update, plan.Replace, plan.Delete, plan.NoOp}[i%5]
		group := i / (n / 50)
		s := step(fmt.Sprintf("group%d[%d]", group, i%(n/50)), a)
		s.Name = fmt.Sprintf("group%d-%d", group, i%(n/50))
		switch a {
		case plan.Update:
			changes(plan.Change{Attribute: "env_vars", Have: "{A=1 B=2}", Want: "{A=2 C=3}"}, plan.Change{Attribute: "name", Have: "old", Want: s.Name})(s)
		case plan.Replace:
			changes(plan.Change{Attribute: "image", Have: dockerfile, Want: dockerfile + "RUN x\n"})(s)
		case plan.Create:
			taken(s)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// BenchmarkPlan shows plans. Times should grow with their size, not with its
// square; a folded plan of 10,000 steps takes less than 20 ms.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		p := big(n)
		for name, s := range map[string]Style{"folded": {Color: true, Width: 120}, "full": {Full: true}} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var out strings.Builder
					Plan(&out, p, s)
				}
			})
		}
	}
}
