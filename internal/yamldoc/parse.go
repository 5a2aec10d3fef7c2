package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/expr"
)

// NewDecoder returns a decoder of the documents of a text. Unlike yaml.v3 it accepts
// byte order marks before documents and %YAML 1.2.
func NewDecoder(text []byte) *yaml.Decoder {
	return yaml.NewDecoder(bytes.NewReader(asYAML11(TrimBOMs(text))))
}

// A Source is a named text that is part of a spec.
type Source struct {
	Name string
	Text []byte
}

// Parse parses all documents of a source, empty ones included. The error has
// type [diagnostic.Diagnostics].
func Parse(s Source) ([]*yaml.Node, error) {
	documents, wrong := NewFile(s).Parse(s.Text, MaxDocuments)
	if wrong != nil {
		return nil, diagnostic.Diagnostics{wrong}
	}
	return documents, nil
}

// MaxDocuments bounds the YAML documents of a spec.
const MaxDocuments = 50_000

// Parse parses all documents of a text, at most limit of them. Their positions are
// those that an editor shows. It returns either documents or what is wrong.
func (f *File) Parse(text []byte, limit int) ([]*yaml.Node, *diagnostic.Diagnostic) {
	if wrong := f.check(text); wrong != nil {
		return nil, wrong
	}
	return f.parse(text, limit)
}

// check returns what makes a text unfit to be parsed, or nil.
func (f *File) check(text []byte) *diagnostic.Diagnostic {
	for _, check := range []func([]byte) *diagnostic.Diagnostic{f.checkUTF8, f.checkUnambiguous, f.checkYAMLVersion} {
		if wrong := check(text); wrong != nil {
			return wrong
		}
	}
	return nil
}

// parse is Parse for a text that was checked.
func (f *File) parse(text []byte, limit int) ([]*yaml.Node, *diagnostic.Diagnostic) {
	lines := newLineMap(TrimBOMs(text))
	documents := []*yaml.Node{}
	for dec := NewDecoder(text); ; {
		var document yaml.Node
		switch err := dec.Decode(&document); {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			return nil, f.syntaxError(err, lines)
		}
		lines.correctPositions(&document)
		if len(documents) == limit {
			m := f.Diagnosticf(f.Position(&document), "", "the spec has more than %d documents", MaxDocuments)
			m.Line = ""
			return nil, m
		}
		documents = append(documents, &document)
	}
}

// checkUTF8 returns an error at the first byte that is not UTF-8.
func (f *File) checkUTF8(text []byte) *diagnostic.Diagnostic {
	i := InvalidUTF8(text)
	if i < 0 {
		return nil
	}
	return f.Diagnosticf(f.positionAt(text, i), "", "the file is not UTF-8 text")
}

// InvalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func InvalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// ambiguous are characters that some YAML parsers skip or treat as a line end, and
// others do not.
const ambiguous = "\u0085\u2028\u2029\ufeff"

// checkUnambiguous returns an error at the first ambiguous character. Byte order
// marks that begin a document are allowed.
func (f *File) checkUnambiguous(text []byte) *diagnostic.Diagnostic {
	text = TrimBOMs(text)
	i := bytes.IndexAny(text, ambiguous)
	if i < 0 {
		return nil
	}
	r, _ := utf8.DecodeRune(text[i:])
	m := f.Diagnosticf(f.positionAt(text, i), "", "the character %U means different things to different readers of YAML", r)
	m.Hint = fmt.Sprintf(`write it as "\u%04X", in double quotes`, r)
	m.Line = "" // it may hold what must not be shown
	return m
}

// positionAt returns the position of the byte at offset i of the text.
func (f *File) positionAt(text []byte, i int) diagnostic.Position {
	line := 1 + bytes.Count(text[:i], []byte("\n"))
	before := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
	return diagnostic.Position{File: f.Name, Line: line, Column: 1 + utf8.RuneCount(before)}
}

