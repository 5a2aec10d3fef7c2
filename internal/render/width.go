package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"fleet/internal/foreign"
)

// ellipsis stands for what is left out.
const ellipsis = "…"

// stringWidth is how many columns of a terminal a text takes.
func stringWidth(s string) int {
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
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
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

// truncateMiddle is a text in at most n columns: its middle gives way to an ellipsis, as
// names differ most at their ends.
func truncateMiddle(s string, n int) string {
	if stringWidth(s) <= n {
		return s
	}
	if n <= 1 {
		return ellipsis[:len(ellipsis)*max(n, 0)]
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	for free := n - 1; free > 0; {
		r := runes[head]
		front := head <= len(runes)-tail
		if !front {
			r = runes[tail-1]
		}
		if free -= runeWidth(r); free < 0 {
			break
		}
		if front {
			head++
		} else {
			tail--
		}
	}
	return string(runes[:head]) + ellipsis + string(runes[tail:])
}

// padRight is a text with blanks up to n columns.
func padRight(s string, n int) string { return s + strings.Repeat(" ", max(n-stringWidth(s), 0)) }

// printable is a text as a terminal may be given it.
func printable(s string) string { return foreign.Escape(s) }
