package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/cli"
	"fleet/internal/emulator"
)

// pictured is the spec before and after the change whose plan the picture shows.
const pictured = `version: 1
name: figures

images:
  figures-py:
    debian_slim: "3.12"
    steps:
      - pip_install: [numpy, pandas]

snapshots:
  figures-py: {image: figures-py, versioning: content}

sandboxes:
  cruncher: {count: 3, snapshot: figures-py, labels: {team: figures}}
  dashboard: {snapshot: daytona-small, auto_stop_interval: 60, env_vars: {THEME: dark}}
  scratch: {snapshot: daytona-small}
`

var change = strings.NewReplacer(
	"[numpy, pandas]", "[numpy, pandas, polars]",
	"auto_stop_interval: 60, ", "auto_stop_interval: 15, ",
	"  scratch: {snapshot: daytona-small}\n", "  reports: {count: 2, snapshot: daytona-small}\n",
)

// TestPlan draws a plan of the real command again, and compares it with the picture of
// the README. UPDATE=1 writes the picture.
func TestPlan(t *testing.T) {
	server, err := emulator.New(emulator.Options{Key: "dtn_test"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	web := httptest.NewServer(server)
	defer web.Close()
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	run := func(text string, args ...string) string {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		environment := map[string]string{
			"DAYTONA_API_URL": web.URL + "/api", "DAYTONA_API_KEY": "dtn_test", "XDG_STATE_HOME": t.TempDir(), "CLICOLOR_FORCE": "1",
		}
		var stdout, stderr bytes.Buffer
		code := cli.Main(cli.Process{
			Args: append(args, "-f", file), In: strings.NewReader(""), Out: &stdout, Err: &stderr,
			Lookup: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
		})
		if code != 0 {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, &stdout, &stderr)
		}
		return stdout.String()
	}
	run(pictured, "apply", "--yes")
	printed := run(change.Replace(pictured), "plan")
	_, steps, _ := strings.Cut(printed, "\n") // the first line names the server
	var drawn bytes.Buffer
	if err := draw(strings.NewReader("$ fleet plan\n"+steps), &drawn); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join("..", "..", "docs", "plan.svg")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(picture, drawn.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, drawn.Bytes()) {
		t.Errorf("docs/plan.svg is out of date; UPDATE=1 go test ./internal/picture draws it. The plan is\n%s", printed)
	}
}
