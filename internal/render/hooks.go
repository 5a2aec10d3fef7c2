package render

import (
	"fmt"
	"io"

	"fleet/internal/render/term"
	"fleet/plan"
)

// maxCommandWidth is the number of columns of a command that are shown.
const maxCommandWidth = 100

// writeHooks writes a line for each command that a plan runs: the approval covers
// them.
func writeHooks(w io.Writer, p *plan.Plan, s Style) {
	for _, h := range p.Hooks {
		term.WriteSentence(w, []term.Span{{Text: "Hook:"}, {Text: hookText(h) + ":"}, {Text: commandText(h)}}, s)
	}
}

// hookText returns where a hook runs, and how often.
func hookText(h plan.HookRun) string {
	switch {
	case !h.Local:
		return fmt.Sprintf("%s in %s", h.Hook, plan.Plural(h.Times, "sandbox", "sandboxes"))
	case h.Times > 1:
		return fmt.Sprintf("%s here, %d times", h.Hook, h.Times)
	}
	return h.Hook + " here"
}

func commandText(h plan.HookRun) string {
	return term.Truncate(term.Printable(h.Command), maxCommandWidth)
}
