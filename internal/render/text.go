package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"fleet/plan"
	"fleet/spec"
)

// Plan writes a plan for a reader: what it is about, what each step does and
// why, and a summary.
// Steps that do nothing are only counted, unless they leave something as it is
// that is not as wanted. Steps that read the same are told once, unless the
// style says to show all.
func Plan(w io.Writer, p *plan.Plan, s Style) {
	out := bufio.NewWriter(w)
	defer func() { _ = out.Flush() }() // as with what is not buffered, whoever waits for the text sees that it does not come
	WriteHeading(out, p, s)
	for _, warning := range p.Warnings {
		fmt.Fprintf(out, "%s ", s.warn("Warning:"))
		writeJoined(out, []span{{text: printable(warning)}}, len("Warning: "), len("Warning: "), s)
		fmt.Fprintln(out)
	}
	if text := orphanSnapshotsText(p); text != "" {
		writeSentence(out, []span{{"Left behind:", []color.Attribute{color.Bold}}, {text: text}}, s)
	}
	list := planEntries(shownSteps(p), s.Full)
	column := 0
	for _, f := range list {
		if n := stringWidth(f.title); n <= s.titleColumns() { // long ones do not push the others
			column = max(column, n)
		}
	}
	blocks := map[plan.Block]bool{}
	for _, f := range list {
		if b := f.content.block; b != nil && !s.Full {
			f.blockShown = blocks[*b]
			blocks[*b] = true
		}
		writePlanEntry(out, f, column, s)
	}
	if len(list) > 0 {
		fmt.Fprintln(out)
	}
	if p.Empty() {
		fmt.Fprintf(out, "%s %s\n", s.good("No changes."), noChangesText(p))
		return
	}
	writeSentence(out, summary(p, s), s)
	writeRollouts(out, p, s)
	writeTrials(out, p, s)
	writeHooks(out, p, s)
	Forecast(out, p.Forecast, s)
}

// noChangesText says of a plan that changes nothing how many objects match the spec.
func noChangesText(p *plan.Plan) string {
	c := p.Counts()
	left := fmt.Sprintf("%d left as %s", c.Retained, itIsOrTheyAre(c.Retained))
	switch {
	case c.NotSelected > 0 && c.Unchanged+c.Retained == 0:
		return fmt.Sprintf("No object of fleet %s is selected, %d not selected.", p.Fleet, c.NotSelected)
	case c.NotSelected > 0 && c.Retained > 0:
		return fmt.Sprintf("%s, %s, %d not selected.", matchText(c.Unchanged, "selected object", p.Fleet), left, c.NotSelected)
	case c.NotSelected > 0:
		return fmt.Sprintf("%s, %d not selected.", matchText(c.Unchanged, "selected object", p.Fleet), c.NotSelected)
	case c.Unchanged == 0 && c.Retained == 0:
		return fmt.Sprintf("Fleet %s has no objects.", p.Fleet)
	case c.Unchanged == 0:
		return fmt.Sprintf("%s of fleet %s left as %s.", count(c.Retained, "object"), p.Fleet, itIsOrTheyAre(c.Retained))
	case c.Retained > 0:
		return fmt.Sprintf("%s, %s.", matchText(c.Unchanged, "object", p.Fleet), left)
	}
	return matchText(c.Unchanged, "object", p.Fleet) + "."
}

// matchText counts the objects of a fleet that match the spec.
func matchText(n int, what, fleet string) string {
	return fmt.Sprintf("%s of fleet %s %s the spec", count(n, what), fleet, plan.PluralWord(n, "matches", "match"))
}

func itIsOrTheyAre(n int) string { return plan.PluralWord(n, "it is", "they are") }

