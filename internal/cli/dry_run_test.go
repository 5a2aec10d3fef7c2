package cli

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"fleet/internal/exit"
)

// TestEventsOfDryRun: the stream of a dry run has no events of steps, as docs/output.md
// states, and that of a run has a final one for each.
func TestEventsOfDryRun(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("fleet.yaml", []byte("version: 1\nname: demo\nsandboxes: {web: {count: 2, snapshot: daytona-small}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string][]string{"--dry-run": {"planned", "ended"}, "--yes": {"planned", "done", "done", "ended"}} {
		code, stdout, stderr := run(t, "apply", "--local", "-o", "ndjson", flag)
		if code != exit.OK {
			t.Fatalf("apply %s: exit code %d: %s", flag, code, stderr)
		}
		var events []string
		for line := range strings.Lines(stdout) {
			var e struct {
				Event string `json:"event"`
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			if e.Event != "working" {
				events = append(events, e.Event)
			}
		}
		if !slices.Equal(events, want) {
			t.Errorf("apply %s prints the events %q, want %q", flag, events, want)
		}
	}
}
