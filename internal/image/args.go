package image

import (
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/suggest"
)

// argNamePattern matches the names of build arguments.
var argNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// DecodeArgs reads build arguments: a mapping of names to texts of one line. It returns
// false if it reported an error.
func DecodeArgs(d *decode.Decoder, n *yaml.Node, path string) ([]Arg, bool) {
	before := d.ErrorCount()
	var args []Arg
	entries, _ := d.Entries(n, path)
	for _, e := range entries {
		where := at(path, e.Name)
		if !argNamePattern.MatchString(e.Name) {
			d.Errorf(e.Key, where, "%q is not the name of a build argument", e.Name)
			continue
		}
		args = append(args, Arg{Name: e.Name, Value: reader{d}.value(e, where), Pos: d.Position(e.Key), Path: where})
	}
	return args, d.ErrorCount() == before
}

// applyArgs makes the values of arguments the defaults of the ARG instructions, since a
// build on Daytona has no arguments of its own. The numbers of lines remain. An argument
// without an ARG is an error.
func applyArgs(text string, args []Arg) (string, []Problem) {
	if len(args) == 0 {
		return text, nil
	}
	values := map[string]string{}
	for _, a := range args {
		values[a.Name] = a.Value
	}
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return text, nil // it is reported with the other mistakes of the text
	}
	lines := strings.Split(text, "\n")
	var declared []string
	for _, n := range result.AST.Children {
		if !strings.EqualFold(n.Value, "ARG") {
			continue
		}
		words, changed := withValues(n, values)
		for _, w := range words {
			name, _, _ := strings.Cut(w, "=")
			declared = append(declared, name)
		}
		if changed {
			clear(lines[n.StartLine-1 : n.EndLine])
			lines[n.StartLine-1] = "ARG " + strings.Join(words, " ")
		}
	}
	return strings.Join(lines, "\n"), unusedArgs(args, declared)
}

// withValues returns the words of an ARG instruction with the values as defaults, and
// whether there are any.
func withValues(arg *parser.Node, values map[string]string) (words []string, changed bool) {
	for n := arg.Next; n != nil; n = n.Next {
		word := n.Value
		name, _, _ := strings.Cut(word, "=")
		if value, ok := values[name]; ok {
			word, changed = name+"="+shellQuote(value), true
		}
		words = append(words, word)
	}
	return words, changed
}

// unusedArgs returns an error for each argument that no ARG declares.
func unusedArgs(args []Arg, declared []string) []Problem {
	var all []Problem
	for _, a := range args {
		if slices.Contains(declared, a.Name) {
			continue
		}
		p := Problem{Pos: a.Pos, Path: a.Path, Message: "no ARG of the image declares " + a.Name}
		if p.Hint = suggest.DidYouMean(a.Name, declared); p.Hint == "" {
			p.Hint = "add the step arg: [" + a.Name + "], or remove the argument"
		}
		all = append(all, p)
	}
	return all
}