// shownSteps are the steps that a reader has to know of.
func shownSteps(p *plan.Plan) []*plan.Step {
	var steps []*plan.Step
	for _, s := range p.Steps {
		if s.Action != plan.NoOp || s.RetainedReason != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// Columns of a plan.
const (
	titleIndent   = 4 // where titles begin, after the symbol
	detailIndent  = 6 // where what is below them begins
	minNotesWidth = 24
)

// writePlanEntry writes what there is to tell of a fold: a line with its title, and
// below it what changes, what blocks it and which steps it holds.
func writePlanEntry(w io.Writer, f *planEntry, column int, s Style) {
	symbol := s.paintAction(f.Action, string(rune(f.Action)))
	list := changeRows(f.content.changes)
	if head := headline(f, list); head != "" {
		fmt.Fprintf(w, "  %s %s\n%s", symbol, s.bold(head), strings.Repeat(" ", detailIndent))
		notes := f.notes(s)
		if rule := list[0].rule; rule != "" {
			notes = append(notes, span{text: rule})
		}
		writeJoined(w, notes, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
		list = nil
	} else {
		name := f.title
		if s.Width > 0 && !s.Full {
			name = truncateMiddle(name, s.titleColumns())
		}
		at := titleIndent + max(column, stringWidth(name)) + 2
		fmt.Fprintf(w, "  %s %s%s  ", symbol, s.bold(name), strings.Repeat(" ", max(column-stringWidth(name), 0)))
		indent := titleIndent + column + 2
		if s.Width > 0 && s.Width-indent < minNotesWidth {
			indent = detailIndent
		}
		writeJoined(w, f.notes(s), at, indent, s)
		fmt.Fprintln(w)
	}
	writeChangeRows(w, list, s)
	if f.content.block != nil {
		writeBlock(w, f.content.block, f.blockShown, s)
	}
	if f.spansGroups() || strings.Contains(f.title, ellipsis) && f.size() > 1 {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", detailIndent), f.members(s.detailColumns()))
	}
}

// headline is the title of a fold of several groups with its only change, such
// as 240 sandboxes: snapshot a -> b; or "" for others.
func headline(f *planEntry, list []changeRow) string {
	const wide = 90
	if !f.spansGroups() || len(list) != 1 || list[0].multiline {
		return ""
	}
	text := fmt.Sprintf("%s: %s %s -> %s", f.title, list[0].key, list[0].have, list[0].want)
	if stringWidth(text) > wide {
		return ""
	}
	return text
}

// notes are what stands beside a title.
func (f *planEntry) notes(s Style) []span {
	what := f.Action.String()
	switch {
	case f.Action == plan.NoOp && f.size() == 1:
		what = "left as it is"
	case f.Action == plan.NoOp:
		what = fmt.Sprintf("%d left as they are", f.size())
	case f.size() > 1 && !f.spansGroups():
		what = fmt.Sprintf("%s %d", what, f.size())
	}
	list := []span{{what, s.wordColours(f.Action)}}
	add := func(text string, attrs []color.Attribute) {
		if text != "" {
			list = append(list, span{printable(text), attrs})
		}
	}
	add(f.content.reason, nil)
	add(f.content.retainedReason, nil)
	if s.Drift && f.Drift == plan.Expected && f.Action != plan.NoOp {
		add("expected: it goes by itself", nil)
	}
	if f.NeededBy != (spec.Address{}) {
		add("needed by "+f.NeededBy.String(), nil)
	}
	add(runStateText(f.Step), nil)
	if loses := f.dataLossText(); loses != "" && f.Blocked == nil {
		add("loses "+loses, bad)
	}
	return list
}

// runStateText tells of stops and starts beside the action.
func runStateText(s *plan.Step) string {
	var verbs []string
	for _, op := range s.Ops {
		if op.Verb.ChangesRunState() {
			verbs = append(verbs, string(op.Verb))
		}
	}
	if len(verbs) == 0 {
		return ""
	}
	switch text := strings.Join(verbs, ", then "); {
	case s.Action.Creates():
		return "then " + text
	case s.Action == plan.Update, s.Action == plan.Adopt:
		return "with " + text
	}
	return "" // the action says it
}

// keyWidth is how wide the column of attributes becomes.
const keyWidth = 32

// writeChangeRows writes changes: the values in a column, what does not fit there
// below its attribute.
func writeChangeRows(w io.Writer, list []changeRow, s Style) {
	column := 0
	for _, r := range list {
		if n := stringWidth(r.key); !r.multiline && n <= keyWidth {
			column = max(column, n)
		}
	}
	indent := strings.Repeat(" ", detailIndent)
	for _, r := range list {
		if s.Width > 0 && !s.Full {
			r.key = truncateMiddle(r.key, max(min(keyWidth, s.Width/3), column))
		}
		line := padRight(r.key, column) + "  " + r.have + " -> " + r.want
		multiline := r.multiline || s.Width > 0 && stringWidth(line) > s.Width-detailIndent
		if multiline {
			line = r.key
		}
		fmt.Fprint(w, indent, line)
		switch at := detailIndent + stringWidth(line); {
		case r.rule == "":
		case s.Width > 0 && at+len("  ()")+stringWidth(r.rule) > s.Width:
			fmt.Fprintf(w, "\n%s  %s", indent, "("+r.rule+")")
		default:
			fmt.Fprint(w, "  ", "("+r.rule+")")
		}
		fmt.Fprintln(w)
		if multiline {
			writeDiff(w, r.have, r.want, indent+"  ", s)
		}
	}
}

// writeBlock writes why a step must not be carried out, or that the same block
// was told before.
func writeBlock(w io.Writer, b *plan.Block, shownBefore bool, s Style) {
	indent := strings.Repeat(" ", detailIndent)
	if shownBefore {
		fmt.Fprintf(w, "%s%s as above\n", indent, s.bad("blocked ("+string(b.Kind)+"),"))
		return
	}
	label := "blocked (" + string(b.Kind) + "):"
	fmt.Fprintf(w, "%s%s ", indent, s.bad(label))
	writeJoined(w, []span{{text: printable(b.Reason)}}, detailIndent+stringWidth(label)+1, detailIndent, s)
	fmt.Fprintln(w)
	if b.Unblock != "" {
		fmt.Fprint(w, indent)
		writeJoined(w, []span{{text: printable(b.Unblock)}}, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
	}
}

// Summary is a plan in one line.
func Summary(p *plan.Plan) string {
	var b strings.Builder
	writeSentence(&b, summary(p, Style{}), Style{})
	return strings.TrimSuffix(b.String(), "\n")
}

// summary is a plan in one line, in pieces.
func summary(p *plan.Plan, s Style) []span {
	c := p.Counts()
	list := []span{{"Plan:", []color.Attribute{color.Bold}}}
	add := func(mark string, n int, what string, attrs []color.Attribute) {
		if last := len(list) - 1; last > 0 {
			list[last].text += mark
		}
		if n == 0 { // there is nothing to point at
			attrs = nil
		}
		list = append(list, span{plan.FormatInt(n) + " " + what, attrs})
	}
	add(",", c.Create, "to create", s.wordColours(plan.Create))
	add(",", c.Change, "to update", s.wordColours(plan.Update))
	add(",", c.Replace, "to replace", s.wordColours(plan.Replace))
	add(",", c.Destroy, "to delete", s.wordColours(plan.Delete))
	if c.Adopt > 0 {
		add(",", c.Adopt, "to adopt", s.wordColours(plan.Adopt))
	}
	if c.Waiting > 0 {
		add(",", c.Waiting, "to wait for", nil)
	}
	add(";", c.Unchanged, "unchanged", nil)
	if c.Retained > 0 {
		add(",", c.Retained, "left as "+itIsOrTheyAre(c.Retained), nil)
	}
	if c.NotSelected > 0 {
		add(",", c.NotSelected, "not selected", nil)
	}
	if c.Blocked > 0 {
		add(",", c.Blocked, "blocked", bad)
	}
	list[len(list)-1].text += "."
	return list
}

// Losses says in words what a plan takes away for good, or is empty.
func Losses(p *plan.Plan) string {
	var lines []string
	losing := slices.DeleteFunc(slices.Clone(p.Steps), func(s *plan.Step) bool { return s.DataLoss == "" || s.Blocked != nil })
	for _, f := range planEntries(losing, false) {
		name := f.title
		if f.spansGroups() {
			name = f.members(titleWidth * 10)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", name, f.dataLossText()))
	}
	const most = 20
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("  and %d more", n-most))
	}
	if len(lines) == 0 {
		return ""
	}
	return "This loses for good:\n" + strings.Join(lines, "\n") + "\n"
}
