// Package dotenv reads dotenv files the way that both npm's dotenv and
// python-dotenv read them, and reports where the two disagree.
//
// There is no standard for these files. Daytona's SDKs read them with these two
// libraries, so a value has a reliable meaning only if both give it the same
// one. The package therefore implements both grammars (npm.go, python.go) and
// compares their results. A library for Go cannot do that: it has a third
// grammar, which expands `$name` in keys, and reports no line numbers.
//
// testdata/cases.json holds what the two libraries read; make-cases.sh writes it.
package dotenv

import (
	"errors"
	"sort"
	"strings"
	"unicode/utf8"
)

// A Variable is a name with the value that both libraries read.
type Variable struct {
	Name  string
	Value string // empty if there is a Problem
	Line  int    // of the name, from 1

	// Problem is the reason why the value is unusable, and how to write it instead. It
	// never contains the value. It is empty if both libraries agree.
	Problem string
}

// A File is the content of a dotenv file.
type File struct {
	Variables []Variable // one for each name, in order of their lines
	byName    map[string]int
}

// Lookup returns the variable with the given name; false if there is none.
func (f *File) Lookup(name string) (Variable, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Variable{}, false
	}
	return f.Variables[i], true
}

// A binding is a name with its value as one of the libraries reads it.
type binding struct {
	name, value    string
	noValue        bool // the name has no value, not even an empty one
	line, lastLine int  // of the name, and of the end of the value
}

// Parse reads a file. prefix selects the names whose lines must be valid: a line that
// starts with such a name, but is not a variable for either library, becomes a
// variable with a Problem. With an empty prefix, such lines are ignored.
//
// The error concerns the whole file, such as its encoding.
func Parse(text []byte, prefix string) (*File, error) {
	if len(text) > MaxSize {
		return nil, errTooLarge
	}
	s := strings.TrimPrefix(string(text), "\ufeff") // as npm's does, and newer versions of python-dotenv
	if strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") || strings.ContainsRune(s, 0) {
		return nil, errors.New("it is not UTF-8 text; save it as UTF-8")
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	npm, python := readNPM(s), readPython(s)
	f := merge(npm, python)
	if prefix != "" {
		f.add(malformedLines(s, prefix, append(npm, python...))...)
	}
	sort.SliceStable(f.Variables, func(i, j int) bool { return f.Variables[i].Line < f.Variables[j].Line })
	f.byName = map[string]int{}
	for i, v := range f.Variables {
		if old, ok := f.byName[v.Name]; !ok || f.Variables[old].Problem == "" {
			f.byName[v.Name] = i
		}
	}
	return f, nil
}

func (f *File) add(variables ...Variable) { f.Variables = append(f.Variables, variables...) }

// merge compares the two readings. In both, the last line of a name is the valid one.
func merge(npm, python []binding) *File {
	var names []string
	type pair struct{ npm, python *binding }
	pairs := map[string]pair{}
	for i := range npm {
		p, known := pairs[npm[i].name]
		if !known {
			names = append(names, npm[i].name)
		}
		p.npm = &npm[i]
		pairs[npm[i].name] = p
	}
	for i := range python {
		p, known := pairs[python[i].name]
		if !known {
			names = append(names, python[i].name)
		}
		p.python = &python[i]
		pairs[python[i].name] = p
	}
	f := &File{}
	for _, name := range names {
		f.add(compare(name, pairs[name].npm, pairs[name].python))
	}
	return f
}

// compare returns the variable for two bindings of a name. nil means that a library
// does not read the name.
func compare(name string, npm, python *binding) Variable {
	v := Variable{Name: name}
	printable := PrintableName(name)
	switch {
	case npm == nil:
		v.Line = python.line
		v.Problem = "only python-dotenv reads this line, npm dotenv does not; write " + printable + "='VALUE' on a line of its own"
		if python.noValue {
			v.Problem = "it has no value; write " + printable + "='VALUE', or delete the line"
		}
		return v
	case python == nil:
		v.Line = npm.line
		v.Problem = "only npm dotenv reads this line, python-dotenv does not; write " + printable + "='VALUE' on a line of its own"
		return v
	}
	v.Line = max(npm.line, python.line)
	if v.Problem = disagreement(npm, python); v.Problem == "" {
		v.Value = npm.value
	}
	return v
}

// disagreement returns the reason why the two libraries do not read the same usable
// value, and the remedy; "" if they do.
func disagreement(npm, python *binding) string {
	quote := "; write " + PrintableName(npm.name) + "='VALUE' in single quotes"
	switch {
	case hasReference(python.value):
		return "python-dotenv replaces ${NAME} in its value, npm dotenv does not; write the value itself"
	case strings.ContainsRune(npm.value, utf8.RuneError):
		return "its value is not UTF-8; save the file as UTF-8"
	case npm.value == python.value && !python.noValue:
		return ""
	case python.noValue:
		return "npm dotenv and python-dotenv do not read the same line as its value" + quote
	case strings.HasPrefix(python.value, npm.value) && strings.Contains(python.value, "#"):
		return "npm dotenv ends its value at the #, python-dotenv does not" + quote
	case strings.Contains(npm.value, `\`):
		return "npm dotenv and python-dotenv read the backslashes in its value differently" + quote
	default:
		return "npm dotenv and python-dotenv read its value differently" + quote
	}
}

// hasReference reports whether python-dotenv would replace a part of a value:
// ${NAME} or ${NAME:-DEFAULT}.
func hasReference(value string) bool {
	value = value[:strings.LastIndexByte(value, '}')+1]
	for {
		_, rest, ok := strings.Cut(value, "${")
		if !ok {
			return false
		}
		end := strings.IndexAny(rest, "}:") // there is a brace
		if rest[end] == '}' || strings.HasPrefix(rest[end:], ":-") {
			return true
		}
		value = rest[end+1:]
	}
}

// malformedLines returns the lines that look like variables with the prefix, but are
// not variables for either library.
func malformedLines(s, prefix string, known []binding) []Variable {
	covered := map[int]bool{}
	for _, b := range known {
		for line := b.line; line <= b.lastLine; line++ {
			covered[line] = true
		}
	}
	var list []Variable
	line := 0
	for text := range strings.Lines(s) {
		line++
		hidden := strings.ContainsAny(text, "\u2028\u2029") && strings.Contains(text, prefix)
		text = strings.TrimSpace(text)
		if rest, ok := strings.CutPrefix(text, "export"); ok {
			text = strings.TrimSpace(rest)
		}
		switch {
		case hidden:
			list = append(list, Variable{Name: prefix, Line: line, Problem: "npm dotenv treats U+2028 and U+2029 as line breaks, python-dotenv does not; delete them"})
		case strings.HasPrefix(text, prefix) && !covered[line]:
			name := PrintableName(text)
			list = append(list, Variable{Name: name, Line: line, Problem: "it is not NAME=value; write " + name + "='VALUE'"})
		}
	}
	return list
}

// PrintableName returns the part of a name that can be printed: letters, digits and
// underscores. In a mistyped line, the value may be a part of the apparent name.
func PrintableName(name string) string {
	return name[:len(name)-len(strings.TrimLeftFunc(name, isNameRune))]
}

func isNameRune(r rune) bool {
	return r < utf8.RuneSelf && (r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
}
