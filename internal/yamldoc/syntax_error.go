package yamldoc

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/diagnostic"
)

// syntaxLine matches a message of the parser with the line, if it has one.
var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError returns the diagnostic of an error of the YAML parser, which gives at
// most a line.
func (f *File) syntaxError(err error, editor lineMap) *diagnostic.Diagnostic {
	m := syntaxLine.FindStringSubmatch(err.Error())
	if m == nil {
		return f.Diagnosticf(diagnostic.Position{File: f.Name}, "", "this is not YAML: %v", err)
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		line = f.lineOfUnnumbered(m[2])
	}
	if expectedByParser.MatchString(m[2]) {
		line++ // the parser counts lines from 0 here
	}
	line = editor.editorLine(line)
	if strings.HasPrefix(m[2], "found a tab character") {
		line = f.firstTabIndent(line)
	}
	anchor := unknownAnchor.FindStringSubmatch(m[2])
	if anchor != nil {
		line = 1 + slices.IndexFunc(f.lines, func(l string) bool { return strings.Contains(l, "*"+anchor[1]) })
	}
	for line > 1 && (line > len(f.lines) || strings.TrimSpace(f.lines[line-1]) == "") {
		line-- // the end of the file: what is not closed is before it
	}
	pos := diagnostic.Position{File: f.Name, Line: line, Column: 1}
	if line > 0 && line <= len(f.lines) {
		text := f.lines[line-1]
		pos.Column = 1 + len([]rune(text)) - len([]rune(strings.TrimLeft(text, " \t")))
		if anchor != nil {
			pos.Column = 1 + len([]rune(text[:strings.Index(text, "*"+anchor[1])]))
		}
	}
	message := m[2]
	if anchor != nil && f.Untrusted {
		message = "unknown anchor referenced"
	}
	wrong := f.Diagnosticf(pos, "", "this is not YAML: %s", message)
	switch shown := f.line(line); {
	case strings.HasPrefix(strings.TrimLeft(shown, " "), "\t"):
		wrong.Hint = "indent with spaces, not with tabs"
	case strings.Contains(shown, "${"):
		wrong.Hint = "within [ ] and { }, texts with ${...} need quotes"
	}
	// What could not be read may be secret.
	if key, _, ok := strings.Cut(wrong.Line, ": "); ok {
		wrong.Line = key + ": ..."
	}
	if strings.ContainsFunc(wrong.Line, isControl) {
		wrong.Line = "" // it would reach the terminal
	}
	return wrong
}

// expectedByParser matches messages of the parser. Those of its scanner begin in the
// same way, but count lines from 1.
var expectedByParser = regexp.MustCompile(`^did not find expected (<|node content|key|',' or|'-')`)

// firstTabIndent returns the first line from line on that is indented with a tab, or
// line itself.
func (f *File) firstTabIndent(line int) int {
	for n := max(line, 1); n <= len(f.lines); n++ {
		text := f.lines[n-1]
		if blank := text[:len(text)-len(strings.TrimLeft(text, " \t"))]; strings.Contains(blank, "\t") {
			return n
		}
	}
	return line
}

// lineOfUnnumbered returns the line of an error for which the parser gives none: a
// control character, or an error in the first line.
func (f *File) lineOfUnnumbered(message string) int {
	if strings.HasPrefix(message, "control characters") {
		return 1 + max(0, slices.IndexFunc(f.lines, func(l string) bool { return strings.ContainsFunc(l, isControl) }))
	}
	return 1
}

// isControl reports whether YAML does not allow a character.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\r' || r > '~' && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}

// unknownAnchor matches the message about an alias without an anchor.
var unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
