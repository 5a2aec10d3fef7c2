package render

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/internal/render/ci"
	"fleet/internal/tooltest"
	"fleet/plan"
	"fleet/spec"
)

// written returns the output of a function.
func written(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// placed returns the plan of everything, with positions in a spec.
func placed() *plan.Plan {
	p := everything()
	for i, s := range p.Steps {
		if s.Action != plan.Delete {
			s.Want = &spec.Resource{Address: s.Address, Pos: spec.Position{File: "specs/fleet.yaml", Line: i + 3, Column: 3}}
		}
	}
	p.Steps[3].Want.DependsOn = []spec.Address{p.Steps[1].Address, p.Steps[0].Address}
	return p
}

func TestMarkdown(t *testing.T) {
	golden(t, "plan.md", written(t, func(w io.Writer) error { return PlanMarkdown(w, everything(), Style{}) }))
	golden(t, "thousand.md", written(t, func(w io.Writer) error { return PlanMarkdown(w, thousand(), Style{}) }))
	golden(t, "report.md", written(t, func(w io.Writer) error { return ReportMarkdown(w, everything(), mixed()) }))
	same(t, "nothing to do", written(t, func(w io.Writer) error { return PlanMarkdown(w, plural(step("a", plan.NoOp)), Style{}) }),
		"<!-- fleet-plan:demo -->\n### Plan of fleet `demo`\n\nNo changes. 1 object of fleet demo matches the spec.\n")
}

func TestJUnit(t *testing.T) {
	golden(t, "plan.xml", written(t, func(w io.Writer) error { return PlanJUnit(w, placed(), Style{}, ci.Workspace{}) }))
	golden(t, "report.xml", written(t, func(w io.Writer) error { return ReportJUnit(w, placed(), mixed(), ci.Workspace{}) }))
}

// Unexpected drift fails; expected drift fails only with Strict.
func TestJUnitOfDrift(t *testing.T) {
	p := plural(step("good", plan.NoOp), step("idle", plan.Start), step("changed", plan.Update))
	p.Steps[1].Drift, p.Steps[2].Drift = plan.Expected, plan.InPlace
	for strict, want := range map[bool]string{
		false: `tests="3" failures="1" errors="0" skipped="1"`,
		true:  `tests="3" failures="2" errors="0" skipped="0"`,
	} {
		text := written(t, func(w io.Writer) error { return PlanJUnit(w, p, Style{Drift: true, Strict: strict}, ci.Workspace{}) })
		if !strings.Contains(text, want) {
			t.Errorf("strict %v:\n%s", strict, text)
		}
	}
}

func TestGitHub(t *testing.T) {
	golden(t, "plan.github", written(t, func(w io.Writer) error { return PlanGitHub(w, placed(), Style{}, ci.Workspace{}) }))
	golden(t, "report.github", written(t, func(w io.Writer) error { return ReportGitHub(w, mixed(), ci.Workspace{}) }))
	var steps []*plan.Step
	for i := range 30 {
		steps = append(steps, with(step(fmt.Sprint("s", i), plan.Create), because(fmt.Sprint("r", i))))
	}
	text := written(t, func(w io.Writer) error { return PlanGitHub(w, plural(steps...), Style{}, ci.Workspace{}) })
	same(t, "annotations", strings.Count(text, "\n"), 10)
	if !strings.Contains(text, "and 21 more") {
		t.Errorf("the rest is not told:\n%s", text)
	}
}

func TestGraph(t *testing.T) {
	golden(t, "plan.dot", written(t, func(w io.Writer) error { return PlanDOT(w, placed(), Style{}) }))
	golden(t, "plan.mmd", written(t, func(w io.Writer) error { return PlanMermaid(w, placed(), Style{}) }))
	odd := plural(step("a\"b\\c\n<d>#|", plan.Create))
	text := written(t, func(w io.Writer) error { return PlanDOT(w, odd, Style{}) })
	if !strings.Contains(text, `label="sandbox.a\"b\\c\\n<d>#|\ncreate"`) {
		t.Errorf("the label is not quoted:\n%s", text)
	}
	text = written(t, func(w io.Writer) error { return PlanMermaid(w, odd, Style{}) })
	if !strings.Contains(text, `n0["sandbox.a#34;b#92;c#92;n#60;d#62;#35;#124;<br/>create"]`) {
		t.Errorf("the label is not quoted:\n%s", text)
	}
}

// Graphviz draws the graph of a plan.
func TestGraphviz(t *testing.T) {
	cmd := exec.Command(tooltest.Path(t, "dot"), "-Tsvg")
	cmd.Stdin = strings.NewReader(written(t, func(w io.Writer) error { return PlanDOT(w, placed(), Style{Full: true}) }))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("dot: %v\n%s", err, out)
	}
}

func TestEvents(t *testing.T) {
	var b strings.Builder
	e := NewEventWriter(&b, "demo")
	e.now = func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) }
	e.Planned(everything())
	for _, x := range aRun() {
		e.Event(x)
	}
	e.Event(apply.Event{Phase: apply.Logged, Step: step("db", plan.Create), Text: "<line> of\na log"})
	if err := e.Ended(mixed()); err != nil {
		t.Fatal(err)
	}
	golden(t, "events.ndjson", b.String())
	full := NewEventWriter(brokenWriter{}, "demo")
	full.Planned(everything())
	if err := full.Ended(mixed()); err == nil {
		t.Error("no error for a stream that cannot be written")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space is left") }