// versionDirective matches a line with the YAML version of a document.
var versionDirective = regexp.MustCompile(`^%YAML[ \t]+(\d+)\.(\d+)[ \t\r\n]*(?:$|[ \t]#)`)

// asYAML11 returns a text in which documents of YAML 1.2 are marked as 1.1. The parser
// refuses 1.2, though it reads both in the same way.
func asYAML11(text []byte) []byte {
	if !bytes.Contains(text, []byte("%YAML")) {
		return text
	}
	text = bytes.Clone(text)
	for _, at := range yamlDirectives(text) {
		if string(text[at.major[0]:at.major[1]]) == "1" && string(text[at.minor[0]:at.minor[1]]) == "2" {
			text[at.minor[0]] = '1'
		}
	}
	return text
}

// checkYAMLVersion returns an error at the first document for a version of YAML other
// than 1.1 and 1.2.
func (f *File) checkYAMLVersion(text []byte) *diagnostic.Diagnostic {
	text = TrimBOMs(text)
	for _, at := range yamlDirectives(text) {
		version := string(text[at.major[0]:at.minor[1]])
		if version == "1.1" || version == "1.2" {
			continue
		}
		m := f.Diagnosticf(f.positionAt(text, at.begin), "", "the document is for YAML %s; YAML 1.1 and 1.2 are read", expr.Truncate(version))
		m.Hint = "write %YAML 1.2, or take the line out"
		return m
	}
	return nil
}

// A yamlDirective is a %YAML directive of a text, with its offsets in bytes.
type yamlDirective struct {
	begin        int
	major, minor [2]int
}

// yamlDirectives returns the %YAML directives of a text. They are above the marker of a
// document, at the beginning or after an end marker. Elsewhere the same line can be
// part of a quoted text.
func yamlDirectives(text []byte) []yamlDirective {
	var found []yamlDirective
	above, begin := true, 0
	for line := range bytes.Lines(text) {
		switch {
		case above && bytes.HasPrefix(line, []byte("%")):
			if m := versionDirective.FindSubmatchIndex(line); m != nil {
				found = append(found, yamlDirective{begin, [2]int{begin + m[2], begin + m[3]}, [2]int{begin + m[4], begin + m[5]}})
			}
		case bytes.HasPrefix(line, []byte("...")) && len(bytes.TrimSpace(line[3:])) == 0:
			above = true
		default:
			above = above && isBlankOrComment(line)
		}
		begin += len(line)
	}
	return found
}

// A lineMap maps the lines that the parser counts to the lines of an editor, with the
// number of characters before them there: the parser also ends a line at a lone
// carriage return. It is empty if the file has none.
type lineMap []struct{ line, column int }

// newLineMap returns the line map of a text.
func newLineMap(text []byte) lineMap {
	if bytes.Count(text, []byte("\r")) == bytes.Count(text, []byte("\r\n")) {
		return nil
	}
	r, line, shown := lineMap{{line: 1}}, 1, 0
	for i, c := range text {
		switch {
		case c == '\n':
			line++
			shown = i + 1
		case c != '\r' || i+1 < len(text) && text[i+1] == '\n':
			continue
		}
		r = append(r, struct{ line, column int }{line, utf8.RuneCount(text[shown : i+1])})
	}
	return r
}

// correctPositions sets the positions of n and all below it to those of an editor.
func (r lineMap) correctPositions(n *yaml.Node) {
	if len(r) == 0 {
		return
	}
	if n.Line > 0 && n.Line <= len(r) {
		at := r[n.Line-1]
		n.Line, n.Column = at.line, n.Column+at.column
	}
	for _, child := range n.Content {
		r.correctPositions(child)
	}
}

// editorLine returns the line of an editor for a line that the parser counts.
func (r lineMap) editorLine(line int) int {
	if line > 0 && line <= len(r) {
		return r[line-1].line
	}
	return line
}
