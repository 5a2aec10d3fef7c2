package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// newDecoder is a decoder for a source, with its text by lines for excerpts.
func (l *loader) newDecoder(s Source) *decoder {
	text := strings.ReplaceAll(string(TrimBOMs(s.Text)), "\r\n", "\n")
	d := &decoder{
		file: s.Name, lines: strings.Split(text, "\n"),
		loader: l,
	}
	l.decoders = append(l.decoders, d)
	return d
}

// documents parses a source to the roots of its documents, or tells of a
// mistake and returns none.
func (d *decoder) documents(text []byte) []*yaml.Node {
	text = d.loader.rule.source(text)
	documents := d.parse(text)
	if documents != nil && len(documents) == 0 {
		d.errorfAt(Position{File: d.file, Line: 1, Column: 1}, "", "the file is empty").Hint = "a spec begins with version: 1 and name: NAME"
		return nil
	}
	d.checkFinalNewline(text, documents)
	var roots []*yaml.Node
	for _, doc := range documents {
		if len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			roots = append(roots, doc.Content[0])
		}
	}
	return roots
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError tells of an error of the YAML parser, which gives at most a line.
func (d *decoder) syntaxError(err error) {
	m := syntaxLine.FindStringSubmatch(err.Error())
	if m == nil {
		d.errorfAt(Position{File: d.file}, "", "this is not YAML: %v", err)
		return
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		line = d.lineOfUnnumbered(m[2])
	}
	if expectedByParser.MatchString(m[2]) {
		line++ // the parser counts lines from 0 here
	}
	line = d.lineMap.editorLine(line)
	if strings.HasPrefix(m[2], "found a tab character") {
		line = d.firstTabIndent(line)
	}
	anchor := unknownAnchor.FindStringSubmatch(m[2])
	if anchor != nil {
		line = 1 + slices.IndexFunc(d.lines, func(l string) bool { return strings.Contains(l, "*"+anchor[1]) })
	}
	for line > 1 && (line > len(d.lines) || strings.TrimSpace(d.lines[line-1]) == "") {
		line-- // the end of the file: what is not closed is before it
	}
	pos := Position{File: d.file, Line: line, Column: 1}
	if line > 0 && line <= len(d.lines) {
		text := d.lines[line-1]
		pos.Column = 1 + len([]rune(text)) - len([]rune(strings.TrimLeft(text, " \t")))
		if anchor != nil {
			pos.Column = 1 + len([]rune(text[:strings.Index(text, "*"+anchor[1])]))
		}
	}
	message := m[2]
	if anchor != nil && d.untrusted {
		message = "unknown anchor referenced"
	}
	mistake := d.errorfAt(pos, "", "this is not YAML: %s", message)
	switch shown := d.line(line); {
	case strings.HasPrefix(strings.TrimLeft(shown, " "), "\t"):
		mistake.Hint = "indent with spaces, not with tabs"
	case strings.Contains(shown, exprOpen):
		mistake.Hint = "within [ ] and { }, texts with ${...} need quotes"
	}
	// What could not be read may be secret.
	if key, _, ok := strings.Cut(mistake.Line, ": "); ok {
		mistake.Line = key + ": ..."
	}
	if strings.ContainsFunc(mistake.Line, isControl) {
		mistake.Line = "" // it would reach the terminal
	}
}

// expectedByParser matches what the parser says of what it did not find; the
// scanner beneath it has messages that begin alike.
var expectedByParser = regexp.MustCompile(`^did not find expected (<|node content|key|',' or|'-')`)

// firstTabIndent is the first line from the one on, which is where the parser was,
// that a tab indents.
func (d *decoder) firstTabIndent(line int) int {
	for n := max(line, 1); n <= len(d.lines); n++ {
		text := d.lines[n-1]
		if blank := text[:len(text)-len(strings.TrimLeft(text, " \t"))]; strings.Contains(blank, "\t") {
			return n
		}
	}
	return line
}

// lineOfUnnumbered is the line of an error that the parser gives no line for: a
// character that it does not take, or something in the first line.
func (d *decoder) lineOfUnnumbered(message string) int {
	if strings.HasPrefix(message, "control characters") {
		return 1 + max(0, slices.IndexFunc(d.lines, func(l string) bool { return strings.ContainsFunc(l, isControl) }))
	}
	return 1
}

// isControl is whether YAML has no place for a character.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\r' || r > '~' && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
