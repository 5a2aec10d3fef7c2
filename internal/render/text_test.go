package render

import (
	"fmt"
	"strings"
	"testing"

	"fleet/internal/render/steps"
	"fleet/plan"
	"fleet/spec"
)

const (
	dockerfile = "FROM python:3.12\nRUN echo a\nRUN echo b\nRUN echo c\nRUN echo d\nRUN echo e\nRUN echo f\nRUN echo g\nRUN echo h\n"
	disk       = "its disk and running processes"
	inPlace    = "cannot be changed in place"
)

// everything returns a plan with a step of every action, and with every text that
// a step can have.
func everything() *plan.Plan {
	other := func(kind spec.Kind, s *plan.Step) *plan.Step { s.Address.Kind = kind; return s }
	p := plural(
		other(spec.VolumeKind, with(step("cache", plan.NoOp), verbs(plan.DoSettle))),
		other(spec.SnapshotKind, with(step("base", plan.Activate), because("inactive, and sandbox.web is made from it"))),
		other(spec.SnapshotKind, with(step("old", plan.Deactivate), because("the spec wants it inactive"))),
		step("web", plan.Create),
		with(step("resized", plan.Update), all(
			changes(valued(plan.Change{Attribute: "public", Have: "false", Want: "true"}, `false`, `true`), valued(plan.Change{Attribute: "resources.disk", Have: "3", Want: "9", Rule: "a disk grows only while stopped"}, `3`, `9`)),
			verbs(plan.DoSettle, plan.DoCall, plan.DoStop, plan.DoCall, plan.DoStart, plan.DoLabel), loses("its running processes"))),
		with(step("image", plan.Replace), all(
			changes(valued(plan.Change{Attribute: "image", Have: dockerfile, Want: strings.Replace(dockerfile, "echo e\n", "echo 'e'\nENV X=1\n", 1), Rule: inPlace, Forces: true}, `"FROM a\nRUN <b>\n"`, `"FROM b\n"`)), loses(disk))),
		with(step("pulled", plan.Replace), all(
			changes(valued(plan.Change{Attribute: "image", Have: "FROM a:1\n", Want: "FROM b:1\n", Rule: inPlace, Forces: true}, `"FROM a:1\n"`, `null`), valued(plan.Change{Attribute: "env_vars", Have: "(another value)", Want: "{A=(hidden)}", Rule: inPlace, Forces: true, Sensitive: true}, ``, `{"A": "(hidden)"}`)), loses(disk))),
		with(step("failed", plan.Replace), all(because("it is in state error: no runner"), loses(disk))),
		with(step("adopted", plan.Adopt), all(because("no fleet owns it"), verbs(plan.DoStop, plan.DoLabel), loses("its running processes"))),
		with(step("sleeping", plan.Start), because("it is stopped, the spec wants it started")),
		with(step("awake", plan.Stop), all(because("it is started, the spec wants it stopped"), loses("its running processes"))),
		with(step("machine", plan.Pause), because("it is started, the spec wants it paused")),
		with(step("done", plan.Archive), because("it is stopped, the spec wants it archived")),
		with(step("ill", plan.Recover), because("it is in state error: disk full")),
		with(step("a-very-long-key-that-is-longer-than-forty-characters", plan.Create), blocked(plan.Conflict, `a sandbox named "x" exists, and no fleet owns it`, "adopt: true in the spec or --adopt takes it over; or choose another name")),
		with(step("bare", plan.Create), blocked(plan.Illegal, "it is not possible", "")),
		with(step("gone", plan.Delete), all(because("not in the spec"), loses(disk))),
		with(step("free", plan.Release), because("removed with destroy: false")),
		with(step("front", plan.Update), all(changes(valued(plan.Change{Attribute: "address", Have: "sandbox.web", Want: "sandbox.front"}, `"sandbox.web"`, `"sandbox.front"`)), kept("ignored: public is true, not false"), verbs(plan.DoLabel))),
		with(step("stays", plan.NoOp), kept("not in the spec; on_remove: stop")),
		with(step("kept", plan.Delete), all(because("not in the spec"), loses(disk), blocked(plan.Protected, "it is protected: it may not be deleted or replaced", "protect: false in the spec lifts it"))),
	)
	p.Warnings = []string{`sandbox "copy" carries the labels of sandbox.web, which is "web": it is probably a fork, and fleet does not change it`}
	return p
}

// valued returns a change with values from JSON; an empty text is a value that is not
// known.
func valued(c plan.Change, have, want string) plan.Change {
	for v, text := range map[*spec.Value]string{&c.HaveValue: have, &c.WantValue: want} {
		if text != "" {
			if err := v.UnmarshalJSON([]byte(text)); err != nil {
				panic(err)
			}
		}
	}
	return c
}

// counted returns the steps of n members of a group.
func counted(key string, n int, a plan.Action, change func(*plan.Step)) (steps []*plan.Step) {
	for i := range n {
		steps = append(steps, with(step(fmt.Sprintf("%s[%d]", key, i), a), change))
	}
	return steps
}

