package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"

	"fleet/internal/tooltest"
)

// action is the part of action.yml that is checked.
type action struct {
	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Steps []step
	}
}

type step struct {
	ID, Uses, Run, Shell string
	With, Env            map[string]string
	Directory            string `yaml:"working-directory"`
}

var expression = regexp.MustCompile(`\$\{\{ *([^} ]+) *\}\}`)

// TestAction checks that the names in action.yml agree: GitHub silently replaces an
// unknown name by an empty text.
func TestAction(t *testing.T) {
	text, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"github.action_path": true}
	for name, input := range a.Inputs {
		known["inputs."+name] = true
		if input.Description == "" {
			t.Errorf("the input %s has no description", name)
		}
	}
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		if expression.MatchString(s.Run) {
			t.Errorf("step %s: an expression in a script can inject a command; pass it through env", s.ID)
		}
		if s.Run != "" && (s.Shell != "bash" || s.ID == "") {
			t.Errorf("step %q: it needs a shell and an id", s.ID)
		}
		for _, m := range outputs.FindAllStringSubmatch(s.Run, -1) {
			known["steps."+s.ID+".outputs."+m[1]] = true
		}
		for _, v := range append(append(slices.Collect(maps.Values(s.Env)), slices.Collect(maps.Values(s.With))...), s.Directory) {
			for _, m := range expression.FindAllStringSubmatch(v, -1) {
				used[m[1]] = true
			}
		}
	}
	for _, o := range a.Outputs {
		for _, m := range expression.FindAllStringSubmatch(o.Value, -1) {
			used[m[1]] = true
		}
	}
	for name := range used {
		if !known[name] {
			t.Errorf("there is no %s", name)
		}
	}
	for name := range known {
		if !used[name] {
			t.Errorf("%s is not used", name)
		}
	}
}

// TestActionBuilds runs the step that builds fleet.
func TestActionBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds fleet")
	}
	text, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(a.Runs.Steps, func(s step) bool { return s.ID == "build" })
	dir := t.TempDir()
	cmd := exec.Command(tooltest.Path(t, "bash"), "-e", "-c", a.Runs.Steps[i].Run)
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "SOURCE=.", "RUNNER_TEMP="+dir, "GITHUB_PATH="+filepath.Join(dir, "path"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	path, err := os.ReadFile(filepath.Join(dir, "path"))
	if err != nil {
		t.Fatal(err)
	}
	checkVersion(t, filepath.Join(strings.TrimSpace(string(path)), "fleet"))
}

// checkVersion fails unless a program names the commit of this checkout, if it is one.
func checkVersion(t *testing.T, program string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, "version").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(".git"); err != nil {
		return
	}
	head, err := exec.CommandContext(t.Context(), tooltest.Path(t, "git"), "log", "-1", "--format=commit %H, date %cI").Output()
	if err != nil || !strings.Contains(string(out), string(head)) {
		t.Errorf("%s (%v) instead of %s", out, err, head)
	}
}

// outputs matches the names that a script writes to GITHUB_OUTPUT.
var outputs = regexp.MustCompile(`echo "([a-z-]+)=\$`)

// cmdDocumented writes a file that a document shows.
func cmdDocumented(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: documented DOCUMENT NAME")
	}
	text, err := os.ReadFile(repository(ts, args[0]))
	ts.Check(err)
	_, rest, found := strings.Cut(string(text), " "+args[1]+"\n")
	shown, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		ts.Fatalf("%s shows no %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(shown+"\n"), 0o600))
}

// repository returns the path of a file of this repository.
func repository(ts *testscript.TestScript, name string) string {
	return ts.Getenv("EXAMPLES") + "/../" + name
}

// cmdRuns runs the shell commands at a path of a CI file, as CI would.
func cmdRuns(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: runs CODE FILE PATH [NAME=VALUE]...")
	}
	file := ts.MkAbs(args[1])
	if args[1] == "action.yml" {
		file = repository(ts, args[1])
	}
	text, err := os.ReadFile(file)
	ts.Check(err)
	var at any
	ts.Check(yaml.Unmarshal(text, &at))
	for _, key := range strings.Split(args[2], "/") {
		at = below(at, key)
	}
	var commands []string
	switch at := at.(type) {
	case string:
		commands = []string{at}
	case []any:
		for _, c := range at {
			commands = append(commands, c.(string))
		}
	default:
		ts.Fatalf("%s has no commands at %s", args[1], args[2])
	}
	for _, pair := range args[3:] {
		name, value, _ := strings.Cut(pair, "=")
		ts.Setenv(name, value)
	}
	checkExit(ts, ts.Exec("sh", "-e", "-c", strings.Join(commands, "\n")), args[0])
}

// below returns the value under a key of a mapping, or the entry of a list with that
// id.
func below(at any, key string) any {
	switch at := at.(type) {
	case map[string]any:
		return at[key]
	case []any:
		for _, entry := range at {
			if m, ok := entry.(map[string]any); ok && m["id"] == key {
				return m
			}
		}
	}
	return nil
}
