package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/render"
)

// run runs a command with an environment of its own, without credentials.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return runIn(t.TempDir(), nil, args...)
}

// runIn runs a command whose state is kept in a directory. signals may be nil.
func runIn(state string, signals chan os.Signal, args ...string) (code int, stdout, stderr string) {
	var out bytes.Buffer
	errOut := &reconciled{signals: signals}
	code = Main(Process{
		Args: args, In: strings.NewReader(""), Out: &out, Err: errOut, Signals: signals,
		Lookup: func(name string) (string, bool) {
			if name == "XDG_STATE_HOME" {
				return state, true
			}
			return "", false
		},
	})
	return code, out.String(), errOut.String()
}

// reconciled is standard error. It interrupts a watch that has reconciled once.
type reconciled struct {
	mu      sync.Mutex
	text    strings.Builder
	signals chan os.Signal
	sent    bool
}

func (r *reconciled) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Write(p)
	if r.signals != nil && !r.sent && strings.Contains(r.text.String(), "Reconciling") {
		r.sent = true
		r.signals <- syscall.SIGINT
	}
	return len(p), nil
}

func (r *reconciled) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// A formatCommand is a command with --output FORMAT, and how to run it.
type formatCommand struct {
	args    []string
	formats []string // that the command must have
	codes   []int    // of a run; nil for 0

	unplanned bool // it fails before it has a plan, and prints nothing
}

// formatCommands has all commands with a format, by name. FILE stands for a spec,
// PLAN for a saved plan and REPORT for a stored report.
func formatCommands() map[string][]formatCommand {
	reports := render.FormatNames(reportColumn)
	return map[string][]formatCommand{
		"plan":  {{formats: render.FormatNames(planColumn)}},
		"drift": {{formats: render.FormatNames(driftColumn), codes: []int{exit.Differences}}, {args: []string{"--unmanaged"}, codes: []int{exit.Differences}}},
		"apply": {
			{args: []string{"--only", "update", "--yes"}, formats: reports},
			{args: []string{"--dry-run"}, formats: reports},
			{formats: reports, codes: []int{exit.Refused}},
		},
		"destroy": {{args: []string{"--yes"}, formats: reports}},
		"rollback": {
			{args: []string{"snapshot.base"}, formats: reports, codes: []int{exit.Invalid}, unplanned: true}, // the spec has no snapshot
		},
		"watch": {{args: []string{"--interval", "0", "--grace", "0"}, formats: reports, codes: []int{exit.OK, 130}}},
		"gc": {
			{formats: render.FormatNames(gcColumn)},
			{args: []string{"--idle-for", "1d", "--dry-run"}, formats: render.FormatNames(gcColumn)},
			{args: []string{"--snapshots", "--keep", "0", "--dry-run"}, formats: render.FormatNames(gcColumn)},
		},
		"show":     {{args: []string{"PLAN"}, formats: []string{"text", "json"}}},
		"validate": {{formats: []string{"text", "json", "sarif", "github"}}},
		"doctor":   {{formats: []string{"text", "json"}, codes: []int{exit.OK, exit.Differences}}},
		"status":   {{formats: []string{"text", "wide", "json"}}, {args: []string{"--last", "REPORT"}}},
		"snapshots": {
			{formats: []string{"text", "json"}},
			{args: []string{"--all"}},
		},
		"explain": {{formats: []string{"text", "json"}}, {args: []string{"sandbox.public"}}},
		"config":  {{formats: []string{"yaml", "json"}}},
		"version": {{formats: []string{"text", "json"}}},

		"image render":  {{args: []string{"py"}, formats: []string{"text", "json"}}},
		"image context": {{args: []string{"py"}, formats: []string{"text", "json"}}},
		"image diff": {
			{args: []string{"py"}, formats: []string{"text", "json"}},
			{args: []string{"py", "--detailed-exitcode"}, codes: []int{exit.Differences}},
		},
	}
}

// TestEveryFormatOfEveryCommand runs each command with each format of the table:
// it writes the format or refuses the flag, and never panics.
func TestEveryFormatOfEveryCommand(t *testing.T) {
	dir := t.TempDir()
	spec := filepath.Join(dir, "fleet.yaml")
	text := "version: 1\nname: demo\nsandboxes:\n  web: {snapshot: daytona-small}\n"
	withImage := filepath.Join(dir, "image.yaml")
	for file, text := range map[string]string{spec: text, withImage: text + "  py: {image: py}\nimages:\n  py: {base: \"python:3.12\"}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plan, report := filepath.Join(dir, "plan.json"), filepath.Join(dir, "report.json")
	for _, args := range [][]string{{"plan", "--save", plan}, {"apply", "--yes", "--only", "update", "--report", report}} {
		if code, _, stderr := runIn(dir, nil, append(args, "-f", spec, "--local")...); code != exit.OK {
			t.Fatalf("%q: exit code %d: %s", args, code, stderr)
		}
	}
	files := strings.NewReplacer("PLAN", plan, "REPORT", report)
	commands := formatCommands()
	for name, list := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, f := range render.Formats {
				for _, c := range list {
					file := spec
					if strings.HasPrefix(name, "image ") {
						file = withImage
					}
					args := append(strings.Fields(name), append([]string{"-f", file, "--local", "-o", f.Name}, c.args...)...)
					for i := range args {
						args[i] = files.Replace(args[i])
					}
					c.check(t, f, list[0].formats, args)
				}
			}
		})
	}
	root := (&app{}).rootCommand()
	for _, parent := range append(root.Commands(), root) {
		for _, cmd := range parent.Commands() {
			name := strings.TrimPrefix(cmd.CommandPath(), "fleet ")
			if flag := cmd.Flags().Lookup("output"); flag != nil && strings.HasPrefix(flag.Usage, "output format") && commands[name] == nil {
				t.Errorf("fleet %s has formats that this test does not try", name)
			}
		}
	}
}