// replicas returns a plan of groups.
func replicas() *plan.Plan {
	const n = 12
	steps := counted("w", n, plan.Replace, all(changes(plan.Change{Attribute: "snapshot", Have: "a", Want: "b", Rule: inPlace, Forces: true}), loses(disk)))
	steps = append(steps, counted("new", 3, plan.Create, all())...)
	steps = append(steps, counted("one", 1, plan.Create, all())...)
	steps = append(steps, counted("mixed", 2, plan.Create, all())...)
	steps = append(steps, with(step("mixed[2]", plan.Start), because("it is stopped, the spec wants it started")))
	steps = append(steps, with(step("mixed[3]", plan.Start), because("it is archived, the spec wants it started")))
	for i := range 3 {
		steps = append(steps, with(step(fmt.Sprintf("pool[%d]", i), plan.Update), all(
			changes(plan.Change{Attribute: "address", Have: fmt.Sprintf("sandbox.crew[%d]", i), Want: fmt.Sprintf("sandbox.pool[%d]", i)}), verbs(plan.DoLabel))))
	}
	steps = append(steps, counted("away", 2, plan.NoOp, kept("it does not exist (on_missing: ignore)"))...)
	steps = append(steps, counted("gone", 11, plan.Delete, all(because("not in the spec"), loses(disk), blocked(plan.BlastRadius, "11 objects would be destroyed, more than the 10 that a plan may destroy without --allow-destroy", "--allow-destroy 11 allows it")))...)
	return plural(steps...)
}

func planText(p *plan.Plan, s Style) string {
	var b strings.Builder
	Plan(&b, p, s)
	return b.String()
}

func TestPlan(t *testing.T) {
	golden(t, "plan.txt", planText(everything(), Style{}))
	golden(t, "plan.color.txt", planText(everything(), Style{Color: true}))
	golden(t, "replicas.txt", planText(replicas(), Style{}))
	golden(t, "replicas.full.txt", planText(replicas(), Style{Full: true}))
}

func TestNothingToDo(t *testing.T) {
	same(t, "an empty fleet", planText(plural(), Style{}), "No changes. Fleet demo has no objects.\n")
	same(t, "one object", planText(plural(step("a", plan.NoOp)), Style{}), "No changes. 1 object of fleet demo matches the spec.\n")
	p := plural(step("a", plan.NoOp), step("b", plan.NoOp))
	p.Warnings = []string{"mind the gap"}
	same(t, "two, and a warning", planText(p, Style{}), "Warning: mind the gap\nNo changes. 2 objects of fleet demo match the spec.\n")
}

// Every colour that is turned on is turned off before the line ends, and
// without its colours the text is the plain one.
func TestColoursOnlyAddColour(t *testing.T) {
	for _, p := range []*plan.Plan{everything(), replicas(), plural()} {
		coloured := planText(p, Style{Color: true})
		same(t, "text", uncoloured(coloured), planText(p, Style{}))
		for _, line := range strings.Split(coloured, "\n") {
			if i := strings.LastIndex(line, "\x1b["); i >= 0 && !isReset(line[i:]) {
				t.Errorf("a colour goes on after %q", line)
			}
		}
	}
}

func isReset(escape string) bool {
	codes, _, _ := strings.Cut(strings.TrimPrefix(escape, "\x1b["), "m")
	for _, c := range strings.Split(codes, ";") {
		if c != "0" && c != "22" && c != "24" {
			return false
		}
	}
	return true
}

// titles returns the titles of a plan's entries.
func titles(p *plan.Plan) (list []string) {
	for _, f := range steps.Entries(shownSteps(p), false) {
		list = append(list, f.Title)
	}
	return list
}

func TestSummary(t *testing.T) {
	same(t, "all", Summary(everything()), "Plan: 1 to create, 10 to update, 3 to replace, 1 to delete, 1 to adopt; 1 unchanged, 1 retained, 3 blocked.")
	same(t, "none", Summary(plural()), "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete; 0 unchanged.")
}

func TestLosses(t *testing.T) {
	golden(t, "losses.txt", Losses(everything()))
	same(t, "replicas", Losses(replicas()), "The following will be lost permanently:\n  sandbox.w[0..11]: their disks and running processes\n")
	same(t, "nothing", Losses(plural(step("a", plan.Create))), "")
	many := plural()
	for i := range 23 {
		many.Steps = append(many.Steps, with(step(fmt.Sprintf("s%d", i), plan.Delete), all(loses(disk), because(fmt.Sprint(i)))))
	}
	text := Losses(many)
	same(t, "lines", strings.Count(text, "\n"), 22)
	if !strings.HasSuffix(text, "  sandbox.s19: "+disk+"\n  and 3 more\n") {
		t.Errorf("the end is not told:\n%s", text)
	}
}
