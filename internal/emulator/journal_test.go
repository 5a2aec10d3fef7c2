package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator/world"
)

func TestStateSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "state.json")
	opts := Options{StateFile: file, Delays: world.Delays{Stop: time.Hour}}
	g := newRig(t, opts)
	id := g.sandbox(obj("name", "box", "labels", obj("n", 1)))
	g.must("POST", "/volumes", obj("name", "vol"))
	g.must("POST", "/secret", obj("name", "TOKEN", "value", "hidden-value"))
	g.must("POST", "/docker-registry", obj("name", "r", "url", "https://Registry.test/", "username", "u", "password", "hidden-value"))
	g.must("POST", "/sandbox/box/stop", nil)
	g.control("POST", "organization", obj("suspended", true, "reason", "why"))
	before := g.must("GET", "/sandbox/box", nil).raw
	killed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(killed), "hidden-value") || strings.Contains(string(killed), g.key) {
		t.Error("a secret is in the state file")
	}
	if err := g.srv.Close(); err != nil {
		t.Fatal(err)
	}

	// An incomplete line, as after a kill during a write.
	if err := os.WriteFile(file, append(killed, `{"kind":"sandbox","id":"`+id[:5]...), 0o600); err != nil {
		t.Fatal(err)
	}
	g = newRig(t, opts)
	if after := g.must("GET", "/sandbox/box", nil).raw; after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	g.expect("POST", "/sandbox", nil, 403, "Organization is suspended: why")
	g.must("GET", "/volumes/by-name/vol", nil)
	if list := g.must("GET", "/docker-registry", nil).raw; !strings.Contains(list, `"url":"registry.test"`) {
		t.Errorf("registries: %s", list)
	}
	g.clock = g.clock.Add(time.Hour)
	if s := g.must("GET", "/sandbox/box", nil).text("state"); s != world.StateStopped {
		t.Errorf("a transition was lost: %s", s)
	}
	g.must("DELETE", "/sandbox/box", nil)
	g.must("GET", "/sandbox", nil)
	if err := g.srv.Close(); err != nil {
		t.Fatal(err)
	}
	g = newRig(t, opts)
	g.expect("GET", "/sandbox/"+id, nil, 404, "")
}

func TestForeignStateFile(t *testing.T) {
	for name, text := range map[string]string{
		"foreign": "{\"hello\":1}\n",
		"corrupt": world.JournalHeader + "\n{\"kind\":\"sandbox\",\n",
		"strange": world.JournalHeader + "\n{\"kind\":\"wombat\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "state")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := New(Options{StateFile: file})
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "delete the file") {
				t.Errorf("got %v", err)
			}
			if kept, _ := os.ReadFile(file); string(kept) != text {
				t.Error("the file was changed")
			}
		})
	}
}

// TestJournalIsRewritten checks that the file does not grow beyond a few times the size
// of its records.
func TestJournalIsRewritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	g := newRig(t, Options{StateFile: file})
	id := g.sandbox(obj("name", "box"))
	for i := range world.MaxSupersededLines + 200 {
		g.must("PUT", "/sandbox/"+id+"/labels", obj("labels", obj("i", fmt.Sprint(i))))
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "\n"); n > 1000 {
		t.Errorf("%d lines for one sandbox", n)
	}
}
