package apply_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/export"
	"fleet/plan"
	"fleet/spec"
)

// TestAppendVersions checks the blocks of sandboxes that use versions: those of a snapshot
// that the spec declares, and those of another one whose name is a key of the spec.
func TestAppendVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
		defer d.close()
		const theirs = versionsHead + `snapshots: {tools: {image: "debian:13", versioning: content}}`
		before := versionsHead + `
snapshots: {base: {image: "debian:11", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`
		now := versionsHead + `
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}, tools: {name: x, image: "debian:12"}}
sandboxes: {web: {snapshot: base}}`
		used := map[string]string{}
		for i, text := range []string{theirs, before, now} {
			f := parse(t, text)
			if r := d.run(d.plan(f, plan.Options{AllowDestroy: 1000})); !r.OK() {
				t.Fatal(outcome(r))
			}
			time.Sleep(time.Hour) // former versions may be deleted from now on
			name := []string{"other", "old", "new"}[i]
			used[name] = f.OfKind(spec.SnapshotKind)[0].Name()
			d.send("POST", "/api/sandbox", map[string]any{"name": name, "snapshot": used[name]})
			time.Sleep(time.Minute)
		}
		got, err := export.Run(context.Background(), d.api, export.Options{
			Name: "laws", Names: []string{"new", "old", "other"}, Adopt: true, Secrets: export.SecretsPlain, AppendTo: parse(t, now),
		})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSpace(`
snapshots:
  ` + used["old"] + `:
    image: debian:11
    target: us
  tools-2:
    name: tools
    image: debian:13
    versioning: content
`)
		before, _, _ = strings.Cut(string(got.Text), "\nsandboxes:")
		if strings.TrimSpace(before) != want {
			t.Errorf("exported\n%s\nwant the section\n%s", got.Text, want)
		}
		f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(now)}, spec.Source{Name: "more.yaml", Text: got.Text})
		if err != nil {
			t.Fatalf("%v\n%s", err, got.Text)
		}
		for _, opts := range []plan.Options{{}, {Creations: d.creations()}} {
			if p := d.plan(f, opts); !unchanging(p) {
				t.Errorf("the plan has changes:\n%s\nof\n%s\n%s", story(p), got.Text, strings.Join(got.Notes, "\n"))
			}
		}
	})
}
