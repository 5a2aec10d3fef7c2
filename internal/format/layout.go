package format

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

// maxLineWidth is the width in characters from which on a collection in brackets is
// broken.
const maxLineWidth = 120

// errTooLarge is the error for a text whose indentation would be excessive.
var errTooLarge = errors.New("too deep")

// bracket is a collection in brackets that is being written.
type bracket struct {
	entryColumn, closeColumn int32 // columns of its entries and of its closing bracket
	broken                   bool  // by the layout, one line per entry
	unbreakable              bool  // part of a key, which cannot be broken
}

// layout writes tokens.
type layout struct {
	bytes.Buffer
	limit      int // maximum size of the result in bytes
	tokens     []token
	brackets   []bracket
	lineBegin  int   // of the last line
	lineIndent int32 // indentation of the last line
}

// write lays out tokens. A result above the limit is an error.
func write(tokens []token, limit int) ([]byte, error) {
	l := &layout{tokens: tokens, limit: limit}
	for i := range tokens {
		if l.token(i); l.Len() > limit {
			return nil, errTooLarge
		}
	}
	if len(tokens) > 0 && !endsOpenEnded(tokens) {
		l.WriteByte('\n')
	}
	return l.Bytes(), nil
}

// endsOpenEnded reports whether a line break at the end would become part of a text.
func endsOpenEnded(tokens []token) bool {
	n := len(tokens) - 2 // the header, or a comment behind it
	for n > 0 && tokens[n].kind == comment {
		n--
	}
	return n >= 0 && tokens[n].openEnded
}

func (l *layout) token(i int) {
	t := &l.tokens[i]
	if t.kind == scalarBody {
		l.body(t)
		return
	}
	first := true
	switch breaks := l.breaks(i); {
	case breaks > 0:
		l.newline(min(breaks, 2), l.column(i))
	case i > 0:
		first = false
		if needsSpace(&l.tokens[i-1], t) {
			l.WriteByte(' ')
		}
	}
	switch t.kind {
	case opening:
		l.openBracket(i, first)
	case closing:
		l.brackets = l.brackets[:len(l.brackets)-1]
	}
	l.text(i)
}

// newline starts a line at a column. Indentation above the limit is not written, since
// the result is then discarded.
func (l *layout) newline(breaks, out int32) {
	for range breaks {
		l.WriteByte('\n')
	}
	l.lineBegin, l.lineIndent = l.Len(), out
	if l.Len()+int(out) > l.limit {
		out = int32(max(l.limit+1-l.Len(), 0))
	}
	for range out {
		l.WriteByte(' ')
	}
}

// breaks returns the number of line breaks before a token.
func (l *layout) breaks(i int) int32 {
	t := &l.tokens[i]
	if i == 0 {
		return 0
	}
	if n := len(l.brackets); n > 0 && l.brackets[n-1].broken {
		if k := l.tokens[i-1].kind; k == opening || k == comma || t.kind == closing {
			return max(t.breaks, 1)
		}
	}
	return t.breaks
}

// column returns the column of a token that begins a line.
func (l *layout) column(i int) int32 {
	t := &l.tokens[i]
	n := len(l.brackets)
	switch {
	case t.kind == comment && t.aligned:
		return l.lastComment(i)
	case n > 0 && t.kind == closing:
		return l.brackets[n-1].closeColumn
	case n > 0:
		return l.brackets[n-1].entryColumn
	}
	return t.outColumn
}

// lastComment returns the column of the previous comment.
func (l *layout) lastComment(i int) int32 {
	line := l.Bytes()[l.lineBegin:]
	return int32(utf8.RuneCount(line) - utf8.RuneCountInString(l.tokens[i-1].text))
}

// openBracket starts a collection.
func (l *layout) openBracket(i int, first bool) {
	t := &l.tokens[i]
	base := t.continuationColumn
	n := len(l.brackets)
	switch {
	case first:
		base = l.lineIndent
	case n > 0:
		base = max(l.lineIndent, l.brackets[n-1].closeColumn)
	}
	b := bracket{entryColumn: base + indentation, closeColumn: base, unbreakable: t.isKey || n > 0 && l.brackets[n-1].unbreakable}
	b.broken = t.singleLine && !b.unbreakable && l.tokens[i+1].kind != closing && !l.fits(i)
	l.brackets = append(l.brackets, b)
}

// fits reports whether the line with an unbroken collection is short enough.
func (l *layout) fits(i int) bool {
	n := len(l.brackets)
	column := utf8.RuneCount(l.Bytes()[l.lineBegin:])
	depth := 0
	for j := i; j < len(l.tokens) && column <= maxLineWidth; j++ {
		t := &l.tokens[j]
		if j > i && (t.breaks > 0 || t.kind == comment) {
			break
		}
		switch t.kind {
		case opening:
			depth++
		case closing:
			if depth--; depth < 0 && l.brackets[n-1].broken {
				return true
			}
		}
		if j > i && needsSpace(&l.tokens[j-1], t) {
			column++
		}
		if line, _, more := strings.Cut(tokenText(l.tokens, j), "\n"); more {
			return column+runeCount(trimRight(line)) <= maxLineWidth
		}
		column += runeCount(tokenText(l.tokens, j))
		if depth == 0 && t.kind == comma && n > 0 && l.brackets[n-1].broken {
			break
		}
	}
	return column <= maxLineWidth
}

// runeCount returns the number of characters of a text; of a long one, its bytes.
func runeCount(text string) int {
	if len(text) > 4*maxLineWidth {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// text writes a token that may have several lines.
func (l *layout) text(i int) {
	t := &l.tokens[i]
	if !t.kind.scalar() || !t.multiline() {
		l.WriteString(tokenText(l.tokens, i))
		return
	}
	under := t.continuationColumn
	if n := len(l.brackets); n > 0 {
		under = l.brackets[n-1].entryColumn
	}
	lines := strings.Split(t.text, "\n")
	breaks := int32(0)
	for n, line := range lines {
		if n > 0 {
			line = strings.TrimLeft(line, " \t")
		}
		if n < len(lines)-1 {
			line = trimRight(line)
		}
		if line != "" || n == len(lines)-1 {
			if n > 0 {
				l.newline(breaks, under)
			}
			l.WriteString(line)
			breaks = 0
		}
		breaks++
	}
}

// trimRight removes the blanks at the end of a line, except for an escaped one.
func trimRight(line string) string {
	trimmed := strings.TrimRight(line, " \t")
	slashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if slashes%2 == 1 && len(trimmed) < len(line) {
		return line[:len(trimmed)+1]
	}
	return trimmed
}

// body writes the content of a block scalar unchanged.
func (l *layout) body(t *token) {
	for _, line := range t.lines {
		if line == "" {
			l.newline(1, 0)
			continue
		}
		l.newline(1, t.continuationColumn)
		l.WriteString(line)
	}
}

// adjoins reports whether there is nothing between two tokens in the source.
func adjoins(a, b *token) bool {
	return b.breaks == 0 && a.line == b.line && b.sourceColumn == a.sourceColumn+int32(len(a.text))
}

// needsSpace reports whether there is a space between two tokens of a line.
func needsSpace(a, b *token) bool {
	switch {
	case b.kind == comment:
		return true
	case a.kind == property, a.kind == question: // readers of YAML 1.2 take what adjoins for a part of the word
		return !adjoins(a, b)
	case b.kind == colon:
		return !a.kind.scalar() && a.kind != closing
	case b.kind == comma, b.kind == closing:
		return a.kind == colon || a.kind == question
	}
	return a.kind != opening
}
