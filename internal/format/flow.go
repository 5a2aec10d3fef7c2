package format

import "strings"

// flow scans a token that may occur within brackets.
func (s *scanner) flow() {
	within := len(s.brackets) > 0
	switch c := s.peek(0); {
	case c == '[' || c == '{':
		s.markNode()
		s.brackets = append(s.brackets, len(s.tokens))
		s.addToken(opening, s.pos+1).continuationColumn = s.bracketBase()
		return
	case within && (c == ']' || c == '}'):
		s.closeBracket()
	case within && c == ',':
		s.addToken(comma, s.pos+1)
	case within && c == '?':
		s.addToken(question, s.pos+1)
	case within && c == ':':
		s.markKey()
		s.addToken(colon, s.pos+1)
	case c == '&' || c == '!':
		s.markNode()
		s.addToken(property, s.wordEnd(c == '!'))
	case c == '*':
		s.markNode()
		s.addToken(alias, s.wordEnd(false))
	case c == '\'':
		s.markNode()
		s.addText(single, s.singleEnd())
	case c == '"':
		s.markNode()
		s.addText(double, s.doubleEnd())
	default:
		s.markNode()
		s.addText(plain, s.plainEnd())
	}
}

// markNode records the start of a node, which may be a key.
func (s *scanner) markNode() {
	if len(s.brackets) == 0 && (s.node < 0 || s.tokens[s.node].line != s.line) {
		s.node = len(s.tokens)
	}
}

func (s *scanner) addText(k kind, end int) {
	s.addToken(k, end).continuationColumn = s.parentOutColumn() + indentation
}

// parent returns the column of the innermost block, or -1.
func (s *scanner) parent() int32 {
	if n := len(s.blocks); n > 0 {
		return s.blocks[n-1].sourceColumn
	}
	return -1
}

// parentOutColumn returns the column of the innermost block in the result.
func (s *scanner) parentOutColumn() int32 {
	if n := len(s.blocks); n > 0 {
		return s.blocks[n-1].outColumn
	}
	return 0
}

// bracketBase returns the column relative to which a collection in brackets is
// indented, and of its closing bracket. YAML 1.2 wants each of its lines to be indented
// further than the block around it.
func (s *scanner) bracketBase() int32 {
	if len(s.blocks) == 0 {
		return 0
	}
	return s.parentOutColumn() + indentation
}

// closeBracket scans a closing bracket and links it to the opening one.
func (s *scanner) closeBracket() {
	n := len(s.brackets) - 1
	open := s.brackets[n]
	s.brackets = s.brackets[:n]
	s.tokens[open].singleLine = s.tokens[open].line == s.line
	s.addToken(closing, s.pos+1).continuationColumn = int32(open)
}

// wordEnd returns the end of an anchor, an alias or a tag.
func (s *scanner) wordEnd(tag bool) int {
	end := s.pos + 1
	for end < len(s.src) && (tag && !isBlank(s.src[end]) || isWord(s.src[end])) {
		end++
	}
	return end
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-'
}

// singleEnd returns the end of a text in single quotes.
func (s *scanner) singleEnd() int {
	for i := s.pos + 1; i < len(s.src); i++ {
		if s.src[i] != '\'' {
			continue
		}
		if i+1 == len(s.src) || s.src[i+1] != '\'' {
			return i + 1
		}
		i++
	}
	return len(s.src)
}

// doubleEnd returns the end of a text in double quotes.
func (s *scanner) doubleEnd() int {
	for i := s.pos + 1; i < len(s.src); i++ {
		switch s.src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s.src)
}

// plainEnd returns the end of a text without quotes. It continues on lines that are
// indented further than the block around it.
func (s *scanner) plainEnd() int {
	at, end := *s, s.pos // a copy, to look ahead
	for {
		for !isBlank(at.peek(0)) && !at.endsPlain() {
			at.pos++
			end = at.pos
		}
		line := at.line
		if !isBlank(at.peek(0)) {
			return end
		}
		at.skipBlanks()
		crossed := at.line > line
		switch {
		case at.pos == len(at.src), at.src[at.pos] == '#',
			crossed && len(at.brackets) == 0 && at.col() <= at.parent(),
			crossed && at.col() == 0 && at.atMarker():
			return end
		}
	}
}

// endsPlain reports whether the next character ends a text without quotes.
func (s *scanner) endsPlain() bool {
	c := s.peek(0)
	return c == ':' && isBlank(s.peek(1)) || len(s.brackets) > 0 && strings.IndexByte(",?[]{}", c) >= 0
}
