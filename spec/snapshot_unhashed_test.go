package spec_test

import (
	"os"
	"path/filepath"
	"testing"

	"fleet/internal/buildcontext"
	"fleet/spec"
)

// TestVersionNeedsHashes checks that a spec that is read without a hasher has no version
// for a snapshot whose image copies local files, so that nobody takes a wrong one for the
// declared one.
func TestVersionNeedsHashes(t *testing.T) {
	dir := t.TempDir()
	text := `
version: 1
name: demo
images:
  app: {base: "python:3.12", steps: [{add_local_file: {local_path: app.py, remote_path: /app.py}}]}
  plain: {base: "python:3.12", steps: [{run_commands: [ls]}]}
snapshots:
  app: {image: app, versioning: content}
  plain: {image: plain, versioning: content}
  pinned: {image: app, versioning: content, pin: 0123456789ab}
sandboxes:
  web: {snapshot: app}
`
	file := filepath.Join(dir, "fleet.yaml")
	for name, content := range map[string]string{file: text, filepath.Join(dir, "app.py"): "print(1)"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(o spec.Options) map[string]*spec.Resource {
		t.Helper()
		f, err := o.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]*spec.Resource{}
		for _, r := range f.Resources {
			all[r.String()] = r
		}
		return all
	}
	with := load(spec.Options{Hasher: buildcontext.NewHasher(buildcontext.Options{})})
	without := load(spec.Options{})
	for address, want := range map[string]struct{ with, without bool }{
		"snapshot.app": {true, false}, "snapshot.plain": {true, true}, "snapshot.pinned": {true, true},
	} {
		if got := with[address].Version() != ""; got != want.with {
			t.Errorf("%s with a hasher: a version: %v", address, got)
		}
		if got := without[address].Version() != ""; got != want.without {
			t.Errorf("%s without a hasher: a version: %v", address, got)
		}
	}
	if v := without["snapshot.pinned"].ContentVersion(); v != "" {
		t.Errorf("the content of a pinned snapshot has the version %q", v)
	}
	if name := without["sandbox.web"].Snapshot(); name != "app" {
		t.Errorf("the sandbox has the snapshot %q", name)
	}
}
