package policy

import (
	"fmt"
	"slices"
	"strings"

	"fleet/internal/suggest"
	"fleet/plan"
)

// A Mode is how far a watch may go.
type Mode string

// The modes.
const (
	Observe Mode = "observe"
	Repair  Mode = "repair"
	Enforce Mode = "enforce" // the default
)

// A modeRow is what fleet knows of a mode.
type modeRow struct {
	mode   Mode
	doc    string                // a clause for the help
	allows func(*plan.Step) bool // reports whether the mode permits a step that changes something
	reason string                // why it does not permit a step, as a clause
}

// modes has a row for each mode, the most careful one first.
var modes = []modeRow{
	{Observe, "reports drift and changes nothing", func(*plan.Step) bool { return false }, "mode observe only reports drift"},
	{Repair, "creates what is missing and changes in place; deletes and replaces nothing", func(s *plan.Step) bool { return !deletes(s) }, "mode repair deletes and replaces nothing"},
	{Enforce, "applies the whole plan", func(*plan.Step) bool { return true }, ""},
}

// ModeNames returns the names of the modes, the most careful one first.
func ModeNames() []string {
	var names []string
	for _, row := range modes {
		names = append(names, string(row.mode))
	}
	return names
}

// ModeDoc returns the modes with their meaning, for the help of a flag.
func ModeDoc() string {
	var list []string
	for _, row := range modes {
		list = append(list, fmt.Sprintf("%s %s", row.mode, row.doc))
	}
	return strings.Join(list, "; ")
}

// ParseMode returns the mode with the name.
func ParseMode(name string) (Mode, error) {
	names := ModeNames()
	if slices.Contains(names, name) {
		return Mode(name), nil
	}
	hint := suggest.DidYouMean(name, names)
	if hint != "" {
		hint = "; " + hint
	}
	return "", fmt.Errorf("%q is not a mode: use %s%s", name, strings.Join(names, ", "), hint)
}

// row returns the row of the mode. The zero Mode is Enforce. A mode that is not valid
// permits nothing.
func (m Mode) row() modeRow {
	if m == "" {
		m = Enforce
	}
	for _, row := range modes {
		if row.mode == m {
			return row
		}
	}
	return modes[0]
}

// block returns why the mode does not permit the step, or nil.
func (m Mode) block(s *plan.Step) *plan.Block {
	row := m.row()
	if row.allows(s) {
		return nil
	}
	return &plan.Block{Kind: plan.Mode, Reason: row.reason, Unblock: "run fleet apply, or start the watch with another --mode"}
}

// deletes reports whether the step deletes an object, or would to roll back. The
// temporary snapshot that a step makes and deletes does not count.
func deletes(s *plan.Step) bool {
	return s.Action.Deletes() || s.SurgeLeftover != nil ||
		slices.ContainsFunc(s.Ops, func(op plan.Op) bool { return op.Verb == plan.DoDelete }) ||
		s.Rollback != nil && deletes(s.Rollback)
}
