package dockerfile

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"fleet/internal/suggest"
)

// jsonForm matches arguments that are meant as a JSON list. A RUN may begin with the
// command [, which is followed by a space.
var jsonForm = regexp.MustCompile(`^\[\s*["'].*\]\s*$`)

// checkForm warns of arguments that are valid and easily misread.
func (p place) checkForm() (problems Problems) {
	switch p.Keyword {
	case "RUN", "CMD", "ENTRYPOINT", "COPY", "ADD", "VOLUME":
		_, args, _ := strings.Cut(p.String(), " ")
		if jsonForm.MatchString(args) && !p.node.Attributes["json"] {
			problems = append(problems, Problem{
				Message: p.Keyword + " has a list that is not JSON, and is read as plain words", Quoted: p.String(),
				Hint: "put each word in double quotes, with commas between them", Warning: true,
			})
		}
	}
	if (p.Keyword == "CMD" || p.Keyword == "ENTRYPOINT") && p.node.Next == nil && !p.node.Attributes["json"] {
		problems = append(problems, Problem{Message: p.Keyword + " has no command", Hint: "write the command behind it, or remove the line", Quoted: p.Keyword, Warning: true})
	}
	if c, ok := p.command.(*instructions.CopyCommand); ok && c.From != "" {
		problems = append(problems, p.checkFrom(c.From)...)
	}
	return append(problems, p.checkStageName()...)
}

// checkFrom checks the source of COPY --from, where variables are not expanded and a number
// is that of a stage.
func (p place) checkFrom(from string) Problems {
	if expanded, _, err := p.scope.expand(from); err != nil || expanded != from {
		return Problems{{
			Message: "variables are not expanded in --from", Quoted: from,
			Hint: "add a stage with FROM " + from + " AS name and an ARG before the first FROM, and copy from name",
		}}
	}
	if n, err := strconv.Atoi(from); err == nil && (n < 0 || n >= p.total) {
		return Problems{{Message: "there is no stage " + from, Hint: "stages are counted from 0", Quoted: from}}
	}
	return nil
}

// checkStageName warns of the name of an image that looks like a misspelt stage.
func (p place) checkStageName() Problems {
	from := ""
	switch c := p.command.(type) {
	case *instructions.Stage:
		from = c.BaseName
	case *instructions.CopyCommand:
		from = c.From
	}
	if from == "" || strings.ContainsAny(from, ":/@$") || from == "scratch" || p.isStage(from) {
		return nil
	}
	var names []string
	for _, s := range p.stages {
		if s.name != "" {
			names = append(names, s.name)
		}
	}
	hint := suggest.DidYouMean(from, names)
	if hint == "" {
		return nil
	}
	return Problems{{Message: "there is no stage " + quote(from) + ", so an image of that name is pulled", Hint: hint, Quoted: from, Warning: true}}
}
