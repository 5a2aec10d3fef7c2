package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// majorVersion matches the suffix of a module path from the second version on.
var majorVersion = regexp.MustCompile(`/v\d+$`)

// requiredModules returns the modules that go.mod requires directly, as
// documents name them.
func requiredModules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 2 && strings.HasPrefix(line, "\t") {
			list = append(list, strings.TrimPrefix(majorVersion.ReplaceAllString(f[0], ""), "github.com/"))
		}
	}
	return list
}

// documentedModules returns the modules in the table of docs/dependencies.md and in
// its list of test dependencies.
func documentedModules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for line := range strings.Lines(string(text)) {
		if row := strings.Split(line, "|"); len(row) > 1 {
			parts = append(parts, row[1])
		}
	}
	_, rest, found := strings.Cut(string(text), "Only in tests:")
	if !found {
		t.Fatal("the modules of tests are not listed")
	}
	tests, _, _ := strings.Cut(rest, "\n\n")
	return regexp.MustCompile(`[\w.-]+/[\w./-]*\w`).FindAllString(strings.Join(append(parts, tests), "\n"), -1)
}

// TestDependenciesAreDocumented checks that docs/dependencies.md names exactly the
// modules that go.mod requires, each once. A module stands for those below its path.
func TestDependenciesAreDocumented(t *testing.T) {
	required, documented := requiredModules(t), documentedModules(t)
	covers := func(name, module string) bool { return module == name || strings.HasPrefix(module, name+"/") }
	for _, m := range required {
		if !slices.ContainsFunc(documented, func(name string) bool { return covers(name, m) }) {
			t.Errorf("docs/dependencies.md does not name %s", m)
		}
	}
	for i, name := range documented {
		if slices.Contains(documented[:i], name) {
			t.Errorf("docs/dependencies.md names %s twice", name)
		}
		if !slices.ContainsFunc(required, func(m string) bool { return covers(name, m) }) {
			t.Errorf("docs/dependencies.md names %s, which go.mod does not require", name)
		}
	}
}
