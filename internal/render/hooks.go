package render

import (
	"fmt"
	"io"

	"fleet/plan"
)

// widestCommand is how much of a command is shown, in columns.
const widestCommand = 100

// hooks writes a line for each command that a plan runs: who approves it is to
// know.
func hooks(w io.Writer, p *plan.Plan, s Style) {
	for _, h := range p.Hooks {
		sentence(w, []span{{text: "Hook:"}, {text: hookWords(h) + ":"}, {text: command(h)}}, s)
	}
}

// hookWords are where and how often a hook is run.
func hookWords(h plan.HookRun) string {
	switch {
	case !h.Local:
		return fmt.Sprintf("%s in %s", h.Hook, plan.Plural(h.Times, "sandbox", "sandboxes"))
	case h.Times > 1:
		return fmt.Sprintf("%s here, %d times", h.Hook, h.Times)
	}
	return h.Hook + " here"
}

func command(h plan.HookRun) string { return clip(printable(h.Command), widestCommand) }
