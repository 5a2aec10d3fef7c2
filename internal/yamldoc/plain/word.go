package plain

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Characters of words, which need no quotes.
const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// Sets of characters, by character.
var (
	isStart = setOf(letters + digits + "/_$") // at the beginning of a word
	isWord  = setOf(letters + digits + "/_.$@+=~-")
	isText  = setOf("${}(),;") // within words of block mappings, in addition
)

func setOf(chars string) (set [256]bool) {
	for _, c := range []byte(chars) {
		set[c] = true
	}
	return set
}

// isPrintable reports whether all characters are printable ASCII.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// wordEnd returns the length of the words at the beginning of s, with single spaces
// between them. A word may contain colons, but not end with one.
func wordEnd(s string, inFlow bool) int {
	allowed := func(i int) bool { return i < len(s) && (isWord[s[i]] || !inFlow && isText[s[i]]) }
	end, begins := 0, true
	if len(s) > 1 && s[0] == '-' && s[1] >= '0' && s[1] <= '9' {
		end, begins = 1, false
	}
	for i := end; i < len(s); i++ {
		switch {
		case allowed(i) && (!begins || i > 0 && !inFlow || isStart[s[i]]):
			end, begins = i+1, false
		case s[i] == ':' && !inFlow && !begins && i+1 < len(s) && isWord[s[i+1]]:
		case s[i] == ' ' && !begins:
			begins = true
		default:
			return end
		}
	}
	return end
}

// tagOf returns the tag of a text without quotes.
func tagOf(s string) string {
	switch first := s[0]; {
	case first >= '0' && first <= '9' || first == '-':
		return numberTag(s)
	case !strings.ContainsRune("tTfFnN", rune(first)):
		return "!!str"
	}
	switch s {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "null", "Null", "NULL":
		return "!!null"
	}
	return "!!str"
}

// numberTag returns the tag of a text that begins with a digit or a sign and a digit.
func numberTag(s string) string {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil && (s == "0" || strings.TrimPrefix(s, "-")[0] != '0') {
		return "!!int"
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(s), &n); err != nil || len(n.Content) == 0 {
		return "!!str"
	}
	return n.Content[0].Tag
}
