package render

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/internal/foreign"
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

// hostile draws texts that mean something to Markdown, HTML, XML or a terminal.
func hostile() *rapid.Generator[string] {
	parts := rapid.SampledFrom([]string{
		"</details>", "<details>", "```", "``````", "`", "|", "\n", "\r", "\\", "\\|", "-->", "@team", "#12", "\x00", "\x1b[31m", "\u202e", "é", "漢字", "::error::", "%0A",
		"]]>", "&amp;", "\"", "'", "a word ", "https://example.com/", "\xff", "*x*", "{", "}", "=", ", ", "[x]", "$HOME",
	})
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(parts, 0, 8).Draw(t, "parts"), "")
		return strings.Repeat(s, rapid.SampledFrom([]int{1, 1, 1, 50}).Draw(t, "times"))
	})
}

// hostilePlan draws a plan of up to n steps with hostile texts.
func hostilePlan(t *rapid.T, n int) *plan.Plan {
	texts := rapid.SliceOfN(hostile(), 12, 12).Draw(t, "texts")
	actions := []plan.Action{plan.Create, plan.Update, plan.Replace, plan.Delete, plan.Adopt, plan.NoOp, plan.Release}
	p := &plan.Plan{Fleet: "demo", Warnings: texts[:rapid.IntRange(0, 12).Draw(t, "warnings")]}
	count := rapid.IntRange(0, n).Draw(t, "steps")
	seed := rapid.IntRange(0, 1000).Draw(t, "seed")
	text := func(i int) string { return texts[(i+seed)%len(texts)] }
	for i := range count {
		s := step(fmt.Sprintf("%s%d", text(i*7), i), actions[(i*i+seed)%len(actions)])
		s.Reason, s.RetainedReason, s.DataLoss = text(i), text(i/3), text(i/5)
		if i%3 == 0 {
			changes(plan.Change{Attribute: "labels", Have: text(i + 1), Want: text(i + 2)}, plan.Change{Attribute: text(i + 3), Have: "{" + text(i) + "=x}", Want: "{A=" + text(i/2) + "}"})(s)
		}
		if i%4 == seed%4 {
			blocked(plan.Illegal, text(i+4), text(i+5))(s)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// A comment is small enough and has no unintended markup, for any plan.
func TestMarkdownOfHostilePlans(t *testing.T) {
	check := func(t *rapid.T, n int) {
		p := hostilePlan(t, n)
		var plans, reports strings.Builder
		if err := PlanMarkdown(&plans, p, Style{Full: rapid.Bool().Draw(t, "full")}); err != nil {
			t.Fatal(err)
		}
		r := &apply.Report{}
		for i, s := range p.Steps {
			r.Results = append(r.Results, apply.Result{Step: s, Outcome: []apply.Phase{apply.Done, apply.Failed, apply.Skipped}[i%3], Err: errors.New(s.Reason)})
		}
		if err := ReportMarkdown(&reports, p, r); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{plans.String(), reports.String()} {
			if wrong := markdownProblem(text); wrong != "" {
				t.Fatalf("%s:\n%s", wrong, text)
			}
		}
	}
	t.Run("small", rapid.MakeCheck(func(t *rapid.T) { check(t, 12) }))
	t.Run("large", func(t *testing.T) {
		if testing.Short() {
			t.Skip("large plans")
		}
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			if n++; n <= 5 {
				check(rt, 10_000)
			}
		})
	})
}

var (
	tag     = regexp.MustCompile(`</?[a-z]+`)
	allowed = map[string]bool{"<details": true, "</details": true, "<summary": true, "</summary": true, "<code": true, "</code": true}
	span1   = regexp.MustCompile("`[^`]*`")
)

// markdownProblem is what is wrong with a comment, or "".
func markdownProblem(text string) string {
	switch {
	case len(text) >= markdownLimit:
		return fmt.Sprintf("%d bytes", len(text))
	case !utf8.ValidString(text):
		return "it is not UTF-8"
	}
	closing, depth := "", 0
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, markdownLimit)
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		if closing != "" {
			if line == closing {
				closing = ""
			}
			continue
		}
		if f, ok := strings.CutSuffix(line, "diff"); ok && strings.Trim(f, "`") == "" && f != "" {
			closing = f
			continue
		}
		if wrong := lineProblem(line, n == 0); wrong != "" {
			return wrong + ": " + line
		}
		depth += strings.Count(line, "<details") - strings.Count(line, "</details")
		if depth < 0 || depth > 1 {
			return "details do not match"
		}
	}
	if closing != "" || depth != 0 {
		return "something is left open"
	}
	return ""
}

