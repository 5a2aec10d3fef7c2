package foreign

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Escape shows characters that act on a terminal, or turn or hide what is read,
// as Go and JSON write them; a byte that is no UTF-8 as U+FFFD. Line breaks and
// tabs are such, too. All other texts are returned as they are, escaped ones
// included.
func Escape(s string) string {
	if strings.IndexFunc(s, isUnsafe) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isUnsafe(r) {
			b.WriteString(escapeRune(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapeRune is a character that acts, as a text that does not. JSON leaves some of
// them as they are: these are shown as JSON can read them, so that a document
// still says the same.
func escapeRune(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < ' ':
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	default:
		return fmt.Sprintf(`\u%04x`, r)
	}
}

// isUnsafe reports whether a character does something else than to be seen: controls,
// those of the direction of text, separators of lines, byte order marks, and the
// invisible copies of ASCII.
func isUnsafe(r rune) bool {
	switch {
	case unicode.IsControl(r),
		r == 0x061c, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r == 0xfeff, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}
