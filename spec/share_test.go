package spec

import (
	"strings"
	"testing"
)

// TestShare checks that the sandboxes of a shared image are created from a snapshot of it.
func TestShare(t *testing.T) {
	f := mustParse(t, `
defaults: {snapshots: {timeout: 90m}}
images:
  py: {base: "a:1", steps: [{run_commands: [echo one]}], share: snapshot}
  task: {for_each: [x, y], base: "a:${each.key}", share: snapshot}
  alone: {base: "a:1"}
  unused: {base: "a:1", share: snapshot}
sandboxes:
  one: {count: 2, image: py}
  two: {image: py}
  each: {for_each: [x, y], image: "task[${each.key}]"}
  own: {image: alone}
`)
	for sandbox, snapshot := range map[string]string{"one[0]": "py", "one[1]": "py", "two": "py", "each[x]": "task-x", "each[y]": "task-y"} {
		r, s := get(t, f, "sandbox."+sandbox), get(t, f, "snapshot."+snapshot)
		if r.Snapshot() != s.Name() || r.FromImage() || len(r.DependsOn) != 1 || r.DependsOn[0] != s.Address {
			t.Errorf("%s is from %q, image %t, needs %v; the snapshot is %q", sandbox, r.Snapshot(), r.FromImage(), r.DependsOn, s.Name())
		}
		if !s.Versioned() || s.Version() == "" || !strings.HasPrefix(s.Name(), snapshot+"-") || s.attrs.get(timeoutRow) == nil {
			t.Errorf("%s is called %q", snapshot, s.Name())
		}
	}
	if n := len(f.OfKind(SnapshotKind)); n != 3 || !get(t, f, "sandbox.own").FromImage() {
		t.Errorf("%d snapshots", n)
	}
	if a, b := get(t, f, "snapshot.task-x"), get(t, f, "snapshot.task-y"); a.Dockerfile() == b.Dockerfile() || a.Version() == b.Version() {
		t.Errorf("%q and %q", a.Dockerfile(), b.Dockerfile())
	}
}

// TestShareMistakes checks what cannot be shared.
func TestShareMistakes(t *testing.T) {
	const head = "version: 1\nname: demo\nimages: {py: {base: \"a:1\", share: snapshot}}\n"
	for text, want := range map[string]string{
		"sandboxes: {a: {image: py, resources: {cpu: 2}}}\n":                     "a sandbox from a snapshot has the snapshot's resources",
		"snapshots: {py: {image: \"b:1\"}}\nsandboxes: {a: {image: py}}\n":       "share: snapshot makes snapshot.py of the image, which is declared at fleet.yaml:4:13",
		"sandboxes: {a: {count: 2, image: py, resources: {memory: 1, disk: 1}}}": "a sandbox from a snapshot has the snapshot's resources",
	} {
		_, err := Parse(Source{Name: "fleet.yaml", Text: []byte(head + text)})
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
