// Package dockerfile reads the instructions of a Dockerfile.
package dockerfile

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A Line is one instruction of a Dockerfile with its position.
type Line struct {
	Number int // from 1
	Text   string
}

// hereDocument matches the start of a here-document.
var hereDocument = regexp.MustCompile(`<<-?["']?(\w+)["']?`)

// FirstLocalCopy returns the first instruction of a Dockerfile that copies local files.
// The build fails at it, since there is no build context.
func FirstLocalCopy(dockerfile string) (l Line, needs bool) {
	for _, l := range Instructions(dockerfile) {
		if copiesLocal(l.Text) {
			return l, true
		}
	}
	return Line{}, false
}

// Instructions returns the instructions of a Dockerfile, with continuation lines joined
// and without here-documents.
func Instructions(dockerfile string) []Line {
	lines := strings.Split(dockerfile, "\n")
	escape := EscapeChar(lines)
	var all []Line
	for n := 0; n < len(lines); n++ {
		text := strings.TrimSpace(lines[n])
		if text == "" || text[0] == '#' {
			continue
		}
		l := Line{Number: n + 1}
		for Continues(text, escape) {
			text = strings.TrimSuffix(text, escape)
			for n++; n < len(lines) && isSkippedLine(lines[n]); n++ {
				continue
			}
			if n >= len(lines) {
				break
			}
			text += " " + strings.TrimSpace(lines[n])
		}
		l.Text = strings.Join(strings.Fields(text), " ")
		n = skipHereDocuments(lines, n, l.Text)
		all = append(all, l)
	}
	return all
}

// Continues reports whether a line continues on the next one: it ends in one escape
// character. Two of them are text.
func Continues(line, escape string) bool {
	before, found := strings.CutSuffix(strings.TrimRight(line, " \t\r"), escape)
	return found && !strings.HasSuffix(before, escape)
}

// EndsWithContinuation reports whether the last line of a Dockerfile, other than blank
// lines and comments, continues on the text that is appended to it.
func EndsWithContinuation(dockerfile, escape string) bool {
	lines := strings.Split(dockerfile, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if !isSkippedLine(lines[i]) {
			return Continues(lines[i], escape)
		}
	}
	return false
}

// dockerInstructions are the instructions of a Dockerfile.
var dockerInstructions = []string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
	"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// HasOnlyInstructions reports whether every instruction of a Dockerfile exists and has
// arguments.
func HasOnlyInstructions(dockerfile string) bool {
	for _, l := range Instructions(dockerfile) {
		if word, rest, _ := strings.Cut(l.Text, " "); rest == "" || !slices.Contains(dockerInstructions, strings.ToUpper(word)) {
			return false
		}
	}
	return true
}

// isSkippedLine reports whether Docker skips a line between continuation lines.
func isSkippedLine(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// EscapeChar returns the character that continues a line, which a directive at the
// beginning may set.
func EscapeChar(lines []string) string {
	for _, line := range lines {
		key, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "#"), "=")
		if !strings.HasPrefix(strings.TrimSpace(line), "#") || !ok {
			break
		}
		if strings.EqualFold(strings.TrimSpace(key), "escape") && strings.TrimSpace(value) == "`" {
			return "`"
		}
	}
	return `\`
}

// skipHereDocuments returns the index of the last line of the here-documents that an
// instruction starts, or n if it starts none.
func skipHereDocuments(lines []string, n int, text string) int {
	switch word, _, _ := strings.Cut(text, " "); strings.ToUpper(word) {
	case "RUN", "COPY", "ADD":
	default:
		return n
	}
	for _, m := range hereDocument.FindAllStringSubmatch(text, -1) {
		for n++; n < len(lines) && strings.TrimSpace(lines[n]) != m[1]; n++ {
			continue
		}
	}
	return n
}

// remoteSource matches sources that ADD downloads.
var remoteSource = regexp.MustCompile(`(?i)^(https?://|git://|ssh://|git@)`)

// copiesLocal reports whether an instruction copies files of the build context. The
// value of a variable is unknown and may be a URL.
func copiesLocal(text string) bool {
	word, args, _ := strings.Cut(text, " ")
	word = strings.ToUpper(word)
	if word != "COPY" && word != "ADD" {
		return false
	}
	for strings.HasPrefix(args, "--") {
		option, rest, _ := strings.Cut(args, " ")
		if strings.HasPrefix(option, "--from=") {
			return false
		}
		args = rest
	}
	for _, source := range copySources(args) {
		remote := word == "ADD" && (remoteSource.MatchString(source) || strings.HasPrefix(source, "$"))
		if !remote && !strings.HasPrefix(source, "<<") {
			return true
		}
	}
	return false
}

// copySources returns all arguments except the last, written as words or in JSON form.
func copySources(args string) []string {
	var words []string
	if json.Unmarshal([]byte(args), &words) != nil {
		words = strings.Fields(args)
	}
	if len(words) < 2 {
		return nil
	}
	return words[:len(words)-1]
}
