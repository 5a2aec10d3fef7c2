package term

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"fleet/internal/foreign"
)

// Ellipsis stands for omitted text.
const Ellipsis = "…"

// StringWidth returns the number of columns that a text takes on a terminal.
func StringWidth(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return unicodeWidth(s)
		}
	}
	return len(s)
}

func unicodeWidth(s string) int {
	n := 0
	for _, r := range s {
		n += RuneWidth(r)
	}
	return n
}

// RuneWidth returns the number of columns that a character takes on a terminal.
func RuneWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= utf8.RuneSelf:
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			return 2
		}
	}
	return 1
}

// Truncate returns the beginning of a text, in at most n columns.
func Truncate(s string, n int) string {
	if StringWidth(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += RuneWidth(r); used > n-1 {
			return s[:i] + Ellipsis
		}
	}
	return s
}

// TruncateMiddle returns a text in at most n columns. It omits the middle, since
// names differ most at their ends.
func TruncateMiddle(s string, n int) string {
	if StringWidth(s) <= n {
		return s
	}
	if n <= 1 {
		return Ellipsis[:len(Ellipsis)*max(n, 0)]
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	for free := n - 1; free > 0; {
		r := runes[head]
		front := head <= len(runes)-tail
		if !front {
			r = runes[tail-1]
		}
		if free -= RuneWidth(r); free < 0 {
			break
		}
		if front {
			head++
		} else {
			tail--
		}
	}
	return string(runes[:head]) + Ellipsis + string(runes[tail:])
}

// PadRight returns a text with spaces up to n columns.
func PadRight(s string, n int) string { return s + strings.Repeat(" ", max(n-StringWidth(s), 0)) }

// Printable returns a text whose control characters are escaped.
func Printable(s string) string { return foreign.Escape(s) }
