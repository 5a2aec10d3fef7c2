package build

import (
	"path"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simulate returns what a shell script prints and its exit code. The commands true, false,
// exit, echo and sh -c have an effect, also when they are joined by && and ||; all others
// succeed and print nothing. What a script does after another construct is not known, and
// counts as success.
func simulate(script string) (output string, code int) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "")
	if err != nil {
		return "sh: syntax error\n", 2
	}
	var s simulation
	s.list(file.Stmts)
	return s.output.String(), s.code
}

type simulation struct {
	output strings.Builder
	code   int
	ended  bool // exit was executed
}

func (s *simulation) list(all []*syntax.Stmt) {
	for _, one := range all {
		if s.ended {
			return
		}
		s.statement(one)
	}
}

func (s *simulation) statement(one *syntax.Stmt) {
	s.code = 0
	switch c := one.Cmd.(type) {
	case *syntax.BinaryCmd:
		if c.Op != syntax.AndStmt && c.Op != syntax.OrStmt {
			return
		}
		s.statement(c.X)
		if !s.ended && (s.code == 0) == (c.Op == syntax.AndStmt) {
			s.statement(c.Y)
		}
	case *syntax.CallExpr:
		if words, ok := literals(c.Args); ok && len(one.Redirs) == 0 {
			s.command(words)
		}
	}
	if one.Negated {
		s.code = map[bool]int{true: 1, false: 0}[s.code == 0]
	}
}

// command executes a simple command.
func (s *simulation) command(words []string) {
	if len(words) == 0 {
		return
	}
	switch name, rest := path.Base(words[0]), words[1:]; name {
	case "false":
		s.code = 1
	case "echo":
		s.output.WriteString(strings.Join(rest, " ") + "\n")
	case "exit":
		s.ended = true
		if len(rest) > 0 {
			code, err := strconv.Atoi(rest[0])
			if err != nil {
				code = 2
			}
			s.code = code & 0xff
		}
	case "sh", "bash":
		if len(rest) == 2 && strings.HasPrefix(rest[0], "-") && strings.HasSuffix(rest[0], "c") {
			output, code := simulate(rest[1])
			s.output.WriteString(output)
			s.code = code
		}
	}
}

// literals returns words without variables and substitutions; false if there are any.
func literals(words []*syntax.Word) (list []string, ok bool) {
	for _, w := range words {
		var text strings.Builder
		for _, part := range w.Parts {
			if !literal(&text, part) {
				return nil, false
			}
		}
		list = append(list, text.String())
	}
	return list, true
}

// literal appends the text of a part of a word. It returns false if the part is not
// literal.
func literal(text *strings.Builder, part syntax.WordPart) bool {
	switch p := part.(type) {
	case *syntax.Lit:
		text.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
	case *syntax.SglQuoted:
		text.WriteString(p.Value)
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			if !literal(text, inner) {
				return false
			}
		}
	default:
		return false
	}
	return true
}

// quoted returns words as a shell command.
func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(list, " ")
}
