package apply_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/export"
	"fleet/internal/format"
	"fleet/plan"
	"fleet/spec"
)

// A versionsCase applies specs one after another, and exports the result. In texts, FIRST
// stands for the version of the first snapshot of the first spec, and DIR for a directory
// with the file app.py.
type versionsCase struct {
	name    string
	applied []string          // specs without versionsHead
	change  func(d *daytona)  // another user's change after that; nil for none
	patch   map[string]string // changes of stored fields by the name of the snapshot, as JSON
	opts    export.Options

	want    string   // the sections images and snapshots
	notes   []string // parts of the notes, besides that the plan is empty; nil for no other notes
	changes bool     // the plan changes something
	blocked bool     // the plan in another organization is blocked
}

const versionsHead = "version: 1\nname: laws\n"

// TestExportVersions checks that versions of snapshots are exported as such. The plan of
// the export changes nothing, even if former versions may be deleted because this machine
// has recorded that it created them. In another organization the plan creates everything.
func TestExportVersions(t *testing.T) {
	for _, c := range slices.Concat(ownVersions, foreignVersions) {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "app.py"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { c.check(t, dir) })
		})
	}
}

func (c versionsCase) check(t *testing.T, dir string) {
	d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
	defer d.close()
	first := ""
	fill := func(text string) string { return strings.NewReplacer("FIRST", first, "DIR", dir).Replace(text) }
	for _, text := range c.applied {
		if first == "" {
			first = parseWithFiles(t, versionsHead+fill(text)).OfKind(spec.SnapshotKind)[0].Version()
		}
		if r := d.run(d.plan(parseWithFiles(t, versionsHead+fill(text)), plan.Options{AllowDestroy: 1000})); !r.OK() {
			t.Fatal(outcome(r))
		}
		time.Sleep(time.Hour) // former versions may be deleted from now on
	}
	created := d.creations()
	if c.change != nil {
		c.change(d)
	}
	for name, fields := range c.patch {
		d.send("POST", "/_emulator/snapshots/"+fill(name), json.RawMessage(fields))
	}
	time.Sleep(time.Hour)
	got := c.export(t, d, fill)
	f := parse(t, string(got.Text))
	for _, opts := range []plan.Options{{AllowDestroy: 1000}, {AllowDestroy: 1000, Creations: created}} {
		if p := d.plan(f, opts); unchanging(p) == c.changes {
			t.Errorf("the plan with %d records has changes:\n%s\nof\n%s", len(opts.Creations), story(p), got.Text)
		}
	}
	c.checkElsewhere(t, f)
}

// checkElsewhere applies the exported fleet in another organization.
func (c versionsCase) checkElsewhere(t *testing.T, f *spec.Fleet) {
	t.Helper()
	d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
	defer d.close()
	p := d.plan(f, plan.Options{})
	if blocked := len(p.Blocked()) > 0; blocked || c.blocked {
		if blocked != c.blocked {
			t.Errorf("in another organization:\n%s", story(p))
		}
		return
	}
	if r := d.run(p); !r.OK() {
		t.Errorf("in another organization: %s", outcome(r))
	}
	if p := d.plan(f, plan.Options{}); !p.Empty() {
		t.Errorf("in another organization, after apply:\n%s", story(p))
	}
}

// export exports the organization, and compares the text and the notes.
func (c versionsCase) export(t *testing.T, d *daytona, fill func(string) string) *export.Result {
	t.Helper()
	c.opts.Adopt, c.opts.Secrets = true, export.SecretsPlain
	got, err := export.Run(context.Background(), d.api, c.opts)
	if err != nil {
		t.Fatal(err)
	}
	text, notes := string(got.Text), strings.Join(got.Notes, "\n")
	before, _, _ := strings.Cut(text, "\nsandboxes:")
	if _, sections, _ := strings.Cut(before, "\n\n"); strings.TrimSpace(sections) != strings.TrimSpace(fill(c.want)) {
		t.Errorf("exported\n%s\nwant the sections\n%s", text, fill(c.want))
	}
	for _, want := range c.notes {
		if !strings.Contains(notes, fill(want)) {
			t.Errorf("the notes are\n%s\nwant %q", notes, fill(want))
		}
	}
	if c.notes == nil && notes != "A plan of the spec is empty." {
		t.Errorf("the notes are\n%s", notes)
	}
	if formatted, err := format.Source(got.Text); err != nil || string(formatted) != text {
		t.Errorf("%v: not formatted:\n%s", err, text)
	}
	return got
}

// unchanging reports whether a plan changes no object, except for adoptions.
func unchanging(p *plan.Plan) bool {
	for _, s := range p.Steps {
		if s.Blocked != nil || len(s.Changes) > 0 || s.Action != plan.NoOp && s.Action != plan.Adopt {
			return false
		}
	}
	return true
}

// creations returns records of the creation of all snapshots.
func (d *daytona) creations() []plan.Creation {
	d.t.Helper()
	var page struct{ Items []struct{ ID, Name string } }
	if err := json.Unmarshal(d.send("GET", "/api/snapshots?limit=200", nil), &page); err != nil {
		d.t.Fatal(err)
	}
	var list []plan.Creation
	for _, s := range page.Items {
		list = append(list, plan.Creation{Name: s.Name, ID: s.ID})
	}
	return list
}
