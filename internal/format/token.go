package format

import "strings"

// kind is the kind of a token.
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

// scalar reports whether tokens of the kind are complete texts.
func (k kind) scalar() bool { return k == plain || k == single || k == double }

// token is a piece of YAML that is not split.
type token struct {
	kind               kind
	singleLine         bool     // of an opening bracket: its collection is on one line
	isKey              bool     // of an opening bracket: its collection is a key
	aligned            bool     // of a comment: it continues the one at the end of the line above
	openEnded          bool     // of a header: the source ends within the last line of its text, without a line break
	text               string   // as in the source; empty for a body
	lines              []string // of a body: its lines without the indentation
	line               int32    // in the source, from 1
	breaks             int32    // line breaks before it
	sourceColumn       int32    // in the source, from 0
	outColumn          int32    // column at which it is written if it begins a line; within brackets the layout decides
	continuationColumn int32    // column of its further lines; of a closing bracket: index of the opening one
}

// beginsLine reports whether the token begins a line of the source.
func (t *token) beginsLine() bool { return t.breaks > 0 }

// multiline reports whether a text has several lines.
func (t *token) multiline() bool { return strings.Contains(t.text, "\n") }
