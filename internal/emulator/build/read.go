package build

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// instruction is one instruction with its variables expanded.
type instruction struct {
	text    string // as one line
	stage   int    // -1 before the first FROM
	command any    // of package instructions
}

// program is a Dockerfile that can be built.
type program struct {
	list   []*instruction
	stages []stage
}

type stage struct {
	name string
	env  []string
	uses []string // stages or images that it copies from, and its base
}

// read parses a Dockerfile, and expands its variables. A variable without a value is
// empty.
func read(text string) (*program, error) {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("dockerfile parse error%s: %w", onLine(err), err)
	}
	if _, _, err := instructions.Parse(result.AST, nil); err != nil {
		return nil, err
	}
	p := &program{}
	v := variables{lex: shell.NewLex(result.EscapeToken)}
	for _, node := range result.AST.Children {
		command, err := instructions.ParseInstruction(node)
		if err != nil {
			return nil, err
		}
		i := &instruction{text: oneLine(node), command: command}
		if err := v.execute(p, i); err != nil {
			return nil, fmt.Errorf("dockerfile parse error on line %d: %w", node.StartLine, err)
		}
		i.stage = len(p.stages) - 1
		p.list = append(p.list, i)
	}
	if len(p.stages) == 0 {
		return nil, fmt.Errorf("no build stage in current context")
	}
	return p, nil
}

// onLine returns the line of a syntax error.
func onLine(err error) string {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		return " on line " + strconv.Itoa(located.Locations[0][0].Start.Line)
	}
	return ""
}

// oneLine returns an instruction as the log shows it.
func oneLine(n *parser.Node) string {
	words := strings.Fields(n.Original)
	words[0] = strings.ToUpper(words[0])
	return strings.Join(words, " ")
}

// variables are the variables during the reading of a Dockerfile.
type variables struct {
	lex    *shell.Lex
	global []string // ARG before the first FROM, as NAME=value
	// inStage is set after the first FROM. A stage has arguments and environment of its own.
	inStage   bool
	args, env []string
}

// execute expands an instruction, and executes FROM, ARG and ENV.
func (v *variables) execute(p *program, i *instruction) error {
	switch c := i.command.(type) {
	case *instructions.Stage:
		return v.begin(p, c)
	case *instructions.ArgCommand:
		return v.declare(c)
	case *instructions.EnvCommand:
		if err := c.Expand(v.expand); err != nil {
			return err
		}
		for _, pair := range c.Env {
			v.env = append(v.env, pair.Key+"="+pair.Value)
		}
		p.stages[len(p.stages)-1].env = v.env
		return nil
	case instructions.SupportsSingleWordExpansion:
		if err := c.Expand(v.expand); err != nil {
			return err
		}
	}
	if len(p.stages) > 0 {
		last := &p.stages[len(p.stages)-1]
		last.uses = append(last.uses, sourcesOf(i.command)...)
	}
	return nil
}

// begin starts a stage.
func (v *variables) begin(p *program, c *instructions.Stage) error {
	base, _, err := v.lex.ProcessWord(c.BaseName, shell.EnvsFromSlice(append(platform(), v.global...)))
	switch {
	case err != nil:
		return err
	case base == "":
		return fmt.Errorf("base name (%s) should not be blank", c.BaseName)
	}
	v.inStage, v.args, v.env = true, nil, nil
	if n := p.find(base); n >= 0 {
		v.env = append([]string(nil), p.stages[n].env...)
	} else if _, err := reference.ParseNormalizedNamed(base); err != nil {
		return fmt.Errorf("failed to parse stage name %q: %w", base, err)
	}
	p.stages = append(p.stages, stage{name: c.Name, env: v.env, uses: []string{base}})
	return nil
}

// declare executes an ARG.
func (v *variables) declare(c *instructions.ArgCommand) error {
	given := shell.EnvsFromSlice(append(platform(), v.global...))
	if err := c.Expand(v.expand); err != nil {
		return err
	}
	for _, arg := range c.Args {
		switch value, ok := given.Get(arg.Key); {
		case arg.Value != nil && v.inStage:
			v.args = append(v.args, arg.Key+"="+*arg.Value)
		case arg.Value != nil:
			v.global = append(v.global, arg.Key+"="+*arg.Value)
		case ok && v.inStage:
			v.args = append(v.args, arg.Key+"="+value)
		}
	}
	return nil
}

// expand expands one word. ENV takes precedence over ARG.
func (v *variables) expand(word string) (string, error) {
	known := v.global
	if v.inStage {
		known = append(append([]string(nil), v.args...), v.env...)
	}
	text, _, err := v.lex.ProcessWord(word, shell.EnvsFromSlice(known))
	return text, err
}

// platform returns the variables that Docker sets.
func platform() []string {
	return []string{"TARGETPLATFORM=linux/amd64", "TARGETOS=linux", "TARGETARCH=amd64", "BUILDPLATFORM=linux/amd64", "BUILDOS=linux", "BUILDARCH=amd64"}
}
