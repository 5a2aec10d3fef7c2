package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// EndsInContinuation reports whether text that is appended would become a part of the
// last instruction, because its last line ends in the escape character.
func (f *File) EndsInContinuation() bool { return f.continues }

// continues reports whether a line after the text belongs to its last instruction.
func continues(text string) bool {
	text = strings.TrimRight(text, "\n") + "\n"
	const next = "NEXT"
	result, err := parser.Parse(strings.NewReader(text + next))
	if err != nil {
		return false
	}
	last := result.AST.Children[len(result.AST.Children)-1]
	return last.Value != next || last.StartLine != strings.Count(text, "\n")+1
}

// IsOneLine reports whether a text becomes one instruction of a Dockerfile when it is
// written after a keyword: each of its lines but the last ends in a backslash.
func IsOneLine(text string) bool {
	lines := strings.Split(Normalize(text), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !continues("CMD " + line) {
			return false
		}
	}
	return true
}
