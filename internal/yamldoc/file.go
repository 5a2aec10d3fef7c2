// Package yamldoc parses YAML files to nodes whose positions are those that an editor
// shows, and builds nodes to write.
package yamldoc

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
)

// A File is a YAML file with its lines, which are needed for positions and excerpts.
type File struct {
	Name       string // for positions
	text       string // with the line ends of Unix
	lines      []string
	Untrusted  bool                 // the text may be that of any file, and must not be shown
	hidden     map[int][]hiddenText // secret texts by line
	suppressed map[int][]string     // codes that are silenced, by line; filled as lines are asked for
	deferred   map[*yaml.Node]*deferredEntries
}

// NewFile returns the file of a source.
func NewFile(s Source) *File {
	text := strings.ReplaceAll(string(TrimBOMs(s.Text)), "\r\n", "\n")
	return &File{Name: s.Name, text: text, lines: strings.Split(text, "\n")}
}

// ForgetLines drops the text of the file. It is called if nodes were parsed from
// another text, such as a decrypted one.
func (f *File) ForgetLines() { f.text, f.lines = "", nil }

// Position returns the position of a node.
func (f *File) Position(n *yaml.Node) diagnostic.Position {
	return diagnostic.Position{File: f.Name, Line: n.Line, Column: n.Column}
}

// Diagnosticf returns a diagnostic with the line of the file that it is about.
func (f *File) Diagnosticf(pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := &diagnostic.Diagnostic{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), MarkColumn: pos.Column}
	if !f.Untrusted {
		m.Line = strings.ToValidUTF8(f.line(pos.Line), "?")
	}
	return m
}

// maxExcerptLine is the maximum length, in bytes, of a line that is shown and searched.
const maxExcerptLine = 500

// line returns line n of the file, counted from 1. It returns "" if there is none or if
// it is too long for an excerpt.
func (f *File) line(n int) string {
	if n < 1 || n > len(f.lines) || len(f.lines[n-1]) > maxExcerptLine {
		return ""
	}
	return f.lines[n-1]
}

// PositionInValue returns the position of the byte at an offset of a node's value. If
// the file spells the value in another way, it returns the position of the node.
func (f *File) PositionInValue(n *yaml.Node, offset int) diagnostic.Position {
	word, _, _ := strings.Cut(n.Value[min(offset, len(n.Value)):], "\n")
	word, _, _ = strings.Cut(word, "}")
	if word == "" {
		return f.Position(n)
	}
	skip := strings.Count(n.Value[:offset], word)                                   // the same word before the one that is meant
	last := n.Line + 1 + strings.Count(n.Value, "\n") + strings.Count(n.Value, " ") // folded texts break at blanks
	column := n.Column
	for line := n.Line; line <= min(last, len(f.lines)); line++ {
		rest := []rune(f.line(line))
		before, after, found := strings.Cut(string(rest[min(max(column-1, 0), len(rest)):]), word)
		for ; found; before, after, found = strings.Cut(after, word) {
			column += utf8.RuneCountInString(before)
			if skip == 0 {
				return diagnostic.Position{File: f.Name, Line: line, Column: column}
			}
			skip--
			column += utf8.RuneCountInString(word)
		}
		column = 1
	}
	return f.Position(n)
}
