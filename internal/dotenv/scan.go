package dotenv

import (
	"strings"
	"unicode/utf8"
)

// skip returns the offset of the first rune from at on that does not match.
func skip(s string, at int, match func(rune) bool) int {
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		if !match(r) {
			break
		}
		at += size
	}
	return at
}

// endOfLine returns the offset of the next line break, or of the end.
func endOfLine(s string, at int) int {
	if n := strings.IndexByte(s[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(s)
}

// lineCounter returns the lines of offsets, which must be in ascending order.
type lineCounter struct {
	text   string
	before int // the offset up to which line breaks are counted
	breaks int
}

func (c *lineCounter) at(offset int) int {
	c.breaks += strings.Count(c.text[c.before:offset], "\n")
	c.before = offset
	return c.breaks + 1
}
