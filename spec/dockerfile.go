package spec

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A Line is one instruction of a Dockerfile.
type Line struct {
	Number int    // number of its first line, from 1
	Text   string // with continuation lines joined
}

var hereDocument = regexp.MustCompile(`<<-?["']?(\w+)["']?`)

// FirstLocalCopy returns the first instruction of a Dockerfile that copies local
// files. Its build fails, because there is no build context.
func FirstLocalCopy(dockerfile string) (l Line, needs bool) {
	for _, l := range instructions(dockerfile) {
		if copiesLocal(l.Text) {
			return l, true
		}
	}
	return Line{}, false
}

// instructions returns the instructions of a Dockerfile, with continuation lines
// joined and without here-documents.
func instructions(dockerfile string) []Line {
	lines := strings.Split(dockerfile, "\n")
	escape := escapeChar(lines)
	var all []Line
	for n := 0; n < len(lines); n++ {
		text := strings.TrimSpace(lines[n])
		if text == "" || text[0] == '#' {
			continue
		}
		l := Line{Number: n + 1}
		for continues(text, escape) {
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

// continues reports whether a line continues on the next one: it ends in a single
// escape character. Two of them are an escaped one.
func continues(line, escape string) bool {
	before, found := strings.CutSuffix(strings.TrimRight(line, " \t\r"), escape)
	return found && !strings.HasSuffix(before, escape)
}

// endsWithContinuation reports whether the last line of a Dockerfile, except blank
// lines and comments, would continue on appended text.
func endsWithContinuation(dockerfile, escape string) bool {
	lines := strings.Split(dockerfile, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if !isSkippedLine(lines[i]) {
			return continues(lines[i], escape)
		}
	}
	return false
}

// dockerInstructions are the instructions of a Dockerfile.
var dockerInstructions = []string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
	"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// hasOnlyInstructions reports whether every instruction of a Dockerfile exists and
// has arguments.
func hasOnlyInstructions(dockerfile string) bool {
	for _, l := range instructions(dockerfile) {
		if word, rest, _ := strings.Cut(l.Text, " "); rest == "" || !slices.Contains(dockerInstructions, strings.ToUpper(word)) {
			return false
		}
	}
	return true
}

// isSkippedLine reports whether a line between continuation lines is skipped.
func isSkippedLine(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// escapeChar returns the character that continues a line. A directive at the start of
// the Dockerfile may set it.
func escapeChar(lines []string) string {
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

// skipHereDocuments returns the index of the last line of the here-documents of an
// instruction; n if it has none.
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

var remoteSource = regexp.MustCompile(`(?i)^(https?://|git://|ssh://|git@)`)

// copiesLocal reports whether an instruction copies files of the build context. ADD
// with a variable does not count: its value may be a URL.
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

// copySources returns all arguments except the last, given as words or in JSON form.
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
