package format

import "strings"

// A kind is what a token is.
type kind uint8

const (
	comment   kind = iota
	directive      // %YAML 1.2
	marker         // --- and ...
	dash           // of a list
	question       // of an explicit key
	colon
	comma
	opening  // [ and {
	closing  // ] and }
	property // an anchor or a tag
	alias
	plain
	single       // in single quotes
	double       // in double quotes
	scalarHeader // | or > with what follows on its line
	scalarBody   // the content of a block scalar
)

// scalar is whether tokens of the kind are texts on their own.
func (k kind) scalar() bool { return k == plain || k == single || k == double }

// A token is a piece of YAML that stays in one piece.
type token struct {
	kind               kind
	singleLine         bool     // of an opening bracket: its collection is on one line
	isKey              bool     // of an opening bracket: its collection is a key
	aligned            bool     // of a comment: it continues the one at the end of the line above
	openEnded          bool     // of a header: the source ends within the last line of its text, and has to
	text               string   // as in the source; of a body nothing
	lines              []string // of a body: its lines without the indentation
	line               int32    // in the source, from 1
	breaks             int32    // line breaks before it
	sourceColumn       int32    // in the source, from 0
	outColumn          int32    // column to write it at, when it is the first of its line; within brackets the layout decides
	continuationColumn int32    // column for what continues it on the next lines
}

// beginsLine is whether the token begins a line of the source.
func (t *token) beginsLine() bool { return t.breaks > 0 }

// multiline is whether a text goes over several lines.
func (t *token) multiline() bool { return strings.Contains(t.text, "\n") }
