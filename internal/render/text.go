package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"fleet/internal/render/diff"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// Plan writes a plan for a user: a heading, what each step does and why, and a
// summary. Steps that do nothing are only counted, unless they retain an object
// that differs from the spec. Steps that read the same are written once, unless
// the style is Full.
func Plan(w io.Writer, p *plan.Plan, s Style) {
	out := bufio.NewWriter(w)
	defer func() { _ = out.Flush() }() // the caller checks the errors of w
	WriteHeading(out, p, s)
	for _, warning := range p.Warnings {
		fmt.Fprintf(out, "%s ", s.Warn("Warning:"))
		term.WriteJoined(out, []term.Span{{Text: term.Printable(warning)}}, len("Warning: "), len("Warning: "), s)
		fmt.Fprintln(out)
	}
	if text := orphanSnapshotsText(p); text != "" {
		term.WriteSentence(out, []term.Span{{Text: "Orphaned:", Attrs: []color.Attribute{color.Bold}}, {Text: text}}, s)
	}
	list := steps.Entries(shownSteps(p), s.Full)
	column := 0
	for _, f := range list {
		if n := term.StringWidth(f.Title); n <= titleColumns(s) { // longer ones do not move the column
			column = max(column, n)
		}
	}
	blocks := map[plan.Block]bool{}
	for _, f := range list {
		if b := f.Content.Block; b != nil && !s.Full {
			f.BlockShown = blocks[*b]
			blocks[*b] = true
		}
		writePlanEntry(out, f, column, s)
	}
	if len(list) > 0 {
		fmt.Fprintln(out)
	}
	if p.Empty() {
		fmt.Fprintf(out, "%s %s\n", s.Good("No changes."), noChangesText(p))
		return
	}
	term.WriteSentence(out, summary(p, s), s)
	writeRollouts(out, p, s)
	writeTrials(out, p, s)
	writeHooks(out, p, s)
	Forecast(out, p.Forecast, s)
}

// shownSteps returns the steps that change something, or retain an object that
// differs from the spec.
func shownSteps(p *plan.Plan) []*plan.Step {
	var steps []*plan.Step
	for _, s := range p.Steps {
		if s.Action != plan.NoOp || s.RetainedReason != "" {
			steps = append(steps, s)
		}
	}
	return steps
}

// writePlanEntry writes an entry: a line with its title, and below it the changes,
// the block and the addresses of its steps.
func writePlanEntry(w io.Writer, f *steps.Entry, column int, s Style) {
	symbol := s.PaintAction(f.Action, string(rune(f.Action)))
	list := steps.ChangeRows(f.Content.Changes)
	if head := headline(f, list); head != "" {
		fmt.Fprintf(w, "  %s %s\n%s", symbol, s.Bold(head), strings.Repeat(" ", detailIndent))
		notes := notes(f, s)
		if rule := list[0].Rule; rule != "" {
			notes = append(notes, term.Span{Text: rule})
		}
		term.WriteJoined(w, notes, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
		list = nil
	} else {
		name := f.Title
		if s.Width > 0 && !s.Full {
			name = term.TruncateMiddle(name, titleColumns(s))
		}
		at := titleIndent + max(column, term.StringWidth(name)) + 2
		fmt.Fprintf(w, "  %s %s%s  ", symbol, s.Bold(name), strings.Repeat(" ", max(column-term.StringWidth(name), 0)))
		indent := titleIndent + column + 2
		if s.Width > 0 && s.Width-indent < minNotesWidth {
			indent = detailIndent
		}
		term.WriteJoined(w, notes(f, s), at, indent, s)
		fmt.Fprintln(w)
	}
	writeChangeRows(w, list, s)
	if f.Content.Block != nil {
		writeBlock(w, f.Content.Block, f.BlockShown, s)
	}
	if f.SpansGroups() || strings.Contains(f.Title, term.Ellipsis) && f.Size() > 1 {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", detailIndent), f.Members(detailColumns(s)))
	}
}

// headline returns the title of an entry of several groups with its only change,
// such as 240 sandboxes: snapshot a -> b; or "" for other entries.
func headline(f *steps.Entry, list []steps.ChangeRow) string {
	const wide = 90
	if !f.SpansGroups() || len(list) != 1 || list[0].Multiline {
		return ""
	}
	text := fmt.Sprintf("%s: %s %s -> %s", f.Title, list[0].Key, list[0].Have, list[0].Want)
	if term.StringWidth(text) > wide {
		return ""
	}
	return text
}

// notes returns the texts after a title.
func notes(f *steps.Entry, s Style) []term.Span {
	what := f.Action.String()
	switch {
	case f.Action == plan.NoOp && f.Size() == 1:
		what = "retained"
	case f.Action == plan.NoOp:
		what = fmt.Sprintf("retained %d", f.Size())
	case f.Size() > 1 && !f.SpansGroups():
		what = fmt.Sprintf("%s %d", what, f.Size())
	}
	list := []term.Span{{Text: what, Attrs: s.WordColours(f.Action)}}
	add := func(text string, attrs []color.Attribute) {
		if text != "" {
			list = append(list, term.Span{Text: term.Printable(text), Attrs: attrs})
		}
	}
	add(f.Content.Reason, nil)
	add(f.Content.RetainedReason, nil)
	if s.Drift && f.Drift == plan.Expected && f.Action != plan.NoOp {
		add("expected drift", nil)
	}
	if f.NeededBy != (spec.Address{}) {
		add("needed by "+f.NeededBy.String(), nil)
	}
	add(runStateText(f.Step), nil)
	if loses := f.DataLossText(); loses != "" && f.Blocked == nil {
		add("loses "+loses, term.BadAttrs)
	}
	return list
}

// runStateText returns the stops and starts of a step, unless they are its action.
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
	return "" // the action names it
}

