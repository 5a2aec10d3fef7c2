package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constantsOf returns the values of the constants of a type of texts in a folder.
func constantsOf(t *testing.T, folder, typeName string) (values []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != typeName || strings.HasSuffix(file, "_test.go") {
				return true
			}
			for _, v := range spec.Values {
				if text, ok := v.(*ast.BasicLit); ok {
					value, err := strconv.Unquote(text.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, value)
				}
			}
			return true
		})
	}
	slices.Sort(values)
	return values
}

// docs/troubleshooting.md has one entry for each class of errors and each kind of block,
// with what happened and what to do.
func TestTroubleshooting(t *testing.T) {
	text, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## Errors of requests\n")
	errorTable, blockTable, ok := strings.Cut(rest, "\n## Blocked steps\n")
	if !ok {
		t.Fatal("the sections are not there")
	}
	for _, test := range []struct{ table, folder, typeName string }{
		{errorTable, "client", "ErrorClass"},
		{blockTable, "plan", "BlockKind"},
	} {
		var entries []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|(.*)\\|(.*)\\|$").FindAllStringSubmatch(test.table, -1) {
			entries = append(entries, row[1])
			if len(row[2]) < 10 || len(row[3]) < 10 {
				t.Errorf("the entry %s is empty", row[1])
			}
		}
		slices.Sort(entries)
		if want := constantsOf(t, test.folder, test.typeName); len(want) < 10 || !slices.Equal(entries, want) {
			t.Errorf("entries %q, but %s.%s has %q", entries, test.folder, test.typeName, want)
		}
	}
}
