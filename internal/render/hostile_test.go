package render

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/internal/render/ci"
	"fleet/plan"
	"fleet/spec"
)

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
		for _, text := range append(hostileComments(t, p, r), plans.String(), reports.String()) {
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

// hostileComments returns the comments of drift and gc, with hostile objects.
func hostileComments(t *rapid.T, p *plan.Plan, r *apply.Report) []string {
	found := &gc.Report{Fleet: gc.Group{Kind: spec.SandboxKind}}
	u := &plan.Unmanaged{}
	for i := range rapid.SampledFrom([]int{0, 1, 9, 2000}).Draw(t, "objects") {
		text := foreign.Text("a")
		if len(p.Warnings) > 0 {
			text = foreign.Text(p.Warnings[i%len(p.Warnings)])
		}
		u.Objects = append(u.Objects, plan.Unowned{Kind: spec.SandboxKind, Name: text, State: "started", Note: text})
		u.Others = append(u.Others, plan.Owner{Name: text, Sandboxes: i})
		found.Stuck = append(found.Stuck, gc.Remark{Address: text, Name: text, Note: text})
		found.Picked = append(found.Picked, gc.Group{Rule: string(text), Kind: spec.VolumeKind})
	}
	var drift, report, collected strings.Builder
	if err := errors.Join(DriftMarkdown(&drift, p, u, Style{}), GCMarkdown(&report, p, found, Style{}), GCReportMarkdown(&collected, p, found, r)); err != nil {
		t.Fatal(err)
	}
	return []string{drift.String(), report.String(), collected.String()}
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
		if f, ok := strings.CutSuffix(strings.Replace(line, "`text", "`diff", 1), "diff"); ok && strings.Trim(f, "`") == "" && f != "" {
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
		text := report(func(w io.Writer) error { return PlanJUnit(w, p, Style{}, ci.Workspace{}) })
		if err := xml.Unmarshal([]byte(text), &suites); err != nil {
			rt.Fatalf("JUnit: %v\n%s", err, text)
		}
		if n := len(suites.Suites[0].Cases); n != len(p.Steps) || suites.Suites[0].Tests != n {
			rt.Fatalf("%d cases of %d steps", n, len(p.Steps))
		}
		text = report(func(w io.Writer) error { return PlanSARIF(w, p, file, "1.0.0", Style{}, ci.Workspace{}) })
		if err := sarifs.check(text); err != nil {
			rt.Fatalf("SARIF: %v\n%s", err, text)
		}
		for _, line := range strings.Split(strings.TrimSpace(report(func(w io.Writer) error { return PlanGitHub(w, p, Style{}, ci.Workspace{}) })), "\n") {
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
			Failure *struct {
				Message string `xml:"message,attr"`
			} `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}
