package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// NewYAMLDecoder returns a decoder of the documents of a text, whose byte order marks and
// %NewYAMLDecoder directives it takes as the NewYAMLDecoder standard does.
func NewYAMLDecoder(text []byte) *yaml.Decoder {
	return yaml.NewDecoder(bytes.NewReader(asYAML11(TrimBOMs(text))))
}

// ParseDocuments parses all documents of a source, empty ones included. An error is
// of type [Mistakes]: the text is not YAML, or not the same to all its readers.
func ParseDocuments(s Source) ([]*yaml.Node, error) {
	l := newLoader(Options{})
	documents := l.newDecoder(s).parse(s.Text)
	if l.errorCount > 0 {
		return nil, l.diagnostics
	}
	return documents, nil
}

// parse parses all documents of a text, with the positions that an editor
// shows, or tells of a mistake and returns none.
func (d *decoder) parse(text []byte) []*yaml.Node {
	if !d.checkUTF8(text) || !d.checkUnambiguous(text) || !d.checkYAMLVersion(text) {
		return nil
	}
	d.lineMap = newLineMap(TrimBOMs(text))
	documents := []*yaml.Node{}
	for dec := NewYAMLDecoder(text); ; {
		var document yaml.Node
		switch err := dec.Decode(&document); {
		case errors.Is(err, io.EOF):
			return documents
		case err != nil:
			d.syntaxError(err)
			return nil
		}
		d.lineMap.correctPositions(&document)
		if d.loader.documents++; d.loader.documents > maxDocuments {
			m := d.errorf(&document, "", "the spec has more than %d documents", maxDocuments)
			m.Line = ""
			return nil
		}
		documents = append(documents, &document)
	}
}

// checkUTF8 tells where a source is not UTF-8.
func (d *decoder) checkUTF8(text []byte) bool {
	i := invalidUTF8(text)
	if i >= 0 {
		d.errorfAt(d.positionAt(text, i), "", "the file is not UTF-8 text")
	}
	return i < 0
}

// ambiguous are characters that some readers of YAML skip or take for the end
// of a line, and others do not.
const ambiguous = "\u0085\u2028\u2029\ufeff"

// checkUnambiguous tells of the first ambiguous character, marks of documents apart.
func (d *decoder) checkUnambiguous(text []byte) bool {
	text = TrimBOMs(text)
	i := bytes.IndexAny(text, ambiguous)
	if i < 0 {
		return true
	}
	r, _ := utf8.DecodeRune(text[i:])
	m := d.errorfAt(d.positionAt(text, i), "", "the character %U means different things to different readers of YAML", r)
	m.Hint = fmt.Sprintf(`write it as "\u%04X", in double quotes`, r)
	m.Line = "" // it may hold what must not be shown
	return false
}

// positionAt is the place of a byte of the text.
func (d *decoder) positionAt(text []byte, i int) Position {
	line := 1 + bytes.Count(text[:i], []byte("\n"))
	before := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
	return Position{File: d.file, Line: line, Column: 1 + utf8.RuneCount(before)}
}

// versionDirective is a line that says for which version of YAML a document is.
var versionDirective = regexp.MustCompile(`^%YAML[ \t]+(\d+)\.(\d+)[ \t\r\n]*(?:$|[ \t]#)`)

// asYAML11 is a text whose documents for YAML 1.2 are for 1.1, with all else at its
// place: the parser reads both alike, and refuses to do so.
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

// checkYAMLVersion tells of a document for a version of YAML that is not known.
func (d *decoder) checkYAMLVersion(text []byte) bool {
	text = TrimBOMs(text)
	for _, at := range yamlDirectives(text) {
		version := string(text[at.major[0]:at.minor[1]])
		if version == "1.1" || version == "1.2" {
			continue
		}
		m := d.errorfAt(d.positionAt(text, at.begin), "", "the document is for YAML %s; YAML 1.1 and 1.2 are read", truncate(version))
		m.Hint = "write %YAML 1.2, or take the line out"
		return false
	}
	return true
}

// A yamlDirective is a %YAML directive of a text, by its offsets.
type yamlDirective struct {
	begin        int
	major, minor [2]int
}

// yamlDirectives finds the %YAML directives of a text. They stand above the marker of
// a document, at the beginning or after the marker of an end. Elsewhere the
// same line can be part of a text in quotes.
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

// A returns says, for each line that the parser counts, on which line of an
// editor it is and how many characters are before it there. A carriage return
// on its own ends a line for the parser. It is empty if there is none.
type lineMap []struct{ line, column int }

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

// correctPositions gives the nodes of a document the positions that an editor shows.
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

// editorLine is the line of an editor for one that the parser counts.
func (r lineMap) editorLine(line int) int {
	if line > 0 && line <= len(r) {
		return r[line-1].line
	}
	return line
}
