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
		flow(out, []span{{text: printable(warning)}}, len("Warning: "), len("Warning: "), s)
		fmt.Fprintln(out)
	}
	if text := leftBehind(p); text != "" {
		sentence(out, []span{{"Left behind:", []color.Attribute{color.Bold}}, {text: text}}, s)
	}
	list := folds(shown(p), s.Full)
	column := 0
	for _, f := range list {
		if n := cells(f.title); n <= s.titles() { // long ones do not push the others
			column = max(column, n)
		}
	}
	blocks := map[plan.Block]bool{}
	for _, f := range list {
		if b := f.told.block; b != nil && !s.Full {
			f.again = blocks[*b]
			blocks[*b] = true
		}
		writeFold(out, f, column, s)
	}
	if len(list) > 0 {
		fmt.Fprintln(out)
	}
	if p.Empty() {
		fmt.Fprintf(out, "%s %s\n", s.good("No changes."), unchanged(p))
		return
	}
	sentence(out, summary(p, s), s)
	rollouts(out, p, s)
	trials(out, p, s)
	hooks(out, p, s)
	Forecast(out, p.Forecast, s)
}

// unchanged says of a plan that changes nothing how many objects match the spec.
func unchanged(p *plan.Plan) string {
	c := p.Counts()
	left := fmt.Sprintf("%d left as %s", c.Kept, are(c.Kept))
	switch {
	case c.NotSelected > 0 && c.Unchanged+c.Kept == 0:
		return fmt.Sprintf("No object of fleet %s is selected, %d not selected.", p.Fleet, c.NotSelected)
	case c.NotSelected > 0 && c.Kept > 0:
		return fmt.Sprintf("%s, %s, %d not selected.", matching(c.Unchanged, "selected object", p.Fleet), left, c.NotSelected)
	case c.NotSelected > 0:
		return fmt.Sprintf("%s, %d not selected.", matching(c.Unchanged, "selected object", p.Fleet), c.NotSelected)
	case c.Unchanged == 0 && c.Kept == 0:
		return fmt.Sprintf("Fleet %s has no objects.", p.Fleet)
	case c.Unchanged == 0:
		return fmt.Sprintf("%s of fleet %s left as %s.", count(c.Kept, "object"), p.Fleet, are(c.Kept))
	case c.Kept > 0:
		return fmt.Sprintf("%s, %s.", matching(c.Unchanged, "object", p.Fleet), left)
	}
	return matching(c.Unchanged, "object", p.Fleet) + "."
}

// matching counts the objects of a fleet that match the spec.
func matching(n int, what, fleet string) string {
	return fmt.Sprintf("%s of fleet %s %s the spec", count(n, what), fleet, plan.Agree(n, "matches", "match"))
}

func are(n int) string { return plan.Agree(n, "it is", "they are") }

