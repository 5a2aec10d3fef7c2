package spec

import (
	"encoding/json"
	"regexp"
	"strings"
)

// A Line is one instruction of a Dockerfile and where it begins.
type Line struct {
	Number int // from 1
	Text   string
}

var hereDocument = regexp.MustCompile(`<<-?["']?(\w+)["']?`)

// NeedsContext finds the first instruction of a Dockerfile that copies local
// files. There is no build context to take them from, so that the build fails.
func NeedsContext(dockerfile string) (l Line, needs bool) {
	for _, l := range instructions(dockerfile) {
		if copiesLocal(l.Text) {
			return l, true
		}
	}
	return Line{}, false
}

// instructions reads the instructions of a Dockerfile, continuation lines joined
// and here-documents left out.
func instructions(dockerfile string) []Line {
	lines := strings.Split(dockerfile, "\n")
	escape := escapeOf(lines)
	var all []Line
	for n := 0; n < len(lines); n++ {
		text := strings.TrimSpace(lines[n])
		if text == "" || text[0] == '#' {
			continue
		}
		l := Line{Number: n + 1}
		for strings.HasSuffix(text, escape) {
			text = strings.TrimSuffix(text, escape)
			for n++; n < len(lines) && skipped(lines[n]); n++ {
				continue
			}
			if n >= len(lines) {
				break
			}
			text += " " + strings.TrimSpace(lines[n])
		}
		l.Text = strings.Join(strings.Fields(text), " ")
		n = afterDocuments(lines, n, l.Text)
		all = append(all, l)
	}
	return all
}

// skipped reports whether a line is left out between continued ones.
func skipped(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// escapeOf is the character that continues a line, which a directive at the
// beginning may choose.
func escapeOf(lines []string) string {
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

// afterDocuments is the number of the last line of the here-documents that an
// instruction begins; n when there are none.
func afterDocuments(lines []string, n int, text string) int {
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

// copiesLocal reports whether an instruction copies files of the build context.
// What a variable stands for is not known: it may be a URL.
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
	for _, source := range copiedFrom(args) {
		remote := word == "ADD" && (remoteSource.MatchString(source) || strings.HasPrefix(source, "$"))
		if !remote && !strings.HasPrefix(source, "<<") {
			return true
		}
	}
	return false
}

// copiedFrom are all arguments but the last, as words or in JSON form.
func copiedFrom(args string) []string {
	var words []string
	if json.Unmarshal([]byte(args), &words) != nil {
		words = strings.Fields(args)
	}
	if len(words) < 2 {
		return nil
	}
	return words[:len(words)-1]
}
