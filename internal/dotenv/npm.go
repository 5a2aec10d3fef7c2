package dotenv

import (
	"strings"
	"unicode/utf8"
)

// readNPM reads a text as npm's dotenv does (versions 16 to 18). Line breaks
// have to be "\n".
//
// White space may be any, line breaks included, wherever the grammar has it:
// a name and its `=` may be on different lines, and so may a `=` and an opening
// quote.
func readNPM(s string) []binding {
	var list []binding
	lines := lineCounter{text: s}
	for at := 0; at < len(s); {
		at = skip(s, at, isJSSpace)
		b, end, ok := npmBinding(s, at)
		if ok {
			b.line, b.lastLine = lines.at(at+b.line), lines.at(end)
			list = append(list, b)
			at = end
		}
		at = endOfLine(s, at)
	}
	return list
}

// npmBinding reads one binding that starts at a name, or at export. The line of
// the result is the offset of the name.
func npmBinding(s string, start int) (b binding, end int, ok bool) {
	if after := start + len("export"); strings.HasPrefix(s[start:], "export") {
		if name := skip(s, after, isJSSpace); name > after {
			if b, end, ok = npmNamed(s, name); ok {
				b.line = name - start
				return b, end, true
			}
		}
	}
	return npmNamed(s, start)
}

func npmNamed(s string, start int) (b binding, end int, ok bool) {
	at := skip(s, start, isNPMName)
	b.name = s[start:at]
	if b.name == "" {
		return b, 0, false
	}
	equals := skip(s, at, isJSSpace)
	switch {
	case equals < len(s) && s[equals] == '=':
		at = equals + 1
	case at < len(s) && s[at] == ':':
		r, size := utf8.DecodeRuneInString(s[at+1:])
		if size == 0 || !isJSSpace(r) {
			return b, 0, false
		}
		at += 1 + size
	default:
		return b, 0, false
	}
	b.value, end = npmValue(s, at)
	return b, end, true
}

// npmValue reads a value. Quotes count if the rest of the line after them is
// empty or a comment; else they are part of an unquoted value.
func npmValue(s string, at int) (value string, end int) {
	if open := skip(s, at, isJSSpace); open < len(s) && strings.IndexByte("'\"`", s[open]) >= 0 {
		if end := npmQuoted(s, open); end >= 0 {
			value = s[open+1 : end-1]
			if s[open] == '"' {
				value = npmEscapes.Replace(value)
			}
			return value, end
		}
	}
	end = endOfLine(s, at)
	if n := strings.IndexByte(s[at:end], '#'); n >= 0 {
		end = at + n
	}
	value = strings.TrimFunc(s[at:end], isJSSpace)
	double := strings.HasPrefix(value, `"`)
	if n := len(value); n >= 2 && strings.IndexByte("'\"`", value[0]) >= 0 && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	if double {
		value = npmEscapes.Replace(value)
	}
	return value, end
}

var npmEscapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r")

// npmQuoted returns the end of a quoted value, or -1. A quote after a backslash
// closes it only if no later one does.
func npmQuoted(s string, open int) (end int) {
	end = -1
	for at := open + 1; ; {
		next := strings.IndexByte(s[at:], s[open])
		if next < 0 {
			return end
		}
		at += next + 1
		rest := skip(s, at, isJSBlank)
		if rest == len(s) || s[rest] == '\n' || s[rest] == '#' {
			end = at
		}
		if s[at-2] != '\\' || at-2 == open {
			return end
		}
	}
}

func isNPMName(r rune) bool { return isNameRune(r) || r == '.' || r == '-' }

// isJSSpace reports whether \s matches r in JavaScript.
func isJSSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}

func isJSBlank(r rune) bool { return r != '\n' && isJSSpace(r) }
