package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fleet/internal/suggest"
)

// suppressComment is the comment that silences warnings on its line, by their
// codes. What follows -- is for readers.
var suppressComment = regexp.MustCompile(`^#\s*fleet:ignore\b(.*)$`)

// suppressedCodes returns the codes of the warnings that a line of the file
// acknowledges.
func (d *decoder) suppressedCodes(line int) []string {
	if line < 1 || line > len(d.lines) {
		return nil
	}
	codes, _ := parseSuppression(d.lines[line-1])
	return codes
}

// parseSuppression returns the codes that a line of YAML acknowledges, and reports
// whether it has such a comment at all.
func parseSuppression(line string) (codes []string, found bool) {
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

// trailingComment returns the comment that ends a line of YAML, from its # on. A # in
// quotes, or within a word, begins none.
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

// checkSuppressedCodes warns of acknowledgements that silence nothing, since they name
// no code or one that does not exist.
func (l *loader) checkSuppressedCodes() {
	known := slices.Sorted(maps.Keys(WarningRules()))
	for _, d := range l.decoders {
		if d.untrusted {
			continue
		}
		for i, line := range d.lines {
			codes, found := parseSuppression(line)
			if !found {
				continue
			}
			column := 1 + len([]rune(strings.TrimSuffix(line, trailingComment(line))))
			pos := Position{File: d.file, Line: i + 1, Column: column}
			if len(codes) == 0 {
				d.warnfAt("unknown-code", pos, "", "fleet:ignore names no warning").Hint = "write a code after it: " + strings.Join(known, ", ")
			}
			for _, code := range codes {
				if slices.Contains(known, code) {
					continue
				}
				m := d.warnfAt("unknown-code", pos, "", "there is no warning with the code %q", code)
				if m.Hint = suggest.DidYouMean(code, known); m.Hint == "" {
					m.Hint = fmt.Sprintf("known are %s", strings.Join(known, ", "))
				}
			}
		}
	}
}
