package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// raced is whether the tests run with the race detector.
var raced bool

// scriptFile returns the path of a script.
func scriptFile(name string) string { return filepath.Join("testdata", "script", name+".txtar") }

// scriptFiles returns the paths of the scripts to run.
func scriptFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(scriptFile("*"))
	if err != nil {
		t.Fatal(err)
	}
	if raced {
		for _, name := range unracedScripts(t) {
			files = slices.DeleteFunc(files, func(file string) bool { return file == scriptFile(name) })
		}
	}
	return files
}

// unracedScripts returns the names of the scripts that do not run with the race detector.
func unracedScripts(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "unraced.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			names = append(names, strings.TrimSpace(line))
		}
	}
	return names
}

// TestUnracedScripts checks that the scripts without the race detector exist, and that
// none of them has two programs running at once.
func TestUnracedScripts(t *testing.T) {
	background := regexp.MustCompile(`(?m)^(! )?begin |&$`)
	for _, name := range unracedScripts(t) {
		text, err := os.ReadFile(scriptFile(name))
		if err != nil {
			t.Error(err)
		}
		commands, _, _ := strings.Cut(string(text), "\n-- ")
		if found := background.FindString(commands); found != "" {
			t.Errorf("%s has %q: race it", name, found)
		}
	}
}
