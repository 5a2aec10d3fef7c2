package render

import (
	"strings"
	"testing"

	"fleet/internal/render/term"
	"fleet/plan"
)

func TestHeading(t *testing.T) {
	for want, p := range map[string]*plan.Plan{
		"":                         {Fleet: "demo", Environment: "prod"},
		"Fleet demo, server local": {Fleet: "demo", Server: "local"},
		"Fleet demo, environment prod, server http://x/api":                  {Fleet: "demo", Environment: "prod", Environments: []string{"prod"}, Server: "http://x/api"},
		"Fleet demo, no environment, server http://x/api":                    {Fleet: "demo", Environments: []string{"prod"}, Server: "http://x/api"},
		"Fleet demo, environment prod, server http://x/api, organisation o1": {Fleet: "demo", Environment: "prod", Server: "http://x/api", Organization: "o1"},
		`Fleet demo, server local, organisation \x1b[2J`:                     {Fleet: "demo", Server: "local", Organization: "\x1b[2J"},
	} {
		same(t, want, Heading(p), want)
	}
}

// TestHeadingKeepsToTheWidth: on a narrow terminal all of it is still there.
func TestHeadingKeepsToTheWidth(t *testing.T) {
	p := &plan.Plan{Fleet: "demo", Environment: "prod", Server: "https://daytona.example/api", Organization: "a22ecc30-89fd-4307-92b2-c896f2ea1f8b"}
	var b strings.Builder
	WriteHeading(&b, p, Style{Width: 60})
	same(t, "words", strings.Join(strings.Fields(b.String()), " "), Heading(p))
	for line := range strings.Lines(b.String()) {
		if n := term.StringWidth(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("%q is %d wide", line, n)
		}
	}
}

// TestMarkdownHeadings: what others wrote stays text in the headings of
// comments.
func TestMarkdownHeadings(t *testing.T) {
	p := &plan.Plan{Fleet: "demo", Environment: "prod", Server: "http://x/api", Organization: "`<b>"}
	var b strings.Builder
	if err := PlanMarkdown(&b, p, Style{}); err != nil {
		t.Fatal(err)
	}
	want := "### Plan of fleet `demo`, environment `prod`, server `http://x/api`, organisation <code>&#96;&#60;b&#62;</code>"
	same(t, "heading", strings.Split(b.String(), "\n")[1], want)
}
