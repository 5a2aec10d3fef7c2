package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// contextLines is how many equal lines are shown around a change.
const contextLines = 2

// maxDiffLines is how many lines of a difference are shown when not all is to be.
const maxDiffLines = 60

// A diffLine is a line of a difference: '-' goes, '+' comes, ' ' stays.
type diffLine struct {
	sign  byte
	text  string
	marks [][2]int // of the text, what is not in the line beside it
}

// diffLines is the difference of two texts by lines, with as much around the
// changes as a reader needs.
func diffLines(have, want string) []diffLine {
	diffs := lineDiffs(ensureNewline(have), ensureNewline(want))
	var list []diffLine
	for i, d := range diffs {
		text := strings.Split(strings.TrimSuffix(d.Text, "\n"), "\n")
		sign := diffSigns[d.Type]
		if sign == ' ' {
			text = trimContext(text, i == 0, i == len(diffs)-1)
		}
		for _, t := range text {
			list = append(list, diffLine{sign: sign, text: printableWithTabs(t)})
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

// printableWithTabs is a line with all that it holds; tabs stay.
func printableWithTabs(line string) string {
	if !strings.Contains(line, "\t") {
		return printable(line)
	}
	parts := strings.Split(line, "\t")
	for i, p := range parts {
		parts[i] = printable(p)
	}
	return strings.Join(parts, "\t")
}

// writeDiff writes the difference of two texts by lines. In colour, the words
// that differ within a line stand out.
func writeDiff(w io.Writer, have, want, indent string, s Style) {
	list := diffLines(have, want)
	left := 0
	if !s.Full && len(list) > maxDiffLines+maxDiffLines/4 {
		list, left = list[:maxDiffLines], len(list)-maxDiffLines
	}
	if s.Color {
		markWords(list)
	}
	for _, l := range list {
		writeDiffLine(w, l, indent, s)
	}
	if left > 0 {
		fmt.Fprintln(w, s.faint(indent+"  "+ellipsis+" "+count(left, "more line")+"; --full shows all"))
	}
}

var signColours = map[byte]color.Attribute{'-': color.FgRed, '+': color.FgGreen, ' ': color.Faint}

func writeDiffLine(w io.Writer, l diffLine, indent string, s Style) {
	c := signColours[l.sign]
	if len(l.marks) == 0 {
		fmt.Fprintln(w, s.paint(indent+string(l.sign)+" "+l.text, c))
		return
	}
	text, at := s.paint(indent+string(l.sign)+" ", c), 0
	for _, m := range l.marks {
		if m[0] > at {
			text += s.paint(l.text[at:m[0]], c)
		}
		text += s.paint(l.text[m[0]:m[1]], c, color.Bold, color.Underline)
		at = m[1]
	}
	if at < len(l.text) {
		text += s.paint(l.text[at:], c)
	}
	fmt.Fprintln(w, text)
}

// ensureNewline is text that ends in a newline, as all lines but the last do.
func ensureNewline(text string) string {
	if text == "" {
		return ""
	}
	return strings.TrimSuffix(text, "\n") + "\n"
}

// trimContext leaves out the middle of equal lines, and what is before the first
// and after the last change.
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
