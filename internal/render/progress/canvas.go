package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"fleet/internal/foreign"
)

// A canvas is the end of what a terminal shows, where a view is drawn over the
// one before. A terminal that becomes smaller breaks the rows anew, and scrolls
// away those at the top; one that becomes larger brings them back.
type canvas struct {
	out           io.Writer
	columns, rows int   // of the terminal at the last drawing
	widths        []int // of the rows that were drawn and not taken away, those that were scrolled away first
}

// fits reports whether the terminal has the size that was drawn for.
func (c *canvas) fits(columns, rows int) bool { return columns == c.columns && rows == c.rows }

// draw replaces the view by lines that stay, and a new view below them. All is
// written in one go, or the view would flicker.
func (c *canvas) draw(columns, rows int, lines string, view []*viewRow) {
	var b strings.Builder
	up, height := c.rewind(columns, rows)
	b.WriteString(up)
	if lines != "" || !c.fits(columns, rows) || len(view) < height {
		b.WriteString(clearRows(height) + foreign.EscapeColored(lines))
	}
	c.columns, c.rows = columns, rows
	if lines != "" {
		c.widths = nil // what was scrolled away is behind them, and out of reach
	}
	if len(c.widths) > 0 { // to find back to it, the view has to end with the terminal
		view = append(make([]*viewRow, max(rows-len(view), 0)), view...)
	}
	for i, r := range view {
		if i > 0 {
			b.WriteByte('\n')
		}
		width := 0
		if r != nil {
			b.WriteString(foreign.EscapeColored(r.text.String()))
			width = r.width
		}
		b.WriteString("\x1b[K")
		c.widths = append(c.widths, width)
	}
	_, _ = io.WriteString(c.out, b.String()) // who cannot be shown anything has the report
}

// rewind moves to the beginning of what was drawn, as far as that can be reached,
// and tells how many rows that is. What cannot be reached is all that is left of
// the widths.
func (c *canvas) rewind(columns, rows int) (up string, height int) {
	columns, rows = max(columns, 1), max(rows, 1)
	for _, w := range c.widths {
		height += wrappedRows(w, columns)
	}
	hidden, unreachable := height-rows, 0
	for hidden > 0 {
		if hidden -= wrappedRows(c.widths[unreachable], columns); hidden >= 0 { // a row of which only a part is away is given up
			unreachable++
		}
	}
	c.widths = slices.Clone(c.widths[:unreachable])
	height = min(height, rows)
	return cursorUp(height), height
}

// cursorUp moves to the beginning of the first of some rows, from the last.
func cursorUp(height int) string {
	switch height {
	case 0:
		return ""
	case 1:
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", height-1)
}

// clearRows clears rows one by one, and moves back. To clear all of a terminal at
// once makes some scroll away what was there.
func clearRows(height int) string {
	if height == 0 {
		return ""
	}
	return strings.Repeat("\x1b[2K\x1b[B", height-1) + "\x1b[2K" + cursorUp(height)
}

// wrappedRows is how many rows of a terminal a row takes.
func wrappedRows(width, columns int) int { return max((width+columns-1)/columns, 1) }

// clear takes the view away and leaves lines.
func (c *canvas) clear(columns, rows int, lines string) {
	up, height := c.rewind(columns, rows)
	c.widths = nil
	_, _ = io.WriteString(c.out, up+clearRows(height)+lines)
}