// lineProblem is what is wrong with a line outside of blocks of code.
func lineProblem(line string, first bool) string {
	if first {
		if !strings.HasPrefix(line, "<!-- fleet-") || !strings.HasSuffix(line, ":demo -->") {
			return "there is no marker"
		}
		return ""
	}
	bare := span1.ReplaceAllString(line, "")
	for _, t := range tag.FindAllString(bare, -1) {
		if !allowed[t] {
			return "there is a tag"
		}
	}
	switch {
	case strings.HasPrefix(line, "|") && strings.Count(line, "|") != 4:
		return "a row has not 3 cells"
	case strings.Contains(bare, "`"):
		return "a backtick is left"
	case regexp.MustCompile(`@\w|#\d+\b[^;]`).MatchString(strings.ReplaceAll(bare, "&#", "")):
		return "somebody is mentioned"
	case foreign.Escape(line) != line:
		return "there is a control character"
	}
	return ""
}

// Every form is made of hostile plans without harm to its syntax.
func TestFormsOfHostilePlans(t *testing.T) {
	sarifs := officialSARIF(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := hostilePlan(rt, 15)
		file := hostile().Draw(rt, "file")
		report := func(write func(w io.Writer) error) string { return written(t, write) }
		var suites junitRead
		text := report(func(w io.Writer) error { return PlanJUnit(w, p, Style{}) })
		if err := xml.Unmarshal([]byte(text), &suites); err != nil {
			rt.Fatalf("JUnit: %v\n%s", err, text)
		}
		if n := len(suites.Suites[0].Cases); n != len(p.Steps) || suites.Suites[0].Tests != n {
			rt.Fatalf("%d cases of %d steps", n, len(p.Steps))
		}
		text = report(func(w io.Writer) error { return PlanSARIF(w, p, file, "1.0.0", Style{}) })
		if err := sarifs.check(text); err != nil {
			rt.Fatalf("SARIF: %v\n%s", err, text)
		}
		for _, line := range strings.Split(strings.TrimSpace(report(func(w io.Writer) error { return PlanGitHub(w, p, Style{}) })), "\n") {
			if line != "" && !regexp.MustCompile(`^::(notice|warning|error) title=[^:,]*::.*$`).MatchString(line) {
				rt.Fatalf("an annotation is %q", line)
			}
		}
		for _, line := range strings.Split(strings.TrimSpace(report(func(w io.Writer) error { return PlanMermaid(w, p, Style{Full: true}) })), "\n")[1:] {
			if !regexp.MustCompile(`^  (n\d+\["[^"]*"\]:::[a-z]+|n\d+ --> n\d+|classDef .*)$`).MatchString(line) {
				rt.Fatalf("Mermaid: %q", line)
			}
		}
		for _, line := range strings.Split(planText(p, Style{Width: 100}), "\n") {
			if bare := strings.ReplaceAll(line, "\t", ""); foreign.Escape(bare) != bare {
				rt.Fatalf("text: %q", line)
			}
		}
	})
}

// junitRead is what readers of JUnit reports look at.
type junitRead struct {
	Suites []struct {
		Name  string `xml:"name,attr"`
		Tests int    `xml:"tests,attr"`
		Cases []struct {
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			File    string `xml:"file,attr"`
			Line    int    `xml:"line,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
			} `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestJUnit(t *testing.T) {
	golden(t, "plan.xml", written(t, func(w io.Writer) error { return PlanJUnit(w, placed(), Style{}) }))
	golden(t, "report.xml", written(t, func(w io.Writer) error { return ReportJUnit(w, placed(), mixed()) }))
}

// Unexpected drift fails; expected drift fails only with Strict.
func TestJUnitOfDrift(t *testing.T) {
	p := plural(step("good", plan.NoOp), step("idle", plan.Start), step("changed", plan.Update))
	p.Steps[1].Drift, p.Steps[2].Drift = plan.Expected, plan.InPlace
	for strict, want := range map[bool]string{
		false: `tests="3" failures="1" errors="0" skipped="1"`,
		true:  `tests="3" failures="2" errors="0" skipped="0"`,
	} {
		text := written(t, func(w io.Writer) error { return PlanJUnit(w, p, Style{Drift: true, Strict: strict}) })
		if !strings.Contains(text, want) {
			t.Errorf("strict %v:\n%s", strict, text)
		}
	}
}

func TestGitHub(t *testing.T) {
	golden(t, "plan.github", written(t, func(w io.Writer) error { return PlanGitHub(w, placed(), Style{}) }))
	golden(t, "report.github", written(t, func(w io.Writer) error { return ReportGitHub(w, mixed()) }))
	var steps []*plan.Step
	for i := range 30 {
		steps = append(steps, with(step(fmt.Sprint("s", i), plan.Create), because(fmt.Sprint("r", i))))
	}
	text := written(t, func(w io.Writer) error { return PlanGitHub(w, plural(steps...), Style{}) })
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
	if dot, err := exec.LookPath("dot"); err == nil {
		cmd := exec.Command(dot, "-Tsvg")
		cmd.Stdin = strings.NewReader(written(t, func(w io.Writer) error { return PlanDOT(w, placed(), Style{Full: true}) }))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("dot: %v\n%s", err, out)
		}
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