// keyWidth is the maximum width of the column of attributes.
const keyWidth = 32

// writeChangeRows writes changes: the values in a column, or below the attribute if
// they do not fit.
func writeChangeRows(w io.Writer, list []steps.ChangeRow, s Style) {
	column := 0
	for _, r := range list {
		if n := term.StringWidth(r.Key); !r.Multiline && n <= keyWidth {
			column = max(column, n)
		}
	}
	indent := strings.Repeat(" ", detailIndent)
	for _, r := range list {
		if s.Width > 0 && !s.Full {
			r.Key = term.TruncateMiddle(r.Key, max(min(keyWidth, s.Width/3), column))
		}
		line := term.PadRight(r.Key, column) + "  " + r.Have + " -> " + r.Want
		multiline := r.Multiline || s.Width > 0 && term.StringWidth(line) > s.Width-detailIndent
		if multiline {
			line = r.Key
		}
		fmt.Fprint(w, indent, line)
		switch at := detailIndent + term.StringWidth(line); {
		case r.Rule == "":
		case s.Width > 0 && at+len("  ()")+term.StringWidth(r.Rule) > s.Width:
			fmt.Fprintf(w, "\n%s  %s", indent, "("+r.Rule+")")
		default:
			fmt.Fprint(w, "  ", "("+r.Rule+")")
		}
		fmt.Fprintln(w)
		if r.Details != "" {
			fmt.Fprint(w, indent, "  ")
			term.WriteJoined(w, []term.Span{{Text: r.Details}}, detailIndent+2, detailIndent+2, s)
			fmt.Fprintln(w)
		}
		if multiline && (r.Have != r.Want || r.Details == "") {
			diff.Write(w, r.Have, r.Want, indent+"  ", s)
		}
	}
}

// writeBlock writes why a step is blocked, or that it is blocked like an earlier
// one.
func writeBlock(w io.Writer, b *plan.Block, shownBefore bool, s Style) {
	indent := strings.Repeat(" ", detailIndent)
	if shownBefore {
		fmt.Fprintf(w, "%s%s as above\n", indent, s.Bad("blocked ("+string(b.Kind)+"),"))
		return
	}
	label := "blocked (" + string(b.Kind) + "):"
	fmt.Fprintf(w, "%s%s ", indent, s.Bad(label))
	term.WriteJoined(w, []term.Span{{Text: term.Printable(b.Reason)}}, detailIndent+term.StringWidth(label)+1, detailIndent, s)
	fmt.Fprintln(w)
	if b.Unblock != "" {
		fmt.Fprint(w, indent)
		term.WriteJoined(w, []term.Span{{Text: term.Printable(b.Unblock)}}, detailIndent, detailIndent, s)
		fmt.Fprintln(w)
	}
}
