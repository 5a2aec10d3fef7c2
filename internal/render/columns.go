package render

import (
	"fleet/internal/render/term"
	"fleet/plan"
)

// A Style is how text looks.
type Style = term.Style

// Columns of a plan.
const (
	titleWidth    = 40 // longer titles are cut, or move the notes after them
	titleIndent   = 4  // where titles begin, after the symbol
	detailIndent  = 6  // where the lines below a title begin
	minNotesWidth = 24 // narrower notes go below the title
)

// titleColumns returns the maximum width of the column of titles.
func titleColumns(s Style) int {
	if s.Width > 0 {
		return max(min(titleWidth, s.Width/2-titleIndent), 12)
	}
	return titleWidth
}

// detailColumns returns the maximum width of a line below a title; 0 is no
// limit.
func detailColumns(s Style) int {
	switch {
	case s.Full:
		return 0
	case s.Width > 0:
		return max(s.Width-detailIndent-len(" and 100000 more"), titleWidth)
	}
	return 2 * titleWidth
}

// count returns "1 thing" or "2 things".
func count(n int, thing string) string { return plan.Plural(n, thing, thing+"s") }
