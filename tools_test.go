package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fleet/internal/tooltest"
)

// condition has the conditions of scripts that testscript lacks: tool:NAME holds if a
// program is installed.
func condition(name string) (bool, error) {
	if tool, ok := strings.CutPrefix(name, "tool:"); ok {
		return tooltest.Installed(tool)
	}
	return false, nil
}

// optionalTools are the programs that CI does not install, and what misses a test there.
var optionalTools = map[string]string{
	"age-keygen":      "files encrypted by sops",
	"sops":            "files encrypted by sops",
	"dot":             "graphs of plans, whose syntax other tests check",
	"systemd-analyze": "units, which need a version of systemd that containers lack",
}

// toolUse matches the programs that tests ask for.
var toolUse = regexp.MustCompile(`tooltest\.(?:Path|Missing)\(\w+, "([\w-]+)"|\[!?tool:([\w-]+)\]`)

// scriptLookup matches the conditions of testscript for programs.
var scriptLookup = regexp.MustCompile(`(?m)^\[!?exec:`)

// TestToolsOfCI checks that tests find programs in one way, and that CI requires all but
// the optional ones, so that no test is skipped there without notice.
func TestToolsOfCI(t *testing.T) {
	script, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`export ` + tooltest.Needs + `="([^"]*)"`).FindStringSubmatch(string(script))
	if m == nil {
		t.Fatalf(".ci/run does not set %s", tooltest.Needs)
	}
	needed := map[string]bool{}
	for _, program := range strings.Fields(m[1]) {
		needed[program] = true
	}
	for file, text := range testSources(t) {
		if strings.Contains(text, "exec.Look"+"Path(") && file != "internal/watch/page/browser_test.go" || scriptLookup.MatchString(text) {
			t.Errorf("%s looks for a program without tooltest", file)
		}
		for _, m := range toolUse.FindAllStringSubmatch(text, -1) {
			if tool := m[1] + m[2]; needed[tool] == (optionalTools[tool] != "") {
				t.Errorf("%s runs %s, which is either in %s of .ci/run or optional", file, tool, tooltest.Needs)
			}
		}
	}
}

// testSources returns the texts of the tests and scripts by their files.
func testSources(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(".", func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".txtar") {
			text, err := os.ReadFile(file)
			texts[filepath.ToSlash(file)] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
