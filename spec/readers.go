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

// YAML returns a decoder of the documents of a text, whose byte order marks and
// %YAML directives it takes as the YAML standard does.
func YAML(text []byte) *yaml.Decoder {
	return yaml.NewDecoder(bytes.NewReader(as11(WithoutMarks(text))))
}

// Documents parses all documents of a source, empty ones included. An error is
// of type [Mistakes]: the text is not YAML, or not the same to all its readers.
func Documents(s Source) ([]*yaml.Node, error) {
	l := newLoader(Options{})
	documents := l.newDecoder(s).parse(s.Text)
	if l.found > 0 {
		return nil, l.mistakes
	}
	return documents, nil
}

// parse parses all documents of a text, with the positions that an editor
// shows, or tells of a mistake and returns none.
func (d *decoder) parse(text []byte) []*yaml.Node {
	if !d.isText(text) || !d.isUnambiguous(text) || !d.isKnownVersion(text) {
		return nil
	}
	d.breaks = loneReturns(WithoutMarks(text))
	documents := []*yaml.Node{}
	for dec := YAML(text); ; {
		var document yaml.Node
		switch err := dec.Decode(&document); {
		case errors.Is(err, io.EOF):
			return documents
		case err != nil:
			d.syntax(err)
			return nil
		}
		d.breaks.correct(&document)
		if d.values.documents++; d.values.documents > maxDocuments {
			m := d.mistake(&document, "", "the spec has more than %d documents", maxDocuments)
			m.Line = ""
			return nil
		}
		documents = append(documents, &document)
	}
}

// isText tells where a source is not UTF-8.
func (d *decoder) isText(text []byte) bool {
	i := invalidUTF8(text)
	if i >= 0 {
		d.mistakeAt(d.offset(text, i), "", "the file is not UTF-8 text")
	}
	return i < 0
}

// ambiguous are characters that some readers of YAML skip or take for the end
// of a line, and others do not.
const ambiguous = "\u0085\u2028\u2029\ufeff"

// isUnambiguous tells of the first ambiguous character, marks of documents apart.
func (d *decoder) isUnambiguous(text []byte) bool {
	text = WithoutMarks(text)
	i := bytes.IndexAny(text, ambiguous)
	if i < 0 {
		return true
	}
	r, _ := utf8.DecodeRune(text[i:])
	m := d.mistakeAt(d.offset(text, i), "", "the character %U means different things to different readers of YAML", r)
	m.Hint = fmt.Sprintf(`write it as "\u%04X", in double quotes`, r)
	m.Line = "" // it may hold what must not be shown
	return false
}

// offset is the place of a byte of the text.
func (d *decoder) offset(text []byte, i int) Position {
	line := 1 + bytes.Count(text[:i], []byte("\n"))
	before := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
	return Position{d.file, line, 1 + utf8.RuneCount(before)}
}

// versionDirective is a line that says for which version of YAML a document is.
var versionDirective = regexp.MustCompile(`^%YAML[ \t]+(\d+)\.(\d+)[ \t\r\n]*(?:$|[ \t]#)`)

// as11 is a text whose documents for YAML 1.2 are for 1.1, with all else at its
// place: the parser reads both alike, and refuses to do so.
func as11(text []byte) []byte {
	if !bytes.Contains(text, []byte("%YAML")) {
		return text
	}
	text = bytes.Clone(text)
	for _, at := range versions(text) {
		if string(text[at.major[0]:at.major[1]]) == "1" && string(text[at.minor[0]:at.minor[1]]) == "2" {
			text[at.minor[0]] = '1'
		}
	}
	return text
}

// isKnownVersion tells of a document for a version of YAML that is not known.
func (d *decoder) isKnownVersion(text []byte) bool {
	text = WithoutMarks(text)
	for _, at := range versions(text) {
		version := string(text[at.major[0]:at.minor[1]])
		if version == "1.1" || version == "1.2" {
			continue
		}
		m := d.mistakeAt(d.offset(text, at.begin), "", "the document is for YAML %s; YAML 1.1 and 1.2 are read", shortened(version))
		m.Hint = "write %YAML 1.2, or take the line out"
		return false
	}
	return true
}

// A versionAt is a %YAML directive of a text, by its offsets.
type versionAt struct {
	begin        int
	major, minor [2]int
}

// versions finds the %YAML directives of a text. They stand above the marker of
// a document, at the beginning or after the marker of an end. Elsewhere the
// same line can be part of a text in quotes.
func versions(text []byte) []versionAt {
	var found []versionAt
	above, begin := true, 0
	for line := range bytes.Lines(text) {
		switch {
		case above && bytes.HasPrefix(line, []byte("%")):
			if m := versionDirective.FindSubmatchIndex(line); m != nil {
				found = append(found, versionAt{begin, [2]int{begin + m[2], begin + m[3]}, [2]int{begin + m[4], begin + m[5]}})
			}
		case bytes.HasPrefix(line, []byte("...")) && len(bytes.TrimSpace(line[3:])) == 0:
			above = true
		default:
			above = above && isFiller(line)
		}
		begin += len(line)
	}
	return found
}

// A returns says, for each line that the parser counts, on which line of an
// editor it is and how many characters are before it there. A carriage return
// on its own ends a line for the parser. It is empty if there is none.
type returns []struct{ line, column int }

func loneReturns(text []byte) returns {
	if bytes.Count(text, []byte("\r")) == bytes.Count(text, []byte("\r\n")) {
		return nil
	}
	r, line, shown := returns{{line: 1}}, 1, 0
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

// correct gives the nodes of a document the positions that an editor shows.
func (r returns) correct(n *yaml.Node) {
	if len(r) == 0 {
		return
	}
	if n.Line > 0 && n.Line <= len(r) {
		at := r[n.Line-1]
		n.Line, n.Column = at.line, n.Column+at.column
	}
	for _, child := range n.Content {
		r.correct(child)
	}
}

// of is the line of an editor for one that the parser counts.
func (r returns) of(line int) int {
	if line > 0 && line <= len(r) {
		return r[line-1].line
	}
	return line
}
