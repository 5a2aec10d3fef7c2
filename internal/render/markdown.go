package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/apply"
	"fleet/internal/render/diff"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// markdownLimit is the maximum size of a comment in bytes. GitHub refuses more
// than 65,536 characters, and a workflow may add some lines.
const markdownLimit = 60_000

// PlanMarkdown writes a plan as a comment for a pull request, deletions first. It
// starts with a hidden marker, by which a workflow finds the comment again, and
// is smaller than 60 kB for any plan.
func PlanMarkdown(w io.Writer, p *plan.Plan, s Style) error {
	g := newMarkdownPage("plan", p, "Plan of fleet "+markdownHeading(p))
	g.writePlan(p, s, "fleet plan --full")
	return g.writeTo(w)
}

// newMarkdownPage returns a page that starts with the hidden marker of a kind of comment
// and a heading.
func newMarkdownPage(kind string, p *plan.Plan, heading string) *markdownPage {
	g := &markdownPage{remaining: markdownLimit}
	g.add("<!-- fleet-%s:%s -->\n### %s\n\n", kind, p.Fleet, heading)
	return g
}

// writePlan writes the content of a plan. command is the one that shows all its steps.
func (g *markdownPage) writePlan(p *plan.Plan, s Style, command string) {
	list := steps.Entries(shownSteps(p), s.Full)
	if p.Empty() {
		g.add("No changes. %s\n\n", noChangesText(p))
	} else {
		g.add("**%s**\n\n", strings.TrimPrefix(Summary(p), "Plan: "))
	}
	for _, r := range p.Rollouts {
		g.add("Rollout: %s in %s.\n\n", markdownCode(r.Group.String()), rolloutText(r))
	}
	if head, text := trialText(p); text != "" {
		g.add("%s: %s.\n\n", head, escapeMarkdown(text))
	}
	for _, h := range p.Hooks {
		g.add("Hook: %s: %s\n\n", hookText(h), markdownCode(commandText(h)))
	}
	g.warnings(p.Warnings)
	if text := orphanSnapshotsText(p); text != "" {
		g.add("Orphaned: %s\n\n", escapeMarkdown(text))
	}
	for i, c := range sections {
		var selected []*steps.Entry
		for _, f := range list {
			if c.matches(f) {
				selected = append(selected, f)
			}
		}
		if len(selected) > 0 {
			g.writeSection(c, selected, len(sections)-1-i, s)
		}
	}
	if g.omitted > 0 {
		g.add("%s not shown here; `%s` shows all.\n", countIsOrAre(g.omitted, "step"), command)
	}
}

// ReportMarkdown writes a run as a comment for a pull request, problems first. It
// has another marker than the plan and the same maximum size.
func ReportMarkdown(w io.Writer, p *plan.Plan, r *apply.Report) error {
	g := newMarkdownPage("apply", p, "Fleet "+markdownCode(p.Fleet)+" applied"+appliedLocation(p))
	g.writeReport(p, r)
	return g.writeTo(w)
}

// writeReport writes the content of a report.
func (g *markdownPage) writeReport(p *plan.Plan, r *apply.Report) {
	if len(r.Results) == 0 {
		g.add("No changes. %s\n\n", noChangesText(p))
	} else {
		g.add("**%s in %s.**\n\n", countOutcomes(r), FormatDuration(r.Duration))
	}
	g.warnings(p.Warnings)
	for _, text := range timingLines(r) {
		g.add("%s\n\n", escapeMarkdown(text))
	}
	var good []*plan.Step
	for _, x := range r.Results {
		if x.Outcome == apply.Done {
			good = append(good, x.Step)
		}
	}
	var rows []tableRow
	for _, e := range steps.ResultEntries(steps.NotDone(r.Results), false, false) {
		rows = append(rows, tableRow{len(e.Steps), markdownRow(e)})
	}
	g.table(section{title: "not done", open: true}, len(r.Results)-len(good), rows, nil, 1)
	g.buildLogs(r)
	var list []tableRow
	for _, f := range steps.Entries(good, false) {
		list = append(list, tableRow{f.Size(), fmt.Sprintf("| %c | %s | %s |\n", f.Action, markdownCode(term.Truncate(f.Title, maxTitleWidth)), f.Action.PastTense())})
	}
	g.table(section{title: "done"}, len(good), list, nil, 0)
	if g.omitted > 0 {
		g.add("%s not shown here.\n", countIsOrAre(g.omitted, "step"))
	}
}

// markdownRow returns the row of results in a table.
func markdownRow(e *steps.ResultEntry) string {
	title, members := e.Names()
	if members != "" {
		members = " (" + markdownCode(members) + ")"
	}
	text := fmt.Sprintf("**%s**: %s", e.Outcome, escapeMarkdown(term.Truncate(e.Reason, maxTextWidth)))
	if left := e.StateNote(); left != "" {
		text += "; " + escapeMarkdown(left)
	}
	return fmt.Sprintf("| %c | %s | %s%s |\n", e.Step.Action, markdownCode(term.Truncate(title, maxTitleWidth)), text, members)
}

