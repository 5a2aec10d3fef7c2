package image

import (
	"encoding/json"
	"strings"
	"unicode"
)

// shellQuote quotes a word for a POSIX shell if it needs quotes, as shlex.quote of
// Python does. ENV, LABEL, ARG and WORKDIR read the result in the same way.
func shellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// shellWords quotes words for a POSIX shell.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellQuote(w)
	}
	return strings.Join(quoted, " ")
}

// ExecForm returns an instruction, such as ENTRYPOINT, with words in its JSON form. It has
// no line break at its end.
func ExecForm(instruction string, words []string) string { return instruction + " " + jsonWords(words) }

// jsonWords returns words in the JSON form of instructions.
func jsonWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // Dockerfiles need no HTML escapes
		_ = enc.Encode(w)        // a string always marshals
		quoted[i] = strings.TrimSpace(b.String())
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// copyWords returns the arguments of a COPY: in the form of the SDK if Docker reads that
// as it is meant, and in JSON form otherwise. The words must be quoted by [expandable]
// or [literalPattern].
func copyWords(words ...string) string {
	for _, w := range words {
		if !isCopyWord(w) {
			return jsonWords(words)
		}
	}
	if strings.HasPrefix(words[0], "--") || strings.HasPrefix(words[0], "[") {
		return jsonWords(words)
	}
	return strings.Join(words, " ")
}

// isCopyWord reports whether Docker reads a word of a COPY that is not in JSON form as
// one word.
func isCopyWord(w string) bool {
	return w != "" && !strings.Contains(w, "<<") && !strings.ContainsFunc(w, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\\' || r == '"' || r == '\''
	})
}

// expandable quotes a word so that Docker's unquoting and expansion return it, with any
// escape character.
func expandable(s string) string {
	if !strings.ContainsAny(s, "\\$'\"`") && !strings.Contains(s, "<<") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// literalPattern returns a source of COPY that matches only the path itself. Wildcards
// are in brackets, since BuildKit does not remove backslashes from a source without
// other wildcards.
func literalPattern(s string) string {
	return expandable(brackets.Replace(s))
}

var brackets = strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`, `\`, `[\\]`)
