package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// context is how many equal lines are shown around a change.
const contextLines = 2

// writeDiff writes the difference of two texts by lines.
func writeDiff(w io.Writer, have, want, indent string, s Style) {
	dmp := diffmatchpatch.New()
	a, b, lines := dmp.DiffLinesToChars(whole(have), whole(want))
	diffs := dmp.DiffCharsToLines(dmp.DiffMain(a, b, false), lines)
	for i, d := range diffs {
		text := strings.Split(strings.TrimSuffix(d.Text, "\n"), "\n")
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			writeLines(w, text, indent+"- ", s, color.FgRed)
		case diffmatchpatch.DiffInsert:
			writeLines(w, text, indent+"+ ", s, color.FgGreen)
		case diffmatchpatch.DiffEqual:
			writeLines(w, around(text, i == 0, i == len(diffs)-1), indent+"  ", s, color.Faint)
		}
	}
}

// whole is text that ends in a newline, as all lines but the last do.
func whole(text string) string {
	if text == "" {
		return ""
	}
	return strings.TrimSuffix(text, "\n") + "\n"
}

// around leaves out the middle of equal lines, and what is before the first
// and after the last change.
func around(lines []string, first, last bool) []string {
	const n = contextLines
	switch {
	case first && last, !first && !last && len(lines) <= 2*n, (first || last) && len(lines) <= n:
		return lines
	case first:
		return append([]string{"..."}, lines[len(lines)-n:]...)
	case last:
		return append(append([]string(nil), lines[:n]...), "...")
	}
	return append(append(append([]string(nil), lines[:n]...), "..."), lines[len(lines)-n:]...)
}

func writeLines(w io.Writer, lines []string, prefix string, s Style, c color.Attribute) {
	for _, l := range lines {
		fmt.Fprintln(w, s.paint(prefix+l, c))
	}
}
