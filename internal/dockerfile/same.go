package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"fleet/internal/dockerfile/script"
)

// SameBuild reports whether two Dockerfiles have the same instructions for Docker and for
// the shell of the build: their words may have other quotes, and their lines may be
// continued in another way. Comments and blank lines between instructions have to be the
// same. It returns false if it cannot decide, as for texts with here-documents.
func SameBuild(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := Parse(a)
	y, err2 := Parse(b)
	if err1 != nil || err2 != nil || len(x.Instructions) != len(y.Instructions) || !slices.Equal(x.between(a), y.between(b)) {
		return false
	}
	if x.hasDocuments() || y.hasDocuments() {
		return false
	}
	known := x.escape == parser.DefaultEscapeToken && y.escape == x.escape
	for n, i := range x.Instructions {
		j := y.Instructions[n]
		if i.node.Original == j.node.Original {
			known = known && i.Keyword != "SHELL" // the rest may be another language
			continue
		}
		if !known || !sameInstruction(i, j) {
			return false
		}
	}
	return true
}

// hasDocuments reports whether the file has here-documents.
func (f *File) hasDocuments() bool {
	return slices.ContainsFunc(f.Instructions, func(i Instruction) bool { return len(i.node.Heredocs) > 0 })
}

// between returns the lines of the text that are no part of an instruction.
func (f *File) between(text string) []string {
	lines := strings.Split(strings.TrimRight(Normalize(text), "\n"), "\n")
	var others []string
	next := 0
	for _, i := range f.Instructions {
		others = append(others, lines[next:i.Line-1]...)
		others = append(others, "") // in place of the instruction
		next = min(i.End, len(lines))
	}
	return append(others, lines[next:]...)
}

// sameInstruction compares two instructions with different texts.
func sameInstruction(i, j Instruction) bool {
	if i.Keyword != j.Keyword || !slices.Equal(i.node.Flags, j.node.Flags) {
		return false
	}
	x, err1 := instructions.ParseInstruction(i.node)
	y, err2 := instructions.ParseInstruction(j.node)
	if err1 != nil || err2 != nil {
		return false
	}
	if a, ok := commandLine(x); ok {
		b, _ := commandLine(y)
		return sameCommandLine(a, b)
	}
	if strings.Contains(i.node.Original+j.node.Original, "$") {
		return false // quotes decide whether it begins a variable
	}
	a, ok1 := wordsOf(x)
	b, ok2 := wordsOf(y)
	return ok1 && ok2 && slices.Equal(a, b)
}

// commandLine returns the command of an instruction that has one.
func commandLine(c any) (line instructions.ShellDependantCmdLine, ok bool) {
	switch c := c.(type) {
	case *instructions.RunCommand:
		return c.ShellDependantCmdLine, true
	case *instructions.CmdCommand:
		return c.ShellDependantCmdLine, true
	case *instructions.EntrypointCommand:
		return c.ShellDependantCmdLine, true
	}
	return line, false
}

func sameCommandLine(a, b instructions.ShellDependantCmdLine) bool {
	if a.PrependShell != b.PrependShell {
		return false
	}
	if a.PrependShell {
		return script.Same(strings.Join(a.CmdLine, " "), strings.Join(b.CmdLine, " "))
	}
	return slices.Equal(a.CmdLine, b.CmdLine)
}

// wordsOf returns the words that Docker reads from an instruction without variables. It
// returns false for an instruction that it does not know.
func wordsOf(c any) ([]string, bool) {
	lex := shell.NewLex(parser.DefaultEscapeToken)
	if e, ok := c.(instructions.SupportsSingleWordExpansion); ok {
		err := e.Expand(func(word string) (string, error) {
			read, _, err := lex.ProcessWord(word, newScope(parser.DefaultEscapeToken))
			return read, err
		})
		if err != nil {
			return nil, false
		}
	}
	switch c := c.(type) {
	case *instructions.EnvCommand:
		return pairs(c.Env), true
	case *instructions.LabelCommand:
		return pairs(c.Labels), true
	case *instructions.WorkdirCommand:
		return []string{c.Path}, true
	case *instructions.UserCommand:
		return []string{c.User}, true
	case *instructions.CopyCommand:
		return copied(c), true
	}
	return nil, false
}

func pairs(list instructions.KeyValuePairs) []string {
	var words []string
	for _, p := range list {
		words = append(words, p.Key, p.Value)
	}
	return words
}

// copied returns the paths of a COPY. A source may begin with ./ or not.
func copied(c *instructions.CopyCommand) []string {
	var words []string
	for _, source := range c.SourcePaths {
		if !c.Parents {
			source = strings.TrimPrefix(source, "./")
		}
		words = append(words, source)
	}
	return append(words, c.DestPath)
}
