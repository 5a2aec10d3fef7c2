package dockerfile

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"fleet/internal/suggest"
)

// maxSyntaxErrors is the maximum number of syntax errors that are reported, since each
// one needs another run of the parser.
const maxSyntaxErrors = 20

// syntax runs the parser. It stops at the first error, so the lines with the error are
// blanked and the rest is parsed again. The result is nil if no instruction is left.
func syntax(text string) (result *parser.Result, problems Problems) {
	lines := strings.Split(text, "\n")
	problems = cutLongLines(lines)
	for range maxSyntaxErrors {
		result, err := parser.Parse(strings.NewReader(strings.Join(lines, "\n")))
		if err == nil {
			return result, problems
		}
		first, last := errorLines(err, len(lines))
		if isBlank(lines) {
			if len(problems) == 0 {
				problems = append(problems, Problem{Line: 1, Message: "the Dockerfile has no instructions", Hint: "start with FROM and the base image"})
			}
			return nil, problems
		}
		problems = append(problems, Problem{Line: first, Message: message(err), Hint: syntaxHint(err, lines[first-1]), Quoted: strings.TrimSpace(lines[first-1])})
		for i := first - 1; i < last; i++ {
			lines[i] = ""
		}
	}
	return nil, problems
}

// isBlank reports whether all lines are blank or comments.
func isBlank(lines []string) bool {
	return !slices.ContainsFunc(lines, func(line string) bool {
		line = strings.TrimSpace(line)
		return line != "" && line[0] != '#'
	})
}

// errorLines returns the first and the last line of a syntax error. An error of a
// directive has the number of the line before it.
func errorLines(err error, lines int) (first, last int) {
	var located *parser.LocationError
	first, last = 1, 1
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		ranges := located.Locations[0]
		first, last = ranges[0].Start.Line, ranges[len(ranges)-1].End.Line
	}
	if text := err.Error(); strings.Contains(text, "escape token") || strings.Contains(text, "directive") || strings.Contains(text, "line greater than") {
		first, last = first+1, first+1
	}
	first = min(max(first, 1), lines)
	return first, min(max(first, last), lines)
}

// problemOf returns the problem of an instruction that has no valid form.
func problemOf(n *parser.Node, err error) Problem {
	p := Problem{Line: n.StartLine, Message: message(err), Quoted: n.Value}
	var unknown *instructions.UnknownInstructionError
	if errors.As(err, &unknown) {
		p.Message = "unknown instruction: " + quote(n.Value)
		p.Hint = suggest.DidYouMean(strings.ToUpper(n.Value), Keywords())
		if p.Hint == "" {
			p.Hint = "a line that continues the one before needs a backslash at the end of that line"
		}
	} else {
		p.Quoted = strings.TrimSpace(n.Original)
	}
	return p
}

// message returns the first line of an error, without the position that a Problem has.
func message(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// hereDocument matches the beginning of a here-document, with its delimiter.
var hereDocument = regexp.MustCompile(`<<-?\s*["']?([\w.-]+)`)

// syntaxHint returns what to do about a syntax error in a line.
func syntaxHint(err error, line string) string {
	if !strings.Contains(err.Error(), "unterminated heredoc") {
		return ""
	}
	hint := "end the here-document with a line that holds only its delimiter"
	if all := hereDocument.FindAllStringSubmatch(line, -1); all != nil {
		hint += ", " + all[len(all)-1][1]
	}
	if strings.Contains(line, "((") {
		hint += ", or write the << of a shift without spaces, as in $((1<<2))"
	}
	return hint
}

// Keywords returns all instructions in upper case, sorted.
func Keywords() []string {
	var all []string
	for word := range maps.Keys(command.Commands) {
		all = append(all, strings.ToUpper(word))
	}
	slices.Sort(all)
	return all
}
