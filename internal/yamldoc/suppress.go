package yamldoc

import (
	"regexp"
	"strings"

	"fleet/internal/diagnostic"
)

// suppressComment matches the comment that silences warnings on its line, by their
// codes. Text after -- is for readers.
var suppressComment = regexp.MustCompile(`^#\s*fleet:ignore\b(.*)$`)

// SuppressedCodes returns the codes of the warnings that are silenced on a line.
func (f *File) SuppressedCodes(line int) []string {
	if line < 1 || line > len(f.lines) {
		return nil
	}
	codes, known := f.suppressed[line]
	if !known { // many values may stand on one long line
		codes, _ = ParseSuppression(f.lines[line-1])
		if f.suppressed == nil {
			f.suppressed = map[int][]string{}
		}
		f.suppressed[line] = codes
	}
	return codes
}

// ParseSuppression returns the codes that a line of YAML silences, and reports whether
// it has such a comment.
func ParseSuppression(line string) (codes []string, found bool) {
	if !strings.Contains(line, "fleet:ignore") {
		return nil, false
	}
	m := suppressComment.FindStringSubmatch(trailingComment(line))
	if m == nil {
		return nil, false
	}
	list, _, _ := strings.Cut(m[1], "--")
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' }), true
}

// trailingComment returns the comment at the end of a line of YAML, including its #. A
// # within quotes or within a word starts no comment.
func trailingComment(line string) string {
	quote, before := rune(0), ' '
	for i, r := range line {
		switch {
		case quote != 0:
			if r == quote && (quote != '"' || before != '\\') {
				quote = 0
			} else if before == '\\' {
				r = 0 // the backslash is escaped itself, or it escapes r
			}
		case r == '#' && (before == ' ' || before == '\t'):
			return line[i:]
		case (r == '"' || r == '\'') && strings.ContainsRune(" \t[{,:'", before): // '' stands for one within a text
			quote = r
		}
		before = r
	}
	return ""
}

// A Suppression is a comment that silences warnings on its line.
type Suppression struct {
	Pos   diagnostic.Position
	Codes []string
}

// Suppressions returns the comments of the file that silence warnings.
func (f *File) Suppressions() []Suppression {
	var list []Suppression
	for i, line := range f.lines {
		if codes, found := ParseSuppression(line); found {
			column := 1 + len([]rune(strings.TrimSuffix(line, trailingComment(line))))
			list = append(list, Suppression{diagnostic.Position{File: f.Name, Line: i + 1, Column: column}, codes})
		}
	}
	return list
}
