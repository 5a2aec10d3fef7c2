package format

import (
	"strings"
	"unicode"
)

// tokenText is what is written for a token: its text, with other quotes where
// they mean the same.
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

// reservedWords are words that some reader of YAML takes for something other than a
// text.
var reservedWords = map[string]bool{
	"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true,
	"true": true, "false": true, "null": true, "nan": true, "inf": true,
}

// canBePlain is whether a text means the same to every reader without quotes: a
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