// check runs a command with a format.
func (c formatCommand) check(t *testing.T, f render.Format, available, args []string) {
	t.Helper()
	signals := make(chan os.Signal, 1)
	code, stdout, stderr := runIn(t.TempDir(), signals, args...)
	switch {
	case strings.Contains(stderr, "internal error"):
		t.Errorf("%q: %s", args, stderr)
	case !slices.Contains(available, f.Name):
		if code != exit.Invalid || !strings.Contains(stderr, "unknown output format") || stdout != "" {
			t.Errorf("%q: exit code %d, want a refused flag: %s", args, code, stderr)
		}
	case !slices.Contains(append(c.codes, map[bool]int{true: exit.OK, false: -1}[c.codes == nil]), code):
		t.Errorf("%q: exit code %d: %s", args, code, stderr)
	case c.unplanned && stdout != "":
		t.Errorf("%q prints %s", args, stdout)
	case f.Name == render.JSONFormat && args[0] != "watch" && !c.unplanned && !json.Valid([]byte(stdout)):
		t.Errorf("%q prints no JSON: %s", args, stdout)
	}
}

// TestRowsOfFormats checks the columns that commands use together: a report that
// has a format has it if the plan is refused, too.
func TestRowsOfFormats(t *testing.T) {
	for _, f := range render.Formats {
		if (f.Report == nil) != (f.Refused == nil) || (f.Report == nil) != (f.GC == nil) {
			t.Errorf("%s is not available for all of report, refused plan and gc", f.Name)
		}
		if (f.Status == nil) != (f.Last == nil) {
			t.Errorf("%s is not available for both status and status --last", f.Name)
		}
		if f.Stream != nil && f.Report == nil {
			t.Errorf("%s is streamed but has no report", f.Name)
		}
	}
	for _, name := range []string{render.TextFormat, render.JSONFormat, render.MarkdownFormat, render.GitHubFormat} {
		f, ok := render.FindFormat(name)
		if !ok || f.Plan == nil || f.Drift == nil || f.Report == nil || f.Refused == nil || f.GC == nil {
			t.Errorf("%s, which commands write unasked, is not available for every plan and run", name)
		}
	}
	if f, _ := render.FindFormat(render.NDJSONFormat); f.Stream == nil {
		t.Error("--progress json has no stream")
	}
}

// TestFormatsAreCompleted: completion and help offer the formats of the table.
func TestFormatsAreCompleted(t *testing.T) {
	root := (&app{}).rootCommand()
	for name, list := range formatCommands() {
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		complete, ok := cmd.GetFlagCompletionFunc("output")
		if !ok {
			t.Errorf("%s: --output has no completion", name)
			continue
		}
		offered, _ := complete(cmd, nil, "")
		if !slices.Equal(completions(offered), list[0].formats) {
			t.Errorf("%s: completion offers %v, want %v", name, offered, list[0].formats)
		}
		usage := cmd.Flags().Lookup("output").Usage
		for _, format := range list[0].formats {
			if !strings.Contains(usage, format) {
				t.Errorf("%s: the help of --output does not name %s", name, format)
			}
		}
	}
}

func completions(list []cobra.Completion) []string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i], _, _ = strings.Cut(c, "\t")
	}
	return names
}

// TestFormatsAreDocumented: docs/output.md has a row for each format, with the commands
// that have it, and no other rows.
func TestFormatsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| format | commands | purpose |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	declared, all := map[string][]string{}, []string{}
	for name, list := range formatCommands() {
		all = append(all, name)
		for _, format := range list[0].formats {
			declared[format] = append(declared[format], name)
		}
	}
	documented := map[string]bool{}
	for _, row := range strings.Split(strings.TrimSpace(table), "\n") {
		cells := strings.Split(row, " | ")
		commands := strings.Split(cells[1], ", ")
		if rest, ok := strings.CutPrefix(cells[1], "all"); ok {
			except := strings.Split(strings.TrimPrefix(rest, " except "), ", ")
			commands = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(except, name) })
		}
		slices.Sort(commands)
		for _, format := range strings.Split(strings.Trim(cells[0], "|` "), "`, `") {
			slices.Sort(declared[format])
			if documented[format] = true; !slices.Equal(commands, declared[format]) {
				t.Errorf("docs/output.md: %s is documented for %v, and %v have it", format, commands, declared[format])
			}
		}
	}
	for _, f := range render.Formats {
		if !documented[f.Name] {
			t.Errorf("docs/output.md has no row for %s", f.Name)
		}
	}
}
