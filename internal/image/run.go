package image

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/dockerfile"
)

// runCommands are RUN lines without the keyword.
type runCommands []string

func (c runCommands) render(w *writer) {
	for _, s := range c {
		w.line("RUN", s)
	}
}

// decodeRunCommands reads commands: a text unchanged, a list as quoted words.
func decodeRunCommands(r reader, n *yaml.Node, path string) part {
	var lines runCommands
	for _, item := range r.items(n, path) {
		if item.node.Kind == yaml.SequenceNode {
			r.checkSDKWords(item.node, item.path)
			lines = append(lines, quotedWords(r.words(item.node, item.path)))
			continue
		}
		s, ok := r.Text(item.node, item.path)
		if ok {
			r.checkCommand(item.node, item.path, s)
			r.warnSecretIn(item.node, item.path)
		}
		lines = append(lines, strings.TrimRight(s, "\n"))
	}
	return lines
}

// quotedWords returns words with the quoting of the SDK.
func quotedWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + sdkWord(w) + `"`
	}
	return strings.Join(quoted, " ")
}

// sdkWord returns a word as the SDK writes it in double quotes.
func sdkWord(w string) string {
	return strings.ReplaceAll(strings.ReplaceAll(w, `"`, `\\\"`), `'`, `\'`)
}

// shellReads returns the word that a shell reads in double quotes, and whether it expands
// a variable or a command in it.
func shellReads(quoted string) (word string, expands bool) {
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		c, next := quoted[i], byte(0)
		if i+1 < len(quoted) {
			next = quoted[i+1]
		}
		switch {
		case c == '\\' && next == '\n':
			i++
		case c == '\\' && next != 0 && strings.IndexByte("$`\"\\", next) >= 0:
			b.WriteByte(next)
			i++
		default:
			expands = expands || c == '`' || c == '$' && parameter.MatchString(quoted[i:])
			b.WriteByte(c)
		}
	}
	return b.String(), expands
}

// parameter matches the beginning of an expansion of a shell.
var parameter = regexp.MustCompile(`^\$[A-Za-z0-9_{(@*#?$!-]`)

// checkCommand checks that a text is one RUN instruction of a Dockerfile.
func (r reader) checkCommand(n *yaml.Node, path, s string) {
	s = strings.TrimRight(s, "\n")
	const hint = "write one list item for each command, or end lines with a backslash"
	switch {
	case strings.TrimSpace(s) == "":
		r.Errorf(n, path, "must not be empty")
	case continues(s):
		r.Errorf(n, path, "the command ends in a backslash, which makes the next step a part of it").Hint = "remove the backslash"
	case strings.Contains(s, "\n") && !isCommand(s):
		r.Errorf(n, path, "a command must be one line").Hint = hint
	}
}

// words reads a command that is given as a list of words.
func (r reader) words(n *yaml.Node, path string) []string {
	list, ok := r.Texts(n, path)
	if !ok {
		return list
	}
	items, _ := r.Sequence(n, path)
	if len(list) == 0 {
		r.Errorf(n, path, "the command has no words").Hint = "write the program first, as in [make, install]"
	}
	for i, word := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		trimmed := strings.TrimRight(word, `\`)
		switch {
		case i == 0 && strings.TrimSpace(word) == "":
			r.Errorf(items[i], at, "the first word is the program: it must not be empty").Hint = "write the program first, as in [make, install]"
		case !dockerfile.IsOneLine(word):
			r.Errorf(items[i], at, "a word must be one line of the Dockerfile").Hint = "write the command as a text of one line"
		case (len(word)-len(trimmed))%2 == 1:
			r.Errorf(items[i], at, "a word must not end in a backslash, which would escape the closing quote").Hint = "write the command as a text"
		}
	}
	return list
}

// checkSDKWords warns about words that a shell reads in another way, since the quoting
// of the SDK, which decides the identity of the build, does not keep them.
func (r reader) checkSDKWords(n *yaml.Node, path string) {
	items, _ := r.Sequence(n, path)
	for i, item := range items {
		where := fmt.Sprintf("%s[%d]", path, i)
		r.warnSecretIn(item, where)
		word, expands := shellReads(sdkWord(item.Value))
		switch {
		case item.Kind != yaml.ScalarNode:
		case word != item.Value:
			r.Warnf("shell-words", item, where, "the shell reads another word: a list of words is quoted as in the SDK, which does not keep quotes and backslashes").Hint = "write the command as a text"
		case expands:
			r.Warnf("shell-words", item, where, "the shell expands the $ in the word before the program starts").Hint = "write the command as a text, with the word in single quotes if it is literal"
		}
	}
}

// isCommand reports whether a text of several lines is one RUN instruction, with a
// here-document or continued lines. Instructions may follow one with continued lines.
func isCommand(s string) bool {
	f, err := dockerfile.ParseFragment("RUN " + s)
	return err == nil && (len(f.Instructions) == 1 || strings.Contains(s, "\\\n"))
}

// continues reports whether a command continues on the text that follows it.
func continues(command string) bool {
	f, _ := dockerfile.ParseFragment("RUN " + command)
	return f.EndsInContinuation()
}

// checkContinuation reports a base whose last line would continue on the first step.
func (d Definition) checkContinuation() []Problem {
	if f, _ := dockerfile.Parse(d.Base.Text); len(d.Steps) == 0 || !f.EndsInContinuation() {
		return nil
	}
	return []Problem{{
		Pos: d.Base.Pos, Path: d.Base.Path, Hint: "remove the backslash",
		Message: "the Dockerfile ends in a backslash, which makes the first step a part of its last line",
	}}
}
