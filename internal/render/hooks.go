package render

import (
	"fmt"
	"io"

	"fleet/internal/render/term"
	"fleet/plan"
)

// maxCommandWidth is how much of a command is shown, in columns.
const maxCommandWidth = 100

// writeHooks writes a line for each command that a plan runs: who approves it is to
// know.
func writeHooks(w io.Writer, p *plan.Plan, s Style) {
	for _, h := range p.Hooks {
		term.WriteSentence(w, []term.Span{{Text: "Hook:"}, {Text: hookText(h) + ":"}, {Text: commandText(h)}}, s)
	}
}

// hookText are where and how often a hook is run.
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
