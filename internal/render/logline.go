package render

import (
	"regexp"
	"strings"
)

// ansiSequence is what programs write to colour their output and to move about.
var ansiSequence = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\^_])`)

// logLine is a line of a build's log as it is shown: without the codes for a
// terminal, and of what was written over itself the last.
func logLine(text string) string {
	text = strings.TrimRight(ansiSequence.ReplaceAllString(text, ""), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	return printable(strings.ReplaceAll(text, "\t", "  "))
}

// cleanLines is a text of lines as it is shown, each cleaned.
func cleanLines(text string) string {
	if !strings.Contains(text, "\n") {
		return printable(text)
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = logLine(lines[i])
	}
	return strings.Join(lines, "\n")
}
