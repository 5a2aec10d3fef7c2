package diff

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"fleet/internal/render/term"
	"github.com/fatih/color"
)

// unifiedContext is the number of equal lines on each side of a change in the
// format of diff -u.
const unifiedContext = 3

// WriteUnified writes the difference of two texts in the format of diff -u, which
// patch and git apply read. Both texts have the same name. It writes nothing
// if the texts are equal.
func WriteUnified(w io.Writer, name, have, want string, s term.Style) {
	list := hunks(unifiedLines(have, want))
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w, s.Paint("--- "+name, color.Bold))
	fmt.Fprintln(w, s.Paint("+++ "+name, color.Bold))
	for _, h := range list {
		fmt.Fprintln(w, s.Paint(h.header(), color.Faint))
		for _, l := range h.lines {
			text, whole := strings.CutSuffix(l.Text, "\n")
			fmt.Fprintln(w, s.Paint(string(l.Sign)+text, unifiedColours[l.Sign]...))
			if !whole {
				fmt.Fprintln(w, `\ No newline at end of file`)
			}
		}
	}
}

var unifiedColours = map[byte][]color.Attribute{'-': {color.FgRed}, '+': {color.FgGreen}}

// unifiedLines returns all lines of both texts, with their newlines, in the
// order in which a difference shows them.
func unifiedLines(have, want string) []Line {
	var list []Line
	for _, d := range lineDiffs(have, want) {
		for text := range strings.Lines(d.Text) {
			list = append(list, Line{Sign: diffSigns[d.Type], Text: text})
		}
	}
	return list
}

// A hunk is a part of a difference: changes with the equal lines around them.
type hunk struct {
	before [2]int // lines of the old and of the new text before the hunk
	counts [2]int // lines of the old and of the new text in the hunk
	lines  []Line
}

// hunks splits the lines of a difference into hunks. Equal lines far from any
// change are in none of them.
func hunks(lines []Line) []hunk {
	var list []hunk
	var before [2]int
	for done := 0; ; {
		start, end := nextHunk(lines, done)
		if start == end {
			return list
		}
		h := hunk{lines: lines[start:end]}
		for _, l := range h.lines {
			if l.Sign != '+' {
				h.counts[0]++
			}
			if l.Sign != '-' {
				h.counts[1]++
			}
		}
		for i := range before { // between hunks, both texts have the same lines
			h.before[i] = before[i] + start - done
			before[i] = h.before[i] + h.counts[i]
		}
		list, done = append(list, h), end
	}
}

// nextHunk returns the bounds of the first hunk from the given line on, which
// are equal if nothing differs. Changes whose contexts touch share a hunk.
func nextHunk(lines []Line, from int) (start, end int) {
	first, last := -1, -1
	for i := from; i < len(lines) && (last < 0 || i <= last+2*unifiedContext+1); i++ {
		if lines[i].Sign == ' ' {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	if first < 0 {
		return len(lines), len(lines)
	}
	return max(first-unifiedContext, from), min(last+1+unifiedContext, len(lines))
}

// header returns the line with the position of a hunk.
func (h hunk) header() string {
	return fmt.Sprintf("@@ -%s +%s @@", lineRange(h.before[0], h.counts[0]), lineRange(h.before[1], h.counts[1]))
}

// lineRange returns the range of n lines that follow the given number of lines.
// diff -u leaves out a count of 1, and numbers an empty range by the line before
// it.
func lineRange(before, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return strconv.Itoa(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, n)
}
