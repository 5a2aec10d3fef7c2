package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/exit"
)

// savedVersion1 copies the files of a plan that a version of fleet before json@2 saved,
// with the state of the embedded Daytona that it is for, and changes to their directory.
func savedVersion1(t *testing.T) (state string) {
	t.Helper()
	dir := t.TempDir()
	state = filepath.Join(dir, "state")
	for from, to := range map[string]string{"fleet.yaml": "fleet.yaml", "p.json": "p.json", "local.json": "state/fleet/local.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "saved1", from))
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return state
}

// fixture returns the text of a file of testdata/saved1.
func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "saved1", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// requireRun requires the exit code of a command, and returns its output.
func requireRun(t *testing.T, state string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := runIn(state, nil, args...)
	if code != want {
		t.Fatalf("%q: exit code %d, want %d:\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout, stderr
}

// planValues returns the version of the JSON of a plan and the values of its changes, as
// have -> want by address and attribute; - is absent.
func planValues(t *testing.T, text string) (version int, values map[string]string) {
	t.Helper()
	type change struct {
		Attribute  string          `json:"attribute"`
		Have, Want json.RawMessage `json:",omitempty"`
		Sensitive  bool
	}
	var p struct {
		Version int
		Steps   []struct {
			Address string
			Changes []change
		}
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	values = map[string]string{}
	compact := func(v json.RawMessage) string {
		if v == nil {
			return "-"
		}
		return strings.Join(strings.Fields(string(v)), "")
	}
	for _, s := range p.Steps {
		for _, c := range s.Changes {
			line := compact(c.Have) + " -> " + compact(c.Want)
			if c.Sensitive {
				line += " sensitive"
			}
			values[strings.TrimPrefix(s.Address, "sandbox.")+" "+c.Attribute] = line
		}
	}
	return p.Version, values
}

// wantValues are the values of the plan of testdata/saved1 in version 2.
var wantValues = map[string]string{
	"web env_vars":           `{"MODE":"(hidden)","OLD":"(hidden)","TOKEN":"(hidden)"} -> {"MODE":"(hidden)","NEW":"(changed)","TOKEN":"(changed)"} sensitive`,
	"web labels":             `{"note":"x{y=z},<b>","team":"a"} -> {"note":"x{y=z},<c>","team":"b"}`,
	"web public":             `false -> true`,
	"web auto_stop_interval": `15 -> 30`,
	"box image":              `"FROMpython:3.12\n" -> "FROMpython:3.13\n"`,
	"box volumes":            `[{"mount_path":"/cache","volume":"cache"}] -> [{"mount_path":"/cache","volume":"cache"},{"mount_path":"/data","subpath":"in/it","volume":"data"}]`,
	"box network_allow_list": `["10.0.0.0/8"] -> ["10.0.0.0/8","11.0.0.0/8"]`,
}

func requireValues(t *testing.T, text string, version int, want map[string]string) {
	t.Helper()
	got, values := planValues(t, text)
	if got != version || len(values) != len(want) {
		t.Errorf("version %d with %d changes, want version %d with %d", got, len(values), version, len(want))
	}
	for key, v := range want {
		if values[key] != v {
			t.Errorf("%s: %s, want %s", key, values[key], v)
		}
	}
}

// TestSavedPlanOfVersion1: a plan that an earlier version saved is shown as that version
// showed it, in text and in JSON, and is applied.
func TestSavedPlanOfVersion1(t *testing.T) {
	text, shown := fixture(t, "show.txt"), fixture(t, "show.json")
	state := savedVersion1(t)
	for format, want := range map[string]string{"text": text, "json": shown, "json@1": shown} {
		if stdout, _ := requireRun(t, state, exit.OK, "show", "p.json", "-o", format); stdout != want {
			t.Errorf("show -o %s prints\n%s\nwant\n%s", format, stdout, want)
		}
	}
	stdout, stderr := requireRun(t, state, exit.Invalid, "show", "p.json", "-o", "json@2")
	if stdout != "" || !strings.Contains(stderr, "use -o json@1, or plan again") {
		t.Errorf("show -o json@2 prints %q %q", stdout, stderr)
	}
	dry, _ := requireRun(t, state, exit.Refused, "apply", "--local", "--dry-run", "p.json", "-o", "json")
	requireValues(t, dry, 2, wantValues)
	if stdout, _ = requireRun(t, state, exit.Partly, "apply", "--local", "--yes", "--skip-blocked", "p.json"); !strings.Contains(stdout, "Done: 3 done, 1 skipped") {
		t.Errorf("apply prints %s", stdout)
	}
	_, stderr = requireRun(t, state, exit.Refused, "apply", "--local", "--yes", "--skip-blocked", "p.json")
	if !strings.Contains(stderr, "3 steps of the plan are already done") {
		t.Errorf("the second apply prints %s", stderr)
	}
}

// TestStaleSavedPlanOfVersion1: values of an old file are compared with those of now.
func TestStaleSavedPlanOfVersion1(t *testing.T) {
	state := savedVersion1(t)
	file := filepath.Join(state, "fleet", "local.json")
	world, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(world), `"networkAllowList":"10.0.0.0/8"`, `"networkAllowList":"12.0.0.0/8"`, 1)
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := requireRun(t, state, exit.Stale, "apply", "--local", "--yes", "--skip-blocked", "p.json")
	if !strings.Contains(stderr, "sandbox.box: its network_allow_list") || strings.Contains(stderr, "sandbox.web: its") {
		t.Errorf("apply prints %s", stderr)
	}
}

// TestVersionsOfJSON: json and json@2 are one format with values, json@1 is the earlier
// one with text, for everything that has changes; a saved plan of now is shown as it was
// planned.
func TestVersionsOfJSON(t *testing.T) {
	shown := fixture(t, "show.json")
	state := savedVersion1(t)
	_, texts := planValues(t, shown)
	for _, command := range [][]string{{"plan"}, {"drift"}, {"gc", "--idle-for", "1s", "--dry-run"}, {"apply", "--dry-run"}} {
		code := map[string]int{"plan": exit.Refused, "apply": exit.Refused, "drift": exit.Differences}[command[0]]
		values, earlier := wantValues, texts
		if command[0] == "gc" {
			values, earlier = map[string]string{}, map[string]string{}
		}
		run := func(format string) string {
			stdout, _ := requireRun(t, state, code, append(command, "--local", "-o", format)...)
			return stdout
		}
		requireValues(t, run("json"), 2, values)
		requireValues(t, run("json@2"), 2, values)
		requireValues(t, run("json@1"), 1, earlier)
	}
	planned, _ := requireRun(t, state, exit.Refused, "plan", "--local", "--save", "q.json", "--out", "json@1=one.json")
	one, err := os.ReadFile("one.json")
	if err != nil {
		t.Fatal(err)
	}
	requireValues(t, string(one), 1, texts)
	if stdout, _ := requireRun(t, state, exit.OK, "show", "q.json"); stdout != planned {
		t.Errorf("show prints\n%s\nand plan printed\n%s", stdout, planned)
	}
	for format, version := range map[string]int{"json": 2, "json@2": 2, "json@1": 1} {
		stdout, _ := requireRun(t, state, exit.OK, "show", "q.json", "-o", format)
		requireValues(t, stdout, version, map[int]map[string]string{1: texts, 2: wantValues}[version])
	}
}

// TestUnknownVersions: a version that does not exist is refused with a sentence, before
// anything is read.
func TestUnknownVersions(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"plan -o json@3", `unknown output format "json@3"; json has no version "3"; valid versions: json@1 and json@2`},
		{"plan -o json@", `unknown output format "json@"; json has no version ""; valid versions: json@1 and json@2`},
		{"plan -o json@01", `json has no version "01"`},
		{"plan -o text@1", `unknown output format "text@1"; text has no versions, so write text`},
		{"plan -o jso@1", `unknown output format "jso@1"; valid formats: text, json,`},
		{"status -o sarif@1", `unknown output format "sarif@1"; valid formats: text, wide and json`},
		{"plan --out json@3=x.json", `--out json@3=x.json: unknown format "json@3"; json has no version "3"; valid versions: json@1 and json@2`},
		{"apply --out ndjson@1=x.json", `ndjson has no versions, so write ndjson`},
	} {
		code, stdout, stderr := run(t, strings.Fields(tt.args)...)
		if code != exit.Invalid || stdout != "" || !strings.Contains(stderr, tt.want) {
			t.Errorf("fleet %s: %d %q, want %s", tt.args, code, stderr, tt.want)
		}
	}
}
