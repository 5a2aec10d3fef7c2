package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is a bound with one mistake.
type mutant struct {
	bound
	fn         string // "" outside of functions
	from, to   string // the original text and its replacement
	kind       mutantKind
	occurrence int // number of the same mistakes before it in the function
	line       int
	begin, end int // offsets of from in the file
	source     []byte
}

// String returns the mutant as equivalent.txt names it.
func (m mutant) String() string {
	s := fmt.Sprintf("%s %s: %s -> %s", m.file, m.fn, strings.Join(strings.Fields(m.from), " "), strings.Join(strings.Fields(m.to), " "))
	if m.occurrence > 0 {
		s += fmt.Sprintf(" #%d", m.occurrence+1)
	}
	return s
}

// mutated returns the file with the mistake.
func (m mutant) mutated() []byte {
	return slices.Concat(m.source[:m.begin], []byte(m.to), m.source[m.end:])
}

// readMutants returns all mutants of a bound.
func readMutants(b bound) ([]mutant, error) {
	source, err := os.ReadFile(filepath.FromSlash(b.file))
	if err != nil {
		return nil, err
	}
	return findMutants(b, source)
}

func findMutants(b bound, source []byte) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, b.file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := finder{bound: b, files: files, source: source, seen: map[string]int{}, inBlock: map[ast.Stmt]bool{}}
	missing := slices.Clone(b.funcs)
	for _, d := range file.Decls {
		f.fn = ""
		if fn, ok := d.(*ast.FuncDecl); ok {
			f.fn = fn.Name.Name
		}
		if len(b.funcs) > 0 && !slices.Contains(b.funcs, f.fn) {
			continue
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == f.fn })
		ast.Inspect(d, f.visit)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s has no function %s", b.file, missing[0])
	}
	return f.found, nil
}
