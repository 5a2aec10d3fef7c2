package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"fleet/internal/format"
	"fleet/spec"
)

// fence is a block of code in a document. Its language may be followed by the name of
// the file that it shows.
type fence struct {
	language, file, text string
	line                 int
}

// fences returns the blocks of code of a Markdown file.
func fences(t *testing.T, file string) []fence {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []fence
	open := false
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "```") && !open:
			open = true
			language, name, _ := strings.Cut(strings.TrimPrefix(line, "```"), " ")
			list = append(list, fence{language: language, file: name, line: n})
		case strings.HasPrefix(line, "```"):
			open = false
		case open:
			list[len(list)-1].text += line + "\n"
		}
	}
	return list
}

// documents returns the paths of all documents.
func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(docs, "README.md", "CONTRIBUTING.md")
}

// referenced are the files to which documented specs refer.
var referenced = map[string]string{
	"images.yaml":  "images: {python: {debian_slim: \"3.12\"}}\n",
	"teams/a.yaml": "volumes: {a: {}}\n",
	"token.txt":    "x\n",
	"secrets.yaml": "database: {password: x}\n",
}

// readDocumented loads a spec from a document: a whole one, or a part.
func readDocumented(t *testing.T, text string) error {
	t.Helper()
	dir := t.TempDir()
	if !strings.Contains(text, "version: ") {
		text = "version: 1\nname: demo\n" + text
	}
	file := filepath.Join(dir, "fleet.yaml")
	files := map[string]string{file: text}
	for name, text := range referenced {
		files[filepath.Join(dir, name)] = text
	}
	for file, text := range files {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := spec.Options{
		Lookup: func(name string) (string, bool) { return "x", !strings.HasPrefix(name, "FLEET_VAR_") },
		Run:    func([]string) ([]byte, error) { return []byte("x"), nil },
	}
	f, err := o.Load(file)
	if err != nil {
		return err
	}
	for _, e := range f.Environments {
		o.Environment = e
		if _, err := o.Load(file); err != nil {
			return err
		}
	}
	return nil
}

// TestDocumentedSpecs loads every spec in a document, with each of its environments.
func TestDocumentedSpecs(t *testing.T) {
	n := 0
	for _, file := range documents(t) {
		for _, f := range fences(t, file) {
			if f.language != "yaml" {
				continue
			}
			n++
			if f.file == "" { // commands read the others
				if err := readDocumented(t, f.text); err != nil {
					t.Errorf("%s:%d: %v", file, f.line, err)
				}
			}
			if out, err := format.Source([]byte(f.text)); err != nil || string(out) != f.text {
				t.Errorf("%s:%d: the spec is not formatted: %v\n%s", file, f.line, err, out)
			}
		}
	}
	if n == 0 {
		t.Error("no document shows a spec")
	}
}

// inRepository matches commands that build or test the repository itself. They are
// checked, but not run: make test would run these tests again.
var inRepository = regexp.MustCompile(`^(make\b|go |bin/fleet )`)

// TestDocumentedCommands runs the shell commands of each document in order, with the
// files that it shows before them. The first spec without a name is fleet.yaml.
func TestDocumentedCommands(t *testing.T) {
	for _, file := range documents(t) {
		script := documentScript(t, file)
		if script == "" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) { runDocumented(t, script) })
	}
}

// TestDocumentsInOneHome runs the commands of several documents one after the other, in a
// directory and with a home and servers that they share, as a reader does.
func TestDocumentsInOneHome(t *testing.T) {
	var script strings.Builder
	for _, name := range []string{"plans", "apply", "gc", "ownership"} {
		commands := documentScript(t, "docs/"+name+".md")
		if !strings.Contains(commands, "fleet apply ") {
			t.Errorf("docs/%s.md applies nothing", name)
		}
		script.WriteString("echo '# " + name + "'\n" + commands)
	}
	runDocumented(t, script.String())
}

// documentScript returns the shell script that a document amounts to; empty if it has no
// commands.
func documentScript(t *testing.T, file string) string {
	t.Helper()
	var script strings.Builder
	commands, unnamed := false, ""
	for _, f := range fences(t, file) {
		switch {
		case f.file != "":
			script.WriteString(writingFile(f.file, f.text))
		case f.language == "yaml" && unnamed == "":
			unnamed = writingFile("fleet.yaml", f.text)
		case f.language == "sh":
			for line := range strings.SplitSeq(strings.TrimSpace(f.text), "\n") {
				commands = true
				script.WriteString(documentedCommand(t, file, strings.TrimSpace(line)))
			}
		}
	}
	if !commands {
		return ""
	}
	return unnamed + script.String()
}

// writingFile returns the shell command that writes a file.
func writingFile(name, text string) string {
	return "cat > " + name + " <<'END-OF-FILE'\n" + text + "END-OF-FILE\n"
}

// documentedCommand returns a command of a document as this test runs it; empty if it is
// for the repository.
func documentedCommand(t *testing.T, file, command string) string {
	t.Helper()
	if run, ok := strings.CutPrefix(command, "go run . "); ok {
		command = "fleet " + strings.ReplaceAll(run, "examples/", "$EXAMPLES/")
	}
	if inRepository.MatchString(command) {
		checkInRepository(t, file, command)
		return ""
	}
	return command + "\n"
}

// runDocumented runs a shell script against a server of its own.
func runDocumented(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	archive := "exec sh -e run.sh\n-- run.sh --\n" + script
	if err := os.WriteFile(filepath.Join(dir, "document.txtar"), []byte(archive), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: setup, RequireExplicitExec: true})
}

// makeTarget matches the target of a make command.
var makeTarget = regexp.MustCompile(`^make\s+([a-z]+)`)

// checkInRepository checks that make has the target of a command, and that the
// repository has its example.
func checkInRepository(t *testing.T, file, command string) {
	t.Helper()
	if m := makeTarget.FindStringSubmatch(command); m != nil {
		makefile, err := os.ReadFile("Makefile")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(makefile), "\n"+m[1]+":") {
			t.Errorf("%s: make has no target %s", file, m[1])
		}
	}
	for _, word := range strings.Fields(command) {
		if strings.HasPrefix(word, "examples/") {
			if _, err := os.Stat(word); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
