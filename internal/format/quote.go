package format

import (
	"strings"
	"unicode"
)

// tokenText returns the text to write for a token, with other quotes if they mean the
// same.
func tokenText(tokens []token, i int) string {
	t := &tokens[i]
	if t.kind != single && t.kind != double || t.multiline() || i > 0 && tokens[i-1].kind == property {
		return t.text
	}
	inner := t.text[1 : len(t.text)-1]
	switch {
	case !strings.ContainsAny(inner, `\"'`) && canBePlain(inner):
		return inner
	case t.kind == double:
		return t.text
	}
	inner = strings.ReplaceAll(inner, "''", "'")
	if strings.ContainsAny(inner, `\"`) {
		return t.text
	}
	return `"` + inner + `"`
}

// reservedWords are the words that some YAML parser does not read as a text.
var reservedWords = map[string]bool{
	"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true,
	"true": true, "false": true, "null": true, "nan": true, "inf": true,
}

// canBePlain reports whether every parser reads a text the same way without quotes: a
// word, a path or a flag, or several words.
func canBePlain(text string) bool {
	if text == "" || reservedWords[strings.ToLower(text)] || strings.HasSuffix(text, ":") || strings.HasSuffix(text, " ") {
		return false
	}
	start := text
	for _, prefix := range []string{"--", "-", "./", "../"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			start = rest
			break
		}
	}
	for i, r := range start {
		if i == 0 && r != '/' && r != '_' && !unicode.IsLetter(r) {
			return false
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./@+=: ", r) {
			return false
		}
	}
	return start != "" && !strings.Contains(text, ": ")
}
