package format

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// indentation is the number of spaces by which a block is indented.
const indentation = 2

// block is a list or mapping without brackets.
type block struct {
	sourceColumn int32 // in the source
	outColumn    int32 // in the result
	list         bool
	unindented   bool // a list at the column of its key
}

// scanner splits YAML that the parser accepts into tokens, and determines the column
// of each. It splits as yaml.v3 does, quirks included; any difference is detected when
// the result is checked.
type scanner struct {
	src                 string
	pos                 int
	line                int32
	lineStart           int
	breaks              int32
	tokens              []token
	blocks              []block // the open blocks, outermost first
	brackets            []int   // the tokens of the open brackets
	node                int     // token with which a key may begin, or -1
	firstPendingComment int     // the tokens from here on are comments without a column
}

// scan splits a text whose lines end in LF.
func scan(src string) []token {
	s := &scanner{src: src, line: 1, node: -1}
	for s.skipBlanks(); s.pos < len(s.src); s.skipBlanks() {
		if s.src[s.pos] == '#' {
			s.comment()
			continue
		}
		s.token()
	}
	s.placeDeeperComments(-1) // comments at the end belong to the blocks above
	return s.tokens
}

// skipBlanks moves to the next character that is not blank.
func (s *scanner) skipBlanks() {
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case ' ', '\t':
		case '\n':
			s.breaks++
			s.line++
			s.lineStart = s.pos + 1
		default:
			return
		}
	}
}

// addToken adds the token from the position to end, and moves there.
func (s *scanner) addToken(k kind, end int) *token {
	t := token{kind: k, text: s.src[s.pos:end], line: s.line, breaks: s.breaks, sourceColumn: s.col()}
	if len(s.tokens) == 0 {
		t.breaks = 1 // the beginning of a text is that of a line
	}
	s.tokens = append(s.tokens, t)
	if n := strings.Count(t.text, "\n"); n > 0 {
		s.line += int32(n)
		s.lineStart = s.pos + strings.LastIndexByte(t.text, '\n') + 1
	}
	s.pos, s.breaks = end, 0
	return &s.tokens[len(s.tokens)-1]
}

func (s *scanner) col() int32 { return int32(s.pos - s.lineStart) }

// peek returns the byte n bytes ahead, or a line break at the end.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.src) {
		return s.src[s.pos+n]
	}
	return '\n'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// lineEnd returns the end of a line.
