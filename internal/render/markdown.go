package render

import (
	"fmt"
	"io"
	"slices"
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
	g := &page{left: markdownLimit}
	g.add("<!-- fleet-plan:%s -->\n### Plan of fleet %s\n\n", p.Fleet, inMarkdown(p))
	list := folds(shown(p), s.Full)
	if p.Empty() {
		g.add("No changes. %s\n\n", unchanged(p))
	} else {
		g.add("**%s**\n\n", strings.TrimPrefix(Summary(p), "Plan: "))
	}
	for _, r := range p.Rollouts {
		g.add("Rollout: %s in %s.\n\n", code(r.Group.String()), rolloutWords(r))
	}
	if head, text := trialWords(p); text != "" {
		g.add("%s: %s.\n\n", head, prose(text))
	}
	for _, h := range p.Hooks {
		g.add("Hook: %s: %s\n\n", hookWords(h), code(command(h)))
	}
	g.warnings(p.Warnings)
	if text := leftBehind(p); text != "" {
		g.add("Left behind: %s\n\n", prose(text))
	}
	for i, c := range chapters {
		var of []*fold
		for _, f := range list {
			if c.holds(f) {
				of = append(of, f)
			}
		}
		if len(of) > 0 {
			g.chapter(c, of, len(chapters)-1-i, s)
		}
	}
	if g.omitted > 0 {
		g.add("%s not shown here; `fleet plan --full` shows all.\n", isOrAre(g.omitted, "step"))
	}
	return g.writeTo(w)
}

// ReportMarkdown writes how a plan was carried out as a comment for a pull
// request, what went wrong first. Its marker is another one than that of the
// plan; the size is limited alike.
func ReportMarkdown(w io.Writer, p *plan.Plan, r *apply.Report) error {
	g := &page{left: markdownLimit}
	g.add("<!-- fleet-apply:%s -->\n### Fleet %s applied%s\n\n", p.Fleet, code(p.Fleet), applied(p))
	if len(r.Results) == 0 {
		g.add("No changes. %s\n\n", unchanged(p))
	} else {
		g.add("**%s in %s.**\n\n", countOutcomes(r), short(r.Took))
	}
	g.warnings(p.Warnings)
	for _, text := range timing(r) {
		g.add("%s\n\n", prose(text))
	}
	var good []*plan.Step
	for _, x := range r.Results {
		if x.Outcome == apply.Done {
			good = append(good, x.Step)
		}
	}
	var rows []entry
	for _, e := range endings(undone(r.Results), false, false) {
		rows = append(rows, entry{len(e.steps), e.markdown()})
	}
	g.table(chapter{title: "not done", open: true}, len(r.Results)-len(good), rows, nil, 1)
	var list []entry
	for _, f := range folds(good, false) {
		list = append(list, entry{f.size(), fmt.Sprintf("| %c | %s | %s |\n", f.Action, code(clip(f.title, wideTitle)), pastTense[f.Action])})
	}
	g.table(chapter{title: "done"}, len(good), list, nil, 0)
	if g.omitted > 0 {
		g.add("%s not shown here.\n", isOrAre(g.omitted, "step"))
	}
	return g.writeTo(w)
}

// markdown is a row of a table.
func (e *ending) markdown() string {
	title, members := e.title()
	if members != "" {
		members = " (" + code(members) + ")"
	}
	text := fmt.Sprintf("**%s**: %s", e.Outcome, prose(clip(e.reason, wideText)))
	if left := e.left(); left != "" {
		text += "; " + prose(left)
	}
	return fmt.Sprintf("| %c | %s | %s%s |\n", e.Step.Action, code(clip(title, wideTitle)), text, members)
}

func isOrAre(n int, thing string) string { return plan.Plural(n, thing+" is", thing+"s are") }

// A chapter is the part of a comment about steps that do the same.
type chapter struct {
	title string
	open  bool // shown at once
	holds func(*fold) bool
}

