package render

import (
	"strings"

	"fleet/internal/foreign"
)

// TabbedRow is a row for a tabwriter. Whatever its cells hold, it is one row of as many
// cells.
func TabbedRow(texts ...string) string {
	shown := make([]string, len(texts))
	for i, text := range texts {
		shown[i] = foreign.Escape(text)
	}
	return strings.Join(shown, "\t")
}
