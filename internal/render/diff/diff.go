// Package diff writes the differences of texts, for plans and in the format of
// diff -u.
package diff

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
	"github.com/fatih/color"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// contextLines is the number of equal lines shown on each side of a change.
const contextLines = 2

// MaxLines is the number of lines of a difference that are shown by default.
const MaxLines = 60

// A Line is a line of a difference.
type Line struct {
	Sign  byte     // '-' is removed, '+' is added, ' ' is in both texts
	Text  string   // printable, without a newline
	marks [][2]int // ranges of Text that differ from the paired line
}

// Lines returns the difference of two texts by lines, with some equal lines
// around each change.
func Lines(have, want string) []Line {
	diffs := lineDiffs(ensureNewline(have), ensureNewline(want))
	var list []Line
	for i, d := range diffs {
		text := strings.Split(strings.TrimSuffix(d.Text, "\n"), "\n")
		sign := diffSigns[d.Type]
		if sign == ' ' {
			text = trimContext(text, i == 0, i == len(diffs)-1)
		}
		for _, t := range text {
			list = append(list, Line{Sign: sign, Text: printableWithTabs(t)})
		}
	}
	return list
}

var diffSigns = map[diffmatchpatch.Operation]byte{diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+', diffmatchpatch.DiffEqual: ' '}

// lineDiffs compares two texts line by line.
func lineDiffs(have, want string) []diffmatchpatch.Diff {
	dmp := diffmatchpatch.New()
	a, b, lines := dmp.DiffLinesToChars(have, want)
	return dmp.DiffCharsToLines(dmp.DiffMain(a, b, false), lines)
}

// printableWithTabs returns a line whose control characters other than tabs are
// escaped.
func printableWithTabs(line string) string {
	if !strings.Contains(line, "\t") {
		return term.Printable(line)
	}
	parts := strings.Split(line, "\t")
	for i, p := range parts {
		parts[i] = term.Printable(p)
	}
	return strings.Join(parts, "\t")
}

// Write writes the difference of two texts by lines. In colour, the words that
// differ within a line are underlined.
func Write(w io.Writer, have, want, indent string, s term.Style) {
	list := Lines(have, want)
	left := 0
	if !s.Full && len(list) > MaxLines+MaxLines/4 {
		list, left = list[:MaxLines], len(list)-MaxLines
	}
	if s.Color {
		markWords(list)
	}
	for _, l := range list {
		writeDiffLine(w, l, indent, s)
	}
	if left > 0 {
		fmt.Fprintln(w, s.Faint(indent+"  "+term.Ellipsis+" "+plan.Plural(left, "more line", "more lines")+"; --full shows all"))
	}
}

var signColours = map[byte]color.Attribute{'-': color.FgRed, '+': color.FgGreen, ' ': color.Faint}

func writeDiffLine(w io.Writer, l Line, indent string, s term.Style) {
	c := signColours[l.Sign]
	if len(l.marks) == 0 {
		fmt.Fprintln(w, s.Paint(indent+string(l.Sign)+" "+l.Text, c))
		return
	}
	text, at := s.Paint(indent+string(l.Sign)+" ", c), 0
	for _, m := range l.marks {
		if m[0] > at {
			text += s.Paint(l.Text[at:m[0]], c)
		}
		text += s.Paint(l.Text[m[0]:m[1]], c, color.Bold, color.Underline)
		at = m[1]
	}
	if at < len(l.Text) {
		text += s.Paint(l.Text[at:], c)
	}
	fmt.Fprintln(w, text)
}

// ensureNewline returns a text that ends in a newline, unless it is empty: the
// last line is then compared like the others.
func ensureNewline(text string) string {
	if text == "" {
		return ""
	}
	return strings.TrimSuffix(text, "\n") + "\n"
}

// trimContext omits equal lines that are far from a change. first and last
// are set for the lines before the first and after the last change.
func trimContext(lines []string, first, last bool) []string {
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
