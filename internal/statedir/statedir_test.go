package statedir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want Dir
	}{
		{"nothing", nil, ""},
		{"home", map[string]string{"HOME": "/home/me"}, "/home/me/.local/state/fleet"},
		{"state", map[string]string{"HOME": "/home/me", "XDG_STATE_HOME": "/state"}, "/state/fleet"},
		{"empty state", map[string]string{"HOME": "/home/me", "XDG_STATE_HOME": ""}, "/home/me/.local/state/fleet"},
	} {
		got := Find(func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLastReport(t *testing.T) {
	d := Dir(t.TempDir())
	if err := d.SaveLastReport("https://a/api/", "demo", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	file, err := d.LastReport("https://a/api", "demo") // the slash does not matter
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "{}" {
		t.Errorf("the report is %q, %v", text, err)
	}
	if other, _ := d.LastReport("https://b/api", "demo"); other == file {
		t.Error("two servers share a report")
	}
	if err := Dir("").SaveLastReport("https://a/api", "demo", nil); !errors.Is(err, ErrNone) {
		t.Errorf("without a directory: %v, want ErrNone", err)
	}
}

// snapshotStep returns a step of a snapshot.
func snapshotStep(name string, action plan.Action, id string) *plan.Step {
	address := spec.Address{Kind: spec.SnapshotKind, Key: name}
	return &plan.Step{Address: address, Name: name, Action: action, ID: id, Want: &spec.Resource{Address: address}}
}

func TestCreations(t *testing.T) {
	d := Dir(t.TempDir())
	c := d.Creations("https://a/api", "demo", "old-name")
	base := snapshotStep("team/base", plan.Create, "")
	for _, id := range []string{"", "", "id-1"} { // two requests without an answer, then one with
		if err := c.Record(base, id); err != nil {
			t.Fatal(err)
		}
	}
	list := c.List()
	if len(list) != 1 || list[0].ID != "id-1" || list[0].Name != "team/base" {
		t.Fatalf("recorded %v, want one creation with its id", list)
	}
	if renamed := d.Creations("https://a/api", "new-name", "demo").List(); len(renamed) != 1 {
		t.Errorf("a renamed fleet has %v", renamed)
	}
	if other := d.Creations("https://b/api", "demo").List(); len(other) != 0 {
		t.Errorf("another server has %v", other)
	}
	c.Forget(&apply.Report{Results: []apply.Result{{Step: snapshotStep("team/base", plan.Delete, "id-1"), Outcome: apply.Failed}}})
	if len(c.List()) != 1 {
		t.Error("a failed deletion is forgotten")
	}
	c.Forget(&apply.Report{Results: []apply.Result{{Step: snapshotStep("team/base", plan.Delete, "id-1"), Outcome: apply.Done}}})
	if list := c.List(); len(list) != 0 {
		t.Errorf("after the deletion: %v", list)
	}
}

func TestCreationsWithoutDirectory(t *testing.T) {
	c := Dir("").Creations("https://a/api", "demo")
	if err := c.Record(snapshotStep("base", plan.Create, ""), ""); err != nil || len(c.List()) != 0 {
		t.Errorf("%v, %v", err, c.List())
	}
}

func TestDamagedCreations(t *testing.T) {
	d := Dir(t.TempDir())
	c := d.Creations("https://a/api", "demo")
	if err := c.Record(snapshotStep("base", plan.Create, ""), "id-1"); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(string(d), "snapshots", "*", "*.json"))
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	if err := os.WriteFile(files[0], []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list := c.List(); len(list) != 0 {
		t.Errorf("a damaged file has %v", list)
	}
}

func TestWriteLog(t *testing.T) {
	d := Dir(t.TempDir())
	noError := func(err error) { t.Error(err) }
	first := &client.Writes{}
	d.OpenWriteLog("https://a/api", first, noError)
	first.OnWrite(client.Write{ID: "id-1", At: time.Now()})
	files, _ := filepath.Glob(filepath.Join(string(d), "writes", "*", "*.jsonl"))
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	if list := readWrites(files[0]); len(list) != 1 || list[0].ID != "id-1" {
		t.Errorf("the log has %v", list)
	}
	old := filepath.Join(filepath.Dir(files[0]), "1.jsonl")
	if err := os.WriteFile(old, []byte("half a line"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.OpenWriteLog("https://a/api", &client.Writes{}, noError)
	if _, err := os.Stat(old); err == nil {
		t.Error("an old file is not removed")
	}
}

func TestUnsharded(t *testing.T) {
	d := Dir(t.TempDir())
	if d.Unsharded("https://a/api") {
		t.Error("an unknown server is unsharded")
	}
	if err := d.MarkUnsharded("https://a/api/"); err != nil {
		t.Fatal(err)
	}
	if !d.Unsharded("https://a/api") || d.Unsharded("https://b/api") {
		t.Error("the record is not that of the server")
	}
	files, _ := filepath.Glob(filepath.Join(string(d), "unsharded", "*"))
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	for age, want := range map[time.Duration]bool{23 * time.Hour: true, 25 * time.Hour: false, -time.Hour: false} {
		at := time.Now().Add(-age)
		if err := os.Chtimes(files[0], at, at); err != nil {
			t.Fatal(err)
		}
		if d.Unsharded("https://a/api") != want {
			t.Errorf("after %s: %v", age, !want)
		}
	}
	if err := Dir("").MarkUnsharded("https://a/api"); err != nil || Dir("").Unsharded("https://a/api") {
		t.Errorf("without a directory: %v", err)
	}
}
