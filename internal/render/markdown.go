package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/apply"
	"fleet/plan"
)

// markdownLimit is how many bytes a comment may have: GitHub refuses those of
// more than 65,536 characters, and somebody may add a line or two.
const markdownLimit = 60_000

// PlanMarkdown writes a plan as a comment for a pull request, what it takes
// away first. It begins with a marker that is not shown, by which the comment
// is found again, and has less than 60 kB, however large the plan is.
func PlanMarkdown(w io.Writer, p *plan.Plan, s Style) error {
	g := &markdownPage{remaining: markdownLimit}
	g.add("<!-- fleet-plan:%s -->\n### Plan of fleet %s\n\n", p.Fleet, markdownHeading(p))
	list := planEntries(shownSteps(p), s.Full)
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
		g.add("Left behind: %s\n\n", escapeMarkdown(text))
	}
	for i, c := range sections {
		var selected []*planEntry
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
		g.add("%s not shown here; `fleet plan --full` shows all.\n", countIsOrAre(g.omitted, "step"))
	}
	return g.writeTo(w)
}

// ReportMarkdown writes how a plan was carried out as a comment for a pull
// request, what went wrong first. Its marker is another one than that of the
// plan; the size is limited alike.
func ReportMarkdown(w io.Writer, p *plan.Plan, r *apply.Report) error {
	g := &markdownPage{remaining: markdownLimit}
	g.add("<!-- fleet-apply:%s -->\n### Fleet %s applied%s\n\n", p.Fleet, markdownCode(p.Fleet), appliedLocation(p))
	if len(r.Results) == 0 {
		g.add("No changes. %s\n\n", noChangesText(p))
	} else {
		g.add("**%s in %s.**\n\n", countOutcomes(r), formatDuration(r.Duration))
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
	for _, e := range resultEntries(notDone(r.Results), false, false) {
		rows = append(rows, tableRow{len(e.steps), e.markdownRow()})
	}
	g.table(section{title: "not done", open: true}, len(r.Results)-len(good), rows, nil, 1)
	var list []tableRow
	for _, f := range planEntries(good, false) {
		list = append(list, tableRow{f.size(), fmt.Sprintf("| %c | %s | %s |\n", f.Action, markdownCode(truncate(f.title, maxTitleWidth)), f.Action.PastTense())})
	}
	g.table(section{title: "done"}, len(good), list, nil, 0)
	if g.omitted > 0 {
		g.add("%s not shown here.\n", countIsOrAre(g.omitted, "step"))
	}
	return g.writeTo(w)
}

// markdownRow is a row of a table.
func (e *resultEntry) markdownRow() string {
	title, members := e.title()
	if members != "" {
		members = " (" + markdownCode(members) + ")"
	}
	text := fmt.Sprintf("**%s**: %s", e.Outcome, escapeMarkdown(truncate(e.reason, maxTextWidth)))
	if left := e.stateNote(); left != "" {
		text += "; " + escapeMarkdown(left)
	}
	return fmt.Sprintf("| %c | %s | %s%s |\n", e.Step.Action, markdownCode(truncate(title, maxTitleWidth)), text, members)
}

func countIsOrAre(n int, thing string) string { return plan.Plural(n, thing+" is", thing+"s are") }

// A chapter is the part of a comment about steps that do the same.
type section struct {
	title   string
	open    bool // shown at once
	matches func(*planEntry) bool
}

// inCategory is for chapters of what is not blocked.
func inCategory(category plan.Action) func(*planEntry) bool {
	return func(f *planEntry) bool {
		return f.Blocked == nil && f.Action.Category() == category
	}
}

// sections are in the order of how much a reviewer has to know of them. Each
// fold is in one.
var sections = []section{
	{"to delete", true, inCategory(plan.Delete)},
	{"to replace", true, inCategory(plan.Replace)},
	{"blocked", true, func(f *planEntry) bool { return f.Blocked != nil }},
	{"to adopt", false, inCategory(plan.Adopt)},
	{"to update", false, inCategory(plan.Update)},
	{"to create", false, inCategory(plan.Create)},
	{"to wait for", false, inCategory(plan.Wait)},
	{"not as wanted, and left alone", false, inCategory(plan.NoOp)},
}

// How much of one text a comment shows, in columns.
const (
	maxTitleWidth = 120
	maxTextWidth  = 400
	maxLineWidth  = 240
)

// An entry is a line of a table, or a difference, of some steps.
type tableRow struct {
	steps int
	text  string
}

// writeSection writes a chapter; after it come at most so many others.
func (g *markdownPage) writeSection(c section, list []*planEntry, laterSections int, s Style) {
	total, size := 0, 0
	var rows, diffs []tableRow
	for _, f := range list {
		total += f.size()
		name := truncate(f.title, maxTitleWidth)
		rows = append(rows, tableRow{f.size(), fmt.Sprintf("| %s | %s | %s |\n", strings.TrimSpace(string(rune(f.Action))), markdownCode(name), f.tableCell(s))})
		switch {
		case len(f.content.changes) == 0:
		case size > markdownLimit: // it will not fit, whatever it is
			diffs = append(diffs, tableRow{0, ""})
		default:
			diffs = append(diffs, tableRow{0, f.diffBlock(name)})
			size += len(diffs[len(diffs)-1].text)
		}
	}
	g.table(c, total, rows, diffs, laterSections)
}

// tableCell is what stands beside a title, in a table.
func (f *planEntry) tableCell(s Style) string {
	var parts []string
	for _, n := range f.notes(Style{Drift: s.Drift}) {
		text := escapeMarkdown(truncate(n.text, maxTextWidth))
		if len(n.attrs) == len(bad) {
			text = "**" + text + "**"
		}
		parts = append(parts, text)
	}
	if b := f.content.block; b != nil {
		parts = append(parts, "**blocked ("+escapeMarkdown(string(b.Kind))+")**: "+escapeMarkdown(truncate(printable(b.Reason), maxTextWidth)))
		if b.Unblock != "" {
			parts = append(parts, escapeMarkdown(truncate(printable(b.Unblock), maxTextWidth)))
		}
	}
	if f.spansGroups() {
		parts = append(parts, markdownCode(truncate(f.members(2*titleWidth), maxTextWidth)))
	}
	return strings.Join(parts, "; ")
}

// diffBlock is what changes, as lines for a fence of diffs.
func (f *planEntry) diffBlock(name string) string {
	var b strings.Builder
	for _, r := range changeRows(f.content.changes) {
		key := truncate(r.key, maxTitleWidth)
		if !r.multiline {
			fmt.Fprintf(&b, "- %s: %s\n+ %s: %s\n", key, truncate(r.have, maxLineWidth), key, truncate(r.want, maxLineWidth))
			continue
		}
		fmt.Fprintf(&b, "@@ %s @@\n", key)
		list := diffLines(r.have, r.want)
		for _, l := range list[:min(len(list), maxDiffLines)] {
			fmt.Fprintf(&b, "%c %s\n", l.sign, truncate(l.text, maxLineWidth))
		}
		if n := len(list) - maxDiffLines; n > 0 {
			fmt.Fprintf(&b, "  %s %s\n", ellipsis, count(n, "more line"))
		}
	}
	return "# " + name + "\n" + b.String()
}

// truncate is the beginning of a text, in at most n columns.
func truncate(s string, n int) string {
	if stringWidth(s) <= n {
		return s
	}
	width := 0
	for i, r := range s {
		if width += runeWidth(r); width > n-1 {
			return s[:i] + ellipsis
		}
	}
	return s
}
