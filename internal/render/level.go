package render

import (
	"fmt"
	"strings"

	"fleet/internal/render/ci"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// A level is the severity of a step for formats that only report problems.
type level int

// The levels.
const (
	levelNone    level = iota // it matches the spec
	levelNotice               // it is to be changed
	levelWarning              // it is to be destroyed, or has drifted
	levelError                // it is blocked
)

// levelOf returns the level of a step: how much it may destroy, or, with
// Style.Drift, whether its drift is expected.
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

// summaryLine returns the content of an entry without its title, in one line.
func summaryLine(f *steps.Entry, s Style) string {
	var parts []string
	for _, n := range notes(f, s) {
		parts = append(parts, n.Text)
	}
	for _, r := range steps.ChangeRows(f.Content.Changes) {
		switch {
		case r.Details != "":
			parts = append(parts, r.Key+" differs ("+r.Details+")")
			continue
		case r.Multiline:
			parts = append(parts, r.Key+" differs")
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %s -> %s", r.Key, r.Have, r.Want))
	}
	if b := f.Content.Block; b != nil {
		parts = append(parts, fmt.Sprintf("blocked (%s): %s", b.Kind, term.Printable(b.Reason)))
		if b.Unblock != "" {
			parts = append(parts, term.Printable(b.Unblock))
		}
	}
	return strings.Join(parts, "; ")
}

// stepPosition returns where the spec declares the resource of a step. It is zero
// if the spec does not declare it.
func stepPosition(s *plan.Step) spec.Position {
	if s.Want == nil {
		return spec.Position{}
	}
	return s.Want.Pos
}

// within returns a position whose file is relative to a workspace.
func within(in ci.Workspace, pos spec.Position) spec.Position {
	pos.File = in.File(pos.File)
	return pos
}

// stepText returns a step as the text of a plan shows it.
func stepText(step *plan.Step, s Style) string {
	var b strings.Builder
	writePlanEntry(&b, steps.Single(step), 0, Style{Full: true, Drift: s.Drift})
	return b.String()
}