// does is for chapters of what is not blocked.
func does(actions ...plan.Action) func(*fold) bool {
	return func(f *fold) bool {
		return f.Blocked == nil && slices.Contains(actions, f.Action)
	}
}

// chapters are in the order of how much a reviewer has to know of them. Each
// fold is in one.
var chapters = []chapter{
	{"to delete", true, does(plan.Delete)},
	{"to replace", true, does(plan.Replace)},
	{"blocked", true, func(f *fold) bool { return f.Blocked != nil }},
	{"to adopt", false, does(plan.Adopt)},
	{"to update", false, does(plan.Update, plan.Start, plan.Stop, plan.Pause, plan.Archive, plan.Recover, plan.Activate, plan.Retire, plan.Release)},
	{"to create", false, does(plan.Create)},
	{"to wait for", false, does(plan.Wait)},
	{"not as wanted, and left alone", false, does(plan.NoOp)},
}

// How much of one text a comment shows, in columns.
const (
	wideTitle = 120
	wideText  = 400
	wideLine  = 240
)

// An entry is a line of a table, or a difference, of some steps.
type entry struct {
	steps int
	text  string
}

// chapter writes a chapter; after it come at most so many others.
func (g *page) chapter(c chapter, list []*fold, others int, s Style) {
	total, size := 0, 0
	var rows, diffs []entry
	for _, f := range list {
		total += f.size()
		name := clip(f.title, wideTitle)
		rows = append(rows, entry{f.size(), fmt.Sprintf("| %s | %s | %s |\n", strings.TrimSpace(string(rune(f.Action))), code(name), f.cell(s))})
		switch {
		case len(f.told.changes) == 0:
		case size > markdownLimit: // it will not fit, whatever it is
			diffs = append(diffs, entry{0, ""})
		default:
			diffs = append(diffs, entry{0, f.difference(name)})
			size += len(diffs[len(diffs)-1].text)
		}
	}
	g.table(c, total, rows, diffs, others)
}

// cell is what stands beside a title, in a table.
func (f *fold) cell(s Style) string {
	var parts []string
	for _, n := range f.notes(Style{Drift: s.Drift}) {
		text := prose(clip(n.text, wideText))
		if len(n.attrs) == len(bad) {
			text = "**" + text + "**"
		}
		parts = append(parts, text)
	}
	if b := f.told.block; b != nil {
		parts = append(parts, "**blocked ("+prose(string(b.Kind))+")**: "+prose(clip(printable(b.Reason), wideText)))
		if b.Unblock != "" {
			parts = append(parts, prose(clip(printable(b.Unblock), wideText)))
		}
	}
	if f.several() {
		parts = append(parts, code(clip(f.members(2*titleWidth), wideText)))
	}
	return strings.Join(parts, "; ")
}

// difference is what changes, as lines for a fence of diffs.
func (f *fold) difference(name string) string {
	var b strings.Builder
	for _, r := range rows(f.told.changes) {
		key := clip(r.key, wideTitle)
		if !r.block {
			fmt.Fprintf(&b, "- %s: %s\n+ %s: %s\n", key, clip(r.have, wideLine), key, clip(r.want, wideLine))
			continue
		}
		fmt.Fprintf(&b, "@@ %s @@\n", key)
		list := diffLines(r.have, r.want)
		for _, l := range list[:min(len(list), mostLines)] {
			fmt.Fprintf(&b, "%c %s\n", l.sign, clip(l.text, wideLine))
		}
		if n := len(list) - mostLines; n > 0 {
			fmt.Fprintf(&b, "  %s %s\n", ellipsis, count(n, "more line"))
		}
	}
	return "# " + name + "\n" + b.String()
}

// clip is the beginning of a text, in at most n columns.
func clip(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	width := 0
	for i, r := range s {
		if width += cell(r); width > n-1 {
			return s[:i] + ellipsis
		}
	}
	return s
}
