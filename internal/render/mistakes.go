package render

import (
	"fmt"
	"io"

	"fleet/spec"
)

// Mistakes writes what is wrong with a spec, each mistake with its line.
func Mistakes(w io.Writer, ms spec.Mistakes, s Style) {
	for _, m := range ms {
		text := m.Message
		if m.Path != "" {
			text = m.Path + ": " + text
		}
		fmt.Fprintf(w, "%s %s %s\n", s.bold(m.Pos.String()+":"), s.bad("error:"), text)
		fmt.Fprint(w, m.Excerpt())
		if m.Hint != "" {
			fmt.Fprintf(w, "  %s\n", s.good(m.Hint))
		}
	}
	if len(ms) > 1 {
		fmt.Fprintf(w, "%s in the spec; nothing was sent.\n", count(len(ms), "mistake"))
	}
}
