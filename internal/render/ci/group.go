package ci

import (
	"fmt"
	"io"

	"fleet/internal/foreign"
)

// BeginGroup starts a group of lines, which the log of GitHub Actions folds. Groups do not
// nest.
func BeginGroup(w io.Writer, title string) error {
	_, err := fmt.Fprintf(w, "::group::%s\n", escapeData(foreign.EscapeLog(title)))
	return err
}

// EndGroup ends the group.
func EndGroup(w io.Writer) error {
	_, err := io.WriteString(w, "::endgroup::\n")
	return err
}
