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

// A yamlFile is a YAML file by its lines, for positions and excerpts.
type File struct {
	Name      string
	lines     []string
	Untrusted bool                 // the text may be that of any file, and must not be shown
	hidden    map[int][]hiddenText // secret texts by line
}

// newYAMLFile returns the file of a source.
func NewFile(s Source) *File {
	text := strings.ReplaceAll(string(TrimBOMs(s.Text)), "\r\n", "\n")
	return &File{Name: s.Name, lines: strings.Split(text, "\n")}
}

// ForgetLines drops the text of the file: its lines are not those that the nodes
// stand on.
func (f *File) ForgetLines() { f.lines = nil }

// Position is the place of a node.
func (f *File) Position(n *yaml.Node) diagnostic.Position {
	return diagnostic.Position{File: f.Name, Line: n.Line, Column: n.Column}
}

// Diagnosticf is a mistake or a warning with the line that it is about.
func (f *File) Diagnosticf(pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := &diagnostic.Diagnostic{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), MarkColumn: pos.Column}
	if !f.Untrusted {
		m.Line = strings.ToValidUTF8(f.line(pos.Line), "?")
	}
	return m
}

// maxExcerptLine is how long a line may be, in bytes, to be shown and searched.
const maxExcerptLine = 500

// line is a line of the file, from 1. It is empty when there is none, and when
// it is too long for a reader.
func (f *File) line(n int) string {
	if n < 1 || n > len(f.lines) || len(f.lines[n-1]) > maxExcerptLine {
		return ""
	}
	return f.lines[n-1]
}

// PositionInValue is the place of what stands at an offset, in bytes, of a node's value.
// It is that of the node where the file has it written in another way.
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
