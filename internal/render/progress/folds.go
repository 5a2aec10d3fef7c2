package progress

import (
	"io"

	"fleet/internal/render/ci"
	"fleet/plan"
)

// folds groups the lines of build logs, one group for each stretch of lines of a step.
type folds struct {
	commands func() io.Writer // nil if nothing is folded
	open     *plan.Step       // whose lines are in the group; nil if there is none
}

// begin starts a group for the log of a step, unless its lines are in one already. An
// error of writing loses only progress.
func (f *folds) begin(s *plan.Step) {
	if f.commands == nil || f.open != nil && f.open.Address == s.Address {
		return
	}
	f.end()
	f.open = s
	_ = ci.BeginGroup(f.commands(), "build log of "+s.Address.String())
}

// end ends the group, if there is one.
func (f *folds) end() {
	if f.open != nil {
		f.open = nil
		_ = ci.EndGroup(f.commands())
	}
}
