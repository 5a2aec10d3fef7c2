package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"fleet/internal/foreign"
)

// A canvas is the end of a terminal, where each view is drawn over the one
// before. A terminal that becomes smaller wraps the rows again and scrolls the
// top ones away; one that becomes larger shows them again.
type canvas struct {
	out           io.Writer
	columns, rows int   // size of the terminal when the view was last drawn
	widths        []int // of the drawn rows that were not cleared; those that scrolled away come first
}

// fits reports whether the terminal still has the size of the last drawing.
func (c *canvas) fits(columns, rows int) bool { return columns == c.columns && rows == c.rows }

// draw replaces the view with lines that stay and a new view below them, in one
// write: the view would flicker otherwise.
func (c *canvas) draw(columns, rows int, lines string, view []*viewRow) {
	var b strings.Builder
	up, height := c.rewind(columns, rows)
	b.WriteString(up)
	if lines != "" || !c.fits(columns, rows) || len(view) < height {
		b.WriteString(clearRows(height) + foreign.EscapeColored(lines))
	}
	c.columns, c.rows = columns, rows
	if lines != "" {
		c.widths = nil // rows that scrolled away are above them and cannot be cleared
	}
	if len(c.widths) > 0 { // the view must end at the bottom of the terminal to be found again
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
	_, _ = io.WriteString(c.out, b.String()) // an error loses only progress; the report follows
}

// rewind returns the sequence that moves to the first drawn row that can be
// reached, and the number of rows from there. Only the widths of rows that cannot
// be reached are kept.
func (c *canvas) rewind(columns, rows int) (up string, height int) {
	columns, rows = max(columns, 1), max(rows, 1)
	for _, w := range c.widths {
		height += wrappedRows(w, columns)
	}
	hidden, unreachable := height-rows, 0
	for hidden > 0 {
		if hidden -= wrappedRows(c.widths[unreachable], columns); hidden >= 0 { // a row that is only partly hidden cannot be cleared either
			unreachable++
		}
	}
	c.widths = slices.Clone(c.widths[:unreachable])
	height = min(height, rows)
	return cursorUp(height), height
}

// cursorUp returns the sequence that moves from the last of some rows to the
// beginning of the first.
func cursorUp(height int) string {
	switch height {
	case 0:
		return ""
	case 1:
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", height-1)
}

// clearRows returns the sequence that clears rows one by one and moves back. Some
// terminals scroll their text away if all of it is cleared at once.
func clearRows(height int) string {
	if height == 0 {
		return ""
	}
	return strings.Repeat("\x1b[2K\x1b[B", height-1) + "\x1b[2K" + cursorUp(height)
}

// wrappedRows returns the number of rows of the terminal that a row takes.
func wrappedRows(width, columns int) int { return max((width+columns-1)/columns, 1) }

// clear removes the view and writes lines that stay.
func (c *canvas) clear(columns, rows int, lines string) {
	up, height := c.rewind(columns, rows)
	c.widths = nil
	_, _ = io.WriteString(c.out, up+clearRows(height)+lines)
}
