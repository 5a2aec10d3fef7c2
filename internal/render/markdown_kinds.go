package render

import (
	"io"
	"strings"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/internal/render/term"
	"fleet/plan"
)

// DriftMarkdown writes the drift of a fleet as a comment: the class of each difference,
// and the unmanaged objects. A nil u means that they were not listed. It has a marker of
// its own, and the maximum size of [PlanMarkdown].
func DriftMarkdown(w io.Writer, p *plan.Plan, u *plan.Unmanaged, s Style) error {
	s.Drift = true
	g := newMarkdownPage("drift", p, "Drift of fleet "+markdownHeading(p))
	if line := classSummary(p); line != "" {
		g.add("Drift: %s.\n\n", line)
	}
	if u != nil {
		var text strings.Builder
		writeUnmanaged(&text, u, Style{})
		g.textBlock(text.String())
	}
	g.writePlan(withDriftReasons(p), s, "fleet drift --full")
	return g.writeTo(w)
}

// GCMarkdown writes what gc found, and its plan, as a comment with a marker of its own.
// There is no plan if nothing was selected.
func GCMarkdown(w io.Writer, p *plan.Plan, r *gc.Report, s Style) error {
	g := newGCPage(p, r)
	if !p.Empty() || len(r.Picked) > 0 {
		g.writePlan(p, s, "fleet gc --full")
	}
	return g.writeTo(w)
}

// GCReportMarkdown writes what gc found, and how the run of its plan ended, as a comment
// with the marker of [GCMarkdown].
func GCReportMarkdown(w io.Writer, p *plan.Plan, found *gc.Report, r *apply.Report) error {
	g := newGCPage(p, found)
	g.writeReport(p, r)
	return g.writeTo(w)
}

// newGCPage returns a page with what gc found.
func newGCPage(p *plan.Plan, r *gc.Report) *markdownPage {
	g := newMarkdownPage("gc", p, "Garbage collection of fleet "+markdownHeading(p))
	var text strings.Builder
	GCReport(&text, p.Fleet, r, Style{})
	g.textBlock(text.String())
	return g
}

// textBlock writes the first lines of a text as a block of code, as far as a third of the
// page has room for them.
func (g *markdownPage) textBlock(text string) {
	room := g.remaining / 3
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	var b strings.Builder
	for i, line := range lines {
		line = term.Truncate(term.Printable(line), maxLineWidth) + "\n"
		if b.Len()+len(line) > room {
			b.WriteString(count(len(lines)-i, "more line") + "\n")
			break
		}
		b.WriteString(line)
	}
	block := foreign.EscapeLog(b.String())
	f := fence(block)
	g.add("%stext\n%s%s\n\n", f, block, f)
}
