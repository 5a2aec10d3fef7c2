package render

import (
	"fmt"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// A level says how much a step matters to those who only want to know whether
// all is well.
type level int

// The levels.
const (
	levelNone    level = iota // it is as wanted
	levelNotice               // something is to be done
	levelWarning              // something is to go, or has drifted
	levelError                // it must not be done
)

// levelOf is the level of a step. Of a plan it is how much harm it may do, of
// drift whether it should be there.
func levelOf(s *plan.Step, style Style) level {
	switch {
	case style.Drift && s.Drift == "", !style.Drift && s.Action == plan.NoOp && s.Blocked == nil:
		return levelNone
	case style.Drift && s.Drift == plan.Expected && !style.Strict:
		return levelNotice
	case s.Blocked != nil:
		return levelError
	case style.Drift, s.Action.Destroys():
		return levelWarning
	}
	return levelNotice
}

// summaryLine is all that is told of a fold but its title, in one line.
func (f *planEntry) summaryLine(s Style) string {
	var parts []string
	for _, n := range f.notes(s) {
		parts = append(parts, n.Text)
	}
	for _, r := range changeRows(f.content.changes) {
		if r.multiline {
			parts = append(parts, r.key+" differs")
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %s -> %s", r.key, r.have, r.want))
	}
	if b := f.content.block; b != nil {
		parts = append(parts, fmt.Sprintf("blocked (%s): %s", b.Kind, term.Printable(b.Reason)))
		if b.Unblock != "" {
			parts = append(parts, term.Printable(b.Unblock))
		}
	}
	return strings.Join(parts, "; ")
}

// stepPosition is where the spec declares the resource of a step; what it does not
// declare has none.
func stepPosition(s *plan.Step) spec.Position {
	if s.Want == nil {
		return spec.Position{}
	}
	return s.Want.Pos
}

// stepText is a step as a plan in text shows it, by itself.
func stepText(step *plan.Step, s Style) string {
	var b strings.Builder
	writePlanEntry(&b, singleEntry(step), 0, Style{Full: true, Drift: s.Drift})
	return b.String()
}