func countIsOrAre(n int, thing string) string { return plan.Plural(n, thing+" is", thing+"s are") }

// A section is the part of a comment about steps of one kind.
type section struct {
	title   string
	open    bool // expanded by default
	matches func(*steps.Entry) bool
}

// inCategory returns whether an entry is not blocked and has actions of a
// category.
func inCategory(category plan.Action) func(*steps.Entry) bool {
	return func(f *steps.Entry) bool {
		return f.Blocked == nil && f.Action.Category() == category
	}
}

// sections of a comment, the most important for a reviewer first. Each entry
// belongs to exactly one.
var sections = []section{
	{"to delete", true, inCategory(plan.Delete)},
	{"to replace", true, inCategory(plan.Replace)},
	{"blocked", true, func(f *steps.Entry) bool { return f.Blocked != nil }},
	{"to adopt", false, inCategory(plan.Adopt)},
	{"to update", false, inCategory(plan.Update)},
	{"to create", false, inCategory(plan.Create)},
	{"to wait for", false, inCategory(plan.Wait)},
	{"retained", false, inCategory(plan.NoOp)},
}

// Columns of a text that a comment shows.
const (
	maxTitleWidth = 120
	maxTextWidth  = 400
	maxLineWidth  = 240
)

// A tableRow is a line of a table, or a difference, of some steps.
type tableRow struct {
	steps int    // number of steps that the row stands for
	text  string // Markdown
}

// writeSection writes a section, and leaves room for the later ones.
func (g *markdownPage) writeSection(c section, list []*steps.Entry, laterSections int, s Style) {
	total, size := 0, 0
	var rows, diffs []tableRow
	for _, f := range list {
		total += f.Size()
		name := term.Truncate(f.Title, maxTitleWidth)
		rows = append(rows, tableRow{f.Size(), fmt.Sprintf("| %s | %s | %s |\n", strings.TrimSpace(string(rune(f.Action))), markdownCode(name), tableCell(f, s))})
		switch {
		case len(f.Content.Changes) == 0:
		case size > markdownLimit: // no further difference will fit
			diffs = append(diffs, tableRow{0, ""})
		default:
			diffs = append(diffs, tableRow{0, diffBlock(f, name)})
			size += len(diffs[len(diffs)-1].text)
		}
	}
	g.table(c, total, rows, diffs, laterSections)
}

// tableCell returns the content of an entry in a table, without its title.
func tableCell(f *steps.Entry, s Style) string {
	var parts []string
	for _, n := range notes(f, Style{Drift: s.Drift}) {
		text := escapeMarkdown(term.Truncate(n.Text, maxTextWidth))
		if len(n.Attrs) == len(term.BadAttrs) {
			text = "**" + text + "**"
		}
		parts = append(parts, text)
	}
	if b := f.Content.Block; b != nil {
		parts = append(parts, "**blocked ("+escapeMarkdown(string(b.Kind))+")**: "+escapeMarkdown(term.Truncate(term.Printable(b.Reason), maxTextWidth)))
		if b.Unblock != "" {
			parts = append(parts, escapeMarkdown(term.Truncate(term.Printable(b.Unblock), maxTextWidth)))
		}
	}
	if f.SpansGroups() {
		parts = append(parts, markdownCode(term.Truncate(f.Members(2*steps.TitleWidth), maxTextWidth)))
	}
	return strings.Join(parts, "; ")
}

// diffBlock returns the changes of an entry for a code block of diffs.
func diffBlock(f *steps.Entry, name string) string {
	var b strings.Builder
	for _, r := range steps.ChangeRows(f.Content.Changes) {
		key := term.Truncate(r.Key, maxTitleWidth)
		if !r.Multiline {
			fmt.Fprintf(&b, "- %s: %s\n+ %s: %s\n", key, term.Truncate(r.Have, maxLineWidth), key, term.Truncate(r.Want, maxLineWidth))
			continue
		}
		fmt.Fprintf(&b, "@@ %s @@\n", key)
		if r.Details != "" {
			fmt.Fprintf(&b, "# %s\n", term.Truncate(r.Details, maxLineWidth))
			if r.Have == r.Want {
				continue
			}
		}
		list := diff.Lines(r.Have, r.Want)
		for _, l := range list[:min(len(list), diff.MaxLines)] {
			fmt.Fprintf(&b, "%c %s\n", l.Sign, term.Truncate(l.Text, maxLineWidth))
		}
		if n := len(list) - diff.MaxLines; n > 0 {
			fmt.Fprintf(&b, "  %s %s\n", term.Ellipsis, count(n, "more line"))
		}
	}
	return "# " + name + "\n" + b.String()
}
