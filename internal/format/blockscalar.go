package format

import (
	"strconv"
	"strings"
)

// blockScalar scans a block scalar, which begins with | or >: a header, an optional
// comment, and a body.
func (s *scanner) blockScalar() {
	end := s.pos + 1
	for end < len(s.src) && strings.IndexByte("+-123456789", s.src[end]) >= 0 {
		end++
	}
	out, breaks := s.parentOutColumn()+indentation, s.breaks
	h := len(s.tokens)
	head := s.addToken(scalarHeader, end)
	head.breaks, head.continuationColumn = breaks, out
	for s.peek(0) == ' ' || s.peek(0) == '\t' {
		s.pos++
	}
	if s.peek(0) == '#' {
		s.comment()
	}
	s.pos = min(s.pos+1, len(s.src))
	text := s.tokens[h].text
	lines, blanks, ended := s.bodyLines(s.bodyIndent(text))
	if strings.Contains(text, "+") {
		lines, blanks = append(lines, make([]string, blanks)...), 0
	}
	s.tokens[h].text = headerFor(text)
	s.tokens[h].openEnded = !ended && !strings.Contains(text, "-")
	if len(lines) > 0 {
		s.tokens = append(s.tokens, token{kind: scalarBody, lines: lines, breaks: 1, line: s.line + 1, continuationColumn: out})
	}
	s.line += int32(len(lines) + blanks + 1)
	s.lineStart = s.pos
	s.breaks = int32(blanks + 1)
	s.node = -1
}

// headerFor returns the header for the body as it is written.
func headerFor(text string) string {
	header := text[:1]
	if strings.ContainsAny(text, "123456789") {
		header += strconv.Itoa(indentation)
	}
	if i := strings.IndexAny(text, "+-"); i >= 0 {
		header += text[i : i+1]
	}
	return header
}

// bodyIndent returns the indentation of a body: the one in the header, else that of
// the first line with text.
func (s *scanner) bodyIndent(header string) int {
	if i := strings.IndexAny(header, "123456789"); i >= 0 {
		return max(int(s.parent()), 0) + int(header[i]-'0')
	}
	indent := max(int(s.parent())+1, 1)
	for pos := s.pos; pos < len(s.src); pos++ {
		begin := pos
		for pos < len(s.src) && s.src[pos] == ' ' {
			pos++
		}
		indent = max(indent, pos-begin)
		if pos < len(s.src) && s.src[pos] != '\n' {
			break
		}
	}
	return indent
}

// bodyLines scans the lines of a body, and counts the blank ones at its end. ended
// reports whether the last line has a line break.
func (s *scanner) bodyLines(indent int) (lines []string, blanks int, ended bool) {
	ended = true
	for s.pos < len(s.src) {
		end := s.lineEnd(s.pos)
		line := s.src[s.pos:end]
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case len(line) > indent && spaces >= indent:
			lines = append(append(lines, make([]string, blanks)...), line[indent:])
			blanks, ended = 0, end < len(s.src)
		case spaces < len(line):
			return lines, blanks, ended
		case end < len(s.src), line != "": // readers of YAML 1.2 take blanks at the end for a line
			blanks++
		}
		s.pos = min(end+1, len(s.src))
	}
	return lines, blanks, ended
}