// shown are the steps that a reader has to know of.
func shown(p *plan.Plan) []*plan.Step {
	var steps []*plan.Step
	for _, s := range p.Steps {
		if s.Action != plan.NoOp || s.Kept != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// Columns of a plan.
const (
	titleIndent  = 4 // where titles begin, after the symbol
	detailIndent = 6 // where what is below them begins
	notesRoom    = 24
)

// writeFold writes what there is to tell of a fold: a line with its title, and
// below it what changes, what blocks it and which steps it holds.
func writeFold(w io.Writer, f *fold, column int, s Style) {
	symbol := s.action(f.Action, string(rune(f.Action)))
	list := rows(f.told.changes)
	if head := headline(f, list); head != "" {
		fmt.Fprintf(w, "  %s %s\n%s", symbol, s.bold(head), strings.Repeat(" ", detailIndent))
		notes := f.notes(s)
		if rule := list[0].rule; rule != "" {
			notes = append(notes, span{text: rule})
		}
		flow(w, notes, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
		list = nil
	} else {
		name := f.title
		if s.Width > 0 && !s.Full {
			name = cut(name, s.titles())
		}
		at := titleIndent + max(column, cells(name)) + 2
		fmt.Fprintf(w, "  %s %s%s  ", symbol, s.bold(name), strings.Repeat(" ", max(column-cells(name), 0)))
		indent := titleIndent + column + 2
		if s.Width > 0 && s.Width-indent < notesRoom {
			indent = detailIndent
		}
		flow(w, f.notes(s), at, indent, s)
		fmt.Fprintln(w)
	}
	writeRows(w, list, s)
	if f.told.block != nil {
		writeBlock(w, f.told.block, f.again, s)
	}
	if f.several() || strings.Contains(f.title, ellipsis) && f.size() > 1 {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", detailIndent), f.members(s.detail()))
	}
}

// headline is the title of a fold of several groups with its only change, such
// as 240 sandboxes: snapshot a -> b; or "" for others.
func headline(f *fold, list []row) string {
	const wide = 90
	if !f.several() || len(list) != 1 || list[0].block {
		return ""
	}
	text := fmt.Sprintf("%s: %s %s -> %s", f.title, list[0].key, list[0].have, list[0].want)
	if cells(text) > wide {
		return ""
	}
	return text
}

// notes are what stands beside a title.
func (f *fold) notes(s Style) []span {
	what := f.Action.String()
	switch {
	case f.Action == plan.NoOp && f.size() == 1:
		what = "left as it is"
	case f.Action == plan.NoOp:
		what = fmt.Sprintf("%d left as they are", f.size())
	case f.size() > 1 && !f.several():
		what = fmt.Sprintf("%s %d", what, f.size())
	}
	list := []span{{what, s.words(f.Action)}}
	add := func(text string, attrs []color.Attribute) {
		if text != "" {
			list = append(list, span{printable(text), attrs})
		}
	}
	add(f.told.reason, nil)
	add(f.told.kept, nil)
	if s.Drift && f.Drift == plan.Expected && f.Action != plan.NoOp {
		add("expected: it goes by itself", nil)
	}
	if f.NeededBy != (spec.Address{}) {
		add("needed by "+f.NeededBy.String(), nil)
	}
	add(moves(f.Step), nil)
	if loses := f.loses(); loses != "" && f.Blocked == nil {
		add("loses "+loses, bad)
	}
	return list
}

// travels are the verbs of stops and starts.
var travels = map[plan.Verb]bool{plan.DoStart: true, plan.DoStop: true, plan.DoPause: true, plan.DoArchive: true, plan.DoRecover: true}

// moves tells of stops and starts beside the action.
func moves(s *plan.Step) string {
	var verbs []string
	for _, op := range s.Ops {
		if travels[op.Verb] {
			verbs = append(verbs, string(op.Verb))
		}
	}
	if len(verbs) == 0 {
		return ""
	}
	switch s.Action {
	case plan.Update, plan.Adopt:
		return "with " + strings.Join(verbs, ", then ")
	case plan.Create, plan.Replace:
		return "then " + strings.Join(verbs, ", then ")
	}
	return "" // the action says it
}

// keyWidth is how wide the column of attributes becomes.
const keyWidth = 32

// writeRows writes changes: the values in a column, what does not fit there
// below its attribute.
func writeRows(w io.Writer, list []row, s Style) {
	column := 0
	for _, r := range list {
		if n := cells(r.key); !r.block && n <= keyWidth {
			column = max(column, n)
		}
	}
	indent := strings.Repeat(" ", detailIndent)
	for _, r := range list {
		if s.Width > 0 && !s.Full {
			r.key = cut(r.key, max(min(keyWidth, s.Width/3), column))
		}
		line := padded(r.key, column) + "  " + r.have + " -> " + r.want
		opened := r.block || s.Width > 0 && cells(line) > s.Width-detailIndent
		if opened {
			line = r.key
		}
		fmt.Fprint(w, indent, line)
		switch at := detailIndent + cells(line); {
		case r.rule == "":
		case s.Width > 0 && at+len("  ()")+cells(r.rule) > s.Width:
			fmt.Fprintf(w, "\n%s  %s", indent, "("+r.rule+")")
		default:
			fmt.Fprint(w, "  ", "("+r.rule+")")
		}
		fmt.Fprintln(w)
		if opened {
			writeDiff(w, r.have, r.want, indent+"  ", s)
		}
	}
}

// writeBlock writes why a step must not be carried out, or that the same block
// was told before.
func writeBlock(w io.Writer, b *plan.Block, again bool, s Style) {
	indent := strings.Repeat(" ", detailIndent)
	if again {
		fmt.Fprintf(w, "%s%s as above\n", indent, s.bad("blocked ("+string(b.Kind)+"),"))
		return
	}
	label := "blocked (" + string(b.Kind) + "):"
	fmt.Fprintf(w, "%s%s ", indent, s.bad(label))
	flow(w, []span{{text: printable(b.Reason)}}, detailIndent+cells(label)+1, detailIndent, s)
	fmt.Fprintln(w)
	if b.Unblock != "" {
		fmt.Fprint(w, indent)
		flow(w, []span{{text: printable(b.Unblock)}}, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
	}
}

// Summary is a plan in one line.
func Summary(p *plan.Plan) string {
	var b strings.Builder
	sentence(&b, summary(p, Style{}), Style{})
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
		list = append(list, span{plan.Grouped(n) + " " + what, attrs})
	}
	add(",", c.Create, "to create", s.words(plan.Create))
	add(",", c.Change, "to update", s.words(plan.Update))
	add(",", c.Replace, "to replace", s.words(plan.Replace))
	add(",", c.Destroy, "to delete", s.words(plan.Delete))
	if c.Adopt > 0 {
		add(",", c.Adopt, "to adopt", s.words(plan.Adopt))
	}
	if c.Waiting > 0 {
		add(",", c.Waiting, "to wait for", nil)
	}
	add(";", c.Unchanged, "unchanged", nil)
	if c.Kept > 0 {
		add(",", c.Kept, "left as "+are(c.Kept), nil)
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
	losing := slices.DeleteFunc(slices.Clone(p.Steps), func(s *plan.Step) bool { return s.Loses == "" || s.Blocked != nil })
	for _, f := range folds(losing, false) {
		name := f.title
		if f.several() {
			name = f.members(titleWidth * 10)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", name, f.loses()))
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
