// Package dockerfile reads Dockerfiles with the parser of BuildKit: instructions and
// stages with their lines, the local files that they copy, base images, mistakes, and what
// changed between two texts. It reads texts and no files.
package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// A File is a parsed Dockerfile. It is not changed by its methods, and may be used by
// several goroutines.
type File struct {
	// Instructions are all instructions that could be read, in the order of their lines.
	Instructions []Instruction
	// Stages are the build stages, one for each FROM. The last one is the image.
	Stages []Stage

	escape    rune // the character that continues lines
	continues bool // the last instruction continues on text that is appended
	fragment  bool // the text follows a FROM that is elsewhere
}

// An Instruction is one instruction with its position.
type Instruction struct {
	Line, End int    // the first and the last line, from 1; a here-document is a part of it
	Keyword   string // in upper case
	Text      string // the lines as written, with line breaks between them
	// Stage is the index in File.Stages; -1 before the first FROM.
	Stage int

	node *parser.Node
}

// String returns the instruction as one line: continuation lines are joined, comments
// and here-documents are left out.
func (i Instruction) String() string { return strings.Join(strings.Fields(i.node.Original), " ") }

// content returns what identifies an instruction: its joined line and its here-documents.
func (i Instruction) content() string {
	var b strings.Builder
	b.WriteString(i.String())
	for _, doc := range i.node.Heredocs {
		b.WriteString("\x00" + doc.Content)
	}
	return b.String()
}

// A Stage is a build stage.
type Stage struct {
	Line     int
	Name     string // in lower case; "" if it has none
	Image    string // the base as written, with variables
	Platform string // the value of --platform as written; "" if not set
}

// Parse reads a Dockerfile. Windows line ends and a byte order mark are accepted. An
// error is a Problems with every mistake that was found: what BuildKit refuses for its
// form, duplicate stage names, and a text that does not start with FROM or ARG. The file
// is never nil, and holds what could be read. Check finds the mistakes that depend on
// build arguments.
func Parse(text string) (*File, error) { return parse(text, false) }

// ParseFragment reads instructions that are added to a Dockerfile after a FROM. They
// belong to the stage with the index 0, which has no line.
func ParseFragment(text string) (*File, error) { return parse(text, true) }

func parse(text string, fragment bool) (*File, error) {
	text = Normalize(text)
	result, problems := syntax(text)
	f := &File{escape: parser.DefaultEscapeToken, fragment: fragment}
	if fragment {
		f.Stages = []Stage{{}}
	}
	if result != nil {
		f.escape = result.EscapeToken
		problems = append(problems, f.read(result.AST.Children, strings.Split(text, "\n"))...)
	}
	f.continues = continues(text)
	if len(problems) == 0 && len(f.Stages) == 0 {
		problems = append(problems, Problem{Line: 1, Message: "there is no FROM", Hint: "start with FROM and the base image"})
	}
	return f, problems.asError()
}

// Normalize returns a text as it is parsed and sent: without a byte order mark and with
// a line feed at the end of each line.
func Normalize(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
}

// read converts the nodes of the parser, and returns their mistakes.
func (f *File) read(nodes []*parser.Node, lines []string) Problems {
	var problems Problems
	for _, n := range nodes {
		command, err := instructions.ParseInstruction(n)
		if err != nil {
			problems = append(problems, problemOf(n, err))
		}
		if err == nil && n.Next == nil && strings.EqualFold(n.Value, "RUN") {
			problems = append(problems, Problem{Line: n.StartLine, Message: "RUN has no command", Hint: "write the command behind it", Quoted: n.Value})
		}
		if stage, ok := command.(*instructions.Stage); ok && err == nil {
			problems = append(problems, f.addStage(n, stage)...)
		}
		i := Instruction{
			Line: n.StartLine, End: n.EndLine, Keyword: strings.ToUpper(n.Value), Stage: len(f.Stages) - 1,
			Text: strings.Join(lines[n.StartLine-1:min(n.EndLine, len(lines))], "\n"), node: n,
		}
		if err == nil && i.Stage < 0 && i.Keyword != "ARG" && !problems.at(beforeFrom) {
			problems = append(problems, Problem{
				Line: i.Line, Quoted: i.String(), Hint: "start with FROM and the base image",
				Message: "the first instruction is " + i.Keyword + "; " + beforeFrom,
			})
		}
		f.Instructions = append(f.Instructions, i)
	}
	return problems
}

// beforeFrom ends the message about an instruction before the first FROM.
const beforeFrom = "only ARG may precede FROM"

// addStage appends a stage, and reports a name that an earlier one has.
func (f *File) addStage(n *parser.Node, s *instructions.Stage) (problems Problems) {
	for _, earlier := range f.Stages {
		if s.Name != "" && earlier.Name == s.Name {
			problems = append(problems, Problem{
				Line: n.StartLine, Quoted: s.Name, Hint: "give each stage a name of its own",
				Message: "the stage in line " + itoa(earlier.Line) + " has the name " + quote(s.Name) + ", too",
			})
		}
	}
	f.Stages = append(f.Stages, Stage{Line: n.StartLine, Name: s.Name, Image: s.BaseName, Platform: s.Platform})
	return problems
}
