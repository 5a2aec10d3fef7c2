package apply_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestLeftoverTrial checks that the temporary snapshot of an earlier run neither prevents
// a replacement nor makes one fail, and that it stays as long as a sandbox uses it.
func TestLeftoverTrial(t *testing.T) {
	const was = "version: 1\nname: one\nsnapshots: {base: {image: 'debian:11'}}\nsandboxes: {web: {snapshot: base}}\n"
	const is = "version: 1\nname: one\nsnapshots: {base: {image: 'debian:12'}}\nsandboxes: {web: {snapshot: base}}\n"
	const name = "base-c2e41033440a.trial"
	for _, c := range []struct {
		name   string
		happen func(d *daytona, id string)
		stays  bool
		log    string // what the report of the step has
	}{
		{"it is used again", func(*daytona, string) {}, false, ""},
		{"it has become inactive", func(d *daytona, id string) {
			d.send("POST", "/api/snapshots/"+id+"/deactivate", nil)
		}, false, ""},
		{"a sandbox uses it", func(d *daytona, _ string) {
			d.send("POST", "/api/sandbox", map[string]any{"name": "alien", "snapshot": name})
		}, true, name + ` was not deleted: the sandbox "alien" uses it; the next run deletes it`},
		{"its deletion is refused", func(d *daytona, id string) {
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "DELETE", "path": "/snapshots/" + id, "status": 400, "message": "No"})
		}, true, name + " was not deleted: "},
		{"its deletion is always in transition", func(d *daytona, id string) {
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "DELETE", "path": "/snapshots/" + id, "status": 409, "message": "Snapshot is in transition"})
		}, true, name + " was not deleted: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				var trial struct{ ID string }
				if err := json.Unmarshal(d.send("POST", "/api/snapshots", map[string]any{"name": name, "imageName": "debian:12"}), &trial); err != nil || trial.ID == "" {
					t.Fatal(err)
				}
				synctest.Wait()
				p := d.plan(parse(t, is), plan.Options{AllowDestroy: 9})
				c.happen(d, trial.ID)
				d.log()
				var lines []string
				r := apply.Run(context.Background(), d.api, p, apply.Options{}, func(e apply.Event) {
					if e.Phase == apply.Logged {
						lines = append(lines, e.Text)
					}
				})
				if !r.OK() {
					t.Fatal(outcome(r))
				}
				if log := strings.Join(lines, "\n"); !strings.Contains(log, c.log) || c.log == "" && log != "" {
					t.Errorf("the log is %q, want %q", log, c.log)
				}
				_, sent := d.log()
				for _, s := range sent {
					if s.Method == http.MethodPost && strings.Contains(s.Body, name) {
						t.Errorf("it was built again: %v", s)
					}
				}
				if stays := strings.Contains(string(d.send("GET", "/api/snapshots", nil)), name); stays != c.stays {
					t.Errorf("it stays: %v, want %v", stays, c.stays)
				}
			})
		})
	}
}