func (s *scanner) lineEnd(from int) int {
	if n := strings.IndexByte(s.src[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(s.src)
}

// comment scans a comment. The column of a comment before an entry is determined with
// the entry.
func (s *scanner) comment() {
	end := s.lineEnd(s.pos)
	column := int32(utf8.RuneCountInString(s.src[s.lineStart:s.pos]))
	t := s.addToken(comment, s.pos+len(strings.TrimRight(s.src[s.pos:end], " \t")))
	t.sourceColumn = column
	if n := len(s.tokens) - 2; n >= 0 && t.breaks == 1 {
		above := &s.tokens[n]
		t.aligned = above.kind == comment && (above.breaks == 0 || above.aligned) && above.sourceColumn == t.sourceColumn
	}
}

// token scans a token other than a comment.
func (s *scanner) token() {
	begin := s.pos
	if len(s.brackets) > 0 {
		s.flow()
	} else {
		s.block()
	}
	if s.pos == begin { // the parser would have rejected it
		s.addToken(plain, s.pos+1)
	}
	s.firstPendingComment = len(s.tokens)
}

// block scans a token outside of brackets.
func (s *scanner) block() {
	c, blankNext := s.peek(0), isBlank(s.peek(1))
	isDash := c == '-' && blankNext
	col, out, n := s.col(), int32(0), len(s.tokens)
	if s.breaks > 0 || n == 0 {
		out = s.closeBlocks(col, isDash)
	}
	switch {
	case s.atMarker() && col == 0:
		s.addToken(marker, s.pos+3)
		s.blocks, s.node = nil, -1
	case c == '%' && col == 0:
		text, _, _ := strings.Cut(s.src[s.pos:s.lineEnd(s.pos)], " #")
		s.addToken(directive, s.pos+len(strings.TrimRight(text, " \t")))
	case isDash:
		s.roll(col, true)
		s.indicator(dash)
	case c == '?' && blankNext:
		s.roll(col, false)
		s.indicator(question)
	case c == ':' && blankNext:
		s.colon(col)
	case c == '|' || c == '>':
		s.blockScalar()
	default:
		s.flow()
	}
	s.tokens[n].outColumn = out
}

func (s *scanner) indicator(k kind) {
	s.addToken(k, s.pos+1)
	s.node = -1
}

// atMarker reports whether --- or ... follows.
func (s *scanner) atMarker() bool {
	text := s.src[s.pos:]
	return (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")) && isBlank(s.peek(3))
}

// colon scans the end of a key, which determines the column of its mapping.
func (s *scanner) colon(col int32) {
	if s.node >= 0 && s.tokens[s.node].line == s.line {
		col = s.tokens[s.node].sourceColumn
	}
	s.markKey()
	s.roll(col, false)
	s.indicator(colon)
}

// markKey marks the collection that closed just before a colon as a key.
func (s *scanner) markKey() {
	if n := len(s.tokens) - 1; n >= 0 && s.tokens[n].kind == closing {
		s.tokens[s.tokens[n].continuationColumn].isKey = true
	}
}

// closeBlocks closes the blocks that end before a line at column col, and returns the
// column of the line in the result. Comments above the line get the same column.
func (s *scanner) closeBlocks(col int32, isDash bool) int32 {
	s.placeDeeperComments(col)
	out := s.unroll(col, isDash)
	for i := s.firstPendingComment; i < len(s.tokens); i++ {
		if t := &s.tokens[i]; t.sourceColumn <= col {
			t.outColumn = out
		}
	}
	return out
}

// unroll closes blocks. A list at the column of its key remains open for a dash.
func (s *scanner) unroll(col int32, isDash bool) int32 {
	for n := len(s.blocks); n > 0; n-- {
		b := s.blocks[n-1]
		if b.sourceColumn > col || b.sourceColumn == col && b.unindented && !isDash {
			continue
		}
		s.blocks = s.blocks[:n]
		if b.sourceColumn == col && (b.list || !isDash) {
			return b.outColumn
		}
		return b.outColumn + indentation
	}
	s.blocks = nil
	return 0
}

// roll opens a block at a column, unless it is open.
func (s *scanner) roll(col int32, list bool) {
	n := len(s.blocks)
	switch {
	case n == 0:
		s.blocks = append(s.blocks, block{sourceColumn: col, list: list})
	case s.blocks[n-1].sourceColumn < col:
		s.blocks = append(s.blocks, block{sourceColumn: col, outColumn: s.blocks[n-1].outColumn + indentation, list: list})
	case list && !s.blocks[n-1].list:
		s.blocks = append(s.blocks, block{sourceColumn: col, outColumn: s.blocks[n-1].outColumn + indentation, list: true, unindented: true})
	}
}

// placeDeeperComments sets the column of comments that are indented further than the
// entry below them: they belong to the blocks above.
func (s *scanner) placeDeeperComments(col int32) {
	afterText := s.firstPendingComment > 0 && (s.tokens[s.firstPendingComment-1].kind == scalarBody || s.tokens[s.firstPendingComment-1].kind == scalarHeader)
	for i := s.firstPendingComment; i < len(s.tokens); i++ {
		t := &s.tokens[i]
		if t.sourceColumn <= col {
			continue
		}
		n := sort.Search(len(s.blocks), func(n int) bool { return s.blocks[n].sourceColumn > t.sourceColumn }) - 1
		if n < 0 {
			continue
		}
		b := s.blocks[n]
		switch {
		case t.sourceColumn == b.sourceColumn && b.unindented:
			t.outColumn = s.blocks[n-1].outColumn
		case t.sourceColumn == b.sourceColumn, afterText && n == len(s.blocks)-1: // further right, it would become text
			t.outColumn = b.outColumn
		default:
			t.outColumn = b.outColumn + indentation
		}
	}
}
