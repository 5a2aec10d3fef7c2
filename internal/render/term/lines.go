package term

import (
	"regexp"
	"strings"
)

// ansiSequence matches the control sequences of terminals.
var ansiSequence = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\^_])`)

// LogLine returns a line of a build's log without control sequences. Of text
// that a carriage return overwrites it has the last version.
func LogLine(text string) string {
	text = strings.TrimRight(ansiSequence.ReplaceAllString(text, ""), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	return Printable(strings.ReplaceAll(text, "\t", "  "))
}

// CleanLines returns a text whose lines are fit for a terminal.
func CleanLines(text string) string {
	if !strings.Contains(text, "\n") {
		return Printable(text)
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = LogLine(lines[i])
	}
	return strings.Join(lines, "\n")
}

// IndentLines indents the lines of a text after the first.
func IndentLines(text string) string { return strings.ReplaceAll(text, "\n", "\n      ") }

// TabbedRow returns a row for a tabwriter. Tabs and newlines in the cells are
// escaped, so that the table keeps its shape.
func TabbedRow(cells ...string) string {
	shown := make([]string, len(cells))
	for i, text := range cells {
		shown[i] = Printable(text)
	}
	return strings.Join(shown, "\t")
}
