package render

import (
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// A Style is how text looks.
type Style = term.Style

// Columns of a plan.
const (
	titleIndent   = 4  // where titles begin, after the symbol
	detailIndent  = 6  // where the lines below a title begin
	minNotesWidth = 24 // narrower notes go below the title
)

// titleColumns returns the maximum width of the column of titles.
func titleColumns(s Style) int {
	if s.Width > 0 {
		return max(min(steps.TitleWidth, s.Width/2-titleIndent), 12)
	}
	return steps.TitleWidth
}

// detailColumns returns the maximum width of a line below a title; 0 is no
// limit.
func detailColumns(s Style) int {
	switch {
	case s.Full:
		return 0
	case s.Width > 0:
		return max(s.Width-detailIndent-len(" and 100000 more"), steps.TitleWidth)
	}
	return 2 * steps.TitleWidth
}

// count returns "1 thing" or "2 things".
func count(n int, thing string) string { return plan.Plural(n, thing, thing+"s") }
