package world

import (
	"encoding/json"
	"regexp"
	"strings"
)

// instruction is one instruction of a Dockerfile, with continuation lines joined.
type instruction struct {
	word string // in upper case
	args string
}

func (i instruction) String() string { return i.word + " " + i.args }

var heredoc = regexp.MustCompile(`<<-?["']?(\w+)["']?`)

// instructionsOf parses a Dockerfile. It does not validate: any line counts as an
// instruction.
func instructionsOf(dockerfile string) []instruction {
	var all []instruction
	lines := strings.Split(dockerfile, "\n")
	for n := 0; n < len(lines); n++ {
		text := strings.TrimSpace(lines[n])
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		for strings.HasSuffix(text, `\`) && n+1 < len(lines) {
			n++
			text = strings.TrimSpace(strings.TrimSuffix(text, `\`))
			if more := strings.TrimSpace(lines[n]); !strings.HasPrefix(more, "#") {
				text += " " + more
			} else {
				text += ` \`
			}
		}
		for _, end := range heredoc.FindAllStringSubmatch(text, -1) {
			for n++; n < len(lines) && strings.TrimSpace(lines[n]) != end[1]; n++ {
				continue
			}
		}
		word, args, _ := strings.Cut(text, " ")
		all = append(all, instruction{strings.ToUpper(word), strings.TrimSpace(args)})
	}
	return all
}

// contextSources returns the paths that a COPY or ADD copies from the build context.
func (i instruction) contextSources() []string {
	if i.word != "COPY" && i.word != "ADD" {
		return nil
	}
	args := i.args
	for strings.HasPrefix(args, "--") {
		flag, rest, _ := strings.Cut(args, " ")
		if strings.HasPrefix(flag, "--from=") {
			return nil
		}
		args = strings.TrimSpace(rest)
	}
	words := strings.Fields(args)
	if strings.HasPrefix(args, "[") {
		words = nil
		if json.Unmarshal([]byte(args), &words) != nil {
			return nil
		}
	}
	if len(words) < 2 || heredoc.MatchString(args) {
		return nil
	}
	var sources []string
	for _, source := range words[:len(words)-1] {
		if i.word == "ADD" && (strings.Contains(source, "://") || strings.HasPrefix(source, "git@")) {
			continue
		}
		sources = append(sources, source)
	}
	return sources
}
