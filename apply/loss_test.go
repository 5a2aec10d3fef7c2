package apply_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestLossIsReported checks that a step that is not done reports what it has deleted,
// and only that.
func TestLossIsReported(t *testing.T) {
	box := func(more string) string {
		return "version: 1\nname: one\nsandboxes:\n  box: {snapshot: daytona-small, timeout: 20s, " + more + "}\n"
	}
	snapshot := func(image string) string {
		return "version: 1\nname: one\nsnapshots:\n  base: {image: \"" + image + "\", timeout: 20s}\nsandboxes: {box: {snapshot: base}}\n"
	}
	disk := "its disk and running processes"
	for _, c := range []struct {
		name, was, is string
		fail          func(d *daytona)
		lost, says    string
	}{
		{"creation refused", box("os_user: dev"), box("os_user: root"), func(d *daytona) { d.refuseCreates(400, "No") }, disk, "; the old one is gone, and with it " + disk},
		{"creation forbidden", box("os_user: dev"), box("os_user: root"), func(d *daytona) { d.refuseCreates(403, "No") }, disk, "; the old one is gone, and with it " + disk},
		{"the new one failed", box("os_user: dev"), box("os_user: root"), func(d *daytona) {
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "message": "no space left"})
		}, disk, "; the old one is gone, and with it " + disk},
		{"the new one is not ready", box("os_user: dev"), box("os_user: root, ready: {exec: \"exit 1\", retries: 1, for: 1s}"), func(*daytona) {}, disk, "; the old one is gone, and with it " + disk},
		{"the deletion never ends", box("os_user: dev"), box("os_user: root"), (*daytona).hangInDestroying, disk, "; the old one is being deleted, and with it " + disk},
		{"a plain deletion never ends", box("os_user: dev"), "version: 1\nname: one\nvolumes: {v: {}}\n", (*daytona).hangInDestroying, disk, "; it is being deleted, and with it " + disk},
		{"nothing is known of the deletion", box("os_user: dev"), box("os_user: root"), (*daytona).loseAfterDelete, disk, "; whether the old one was deleted is not known, and with it " + disk},
		{"a snapshot", snapshot("debian:11"), snapshot("debian:12"), func(d *daytona) {
			// Its content was tried before.
			d.send("POST", "/api/snapshots", map[string]any{"name": "base-c2e41033440a.trial", "imageName": "debian:12"})
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "POST", "path": "/snapshots", "status": 400, "message": "No"})
		}, "the old snapshot", "; the old one is gone"},
		{"a snapshot that cannot be tried", snapshot("debian:11"), snapshot("debian:12"), func(d *daytona) {
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "POST", "path": "/snapshots", "status": 400, "message": "No"})
		}, "", ""},
		{"the deletion is refused", box("os_user: dev"), box("os_user: root"), func(d *daytona) {
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "DELETE", "path": "/sandbox/*", "status": 400, "message": "No"})
		}, "", ""},
		{"a surge", box("os_user: dev, rollout: {surge: true}"), box("os_user: root, rollout: {surge: true}"), func(d *daytona) { d.refuseCreates(400, "No") }, "", ""},
		{"a creation", "version: 1\nname: one\nvolumes: {v: {}}\n", box("os_user: root"), func(d *daytona) { d.refuseCreates(400, "No") }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, c.was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				p := d.plan(parse(t, c.is), plan.Options{AllowDestroy: 9})
				c.fail(d)
				d.checkLoss(p, c.lost, c.says)
			})
		})
	}
}

// checkLoss executes a plan with one step that fails, and compares the loss that the
// step reports.
func (d *daytona) checkLoss(p *plan.Plan, lost, says string) {
	d.t.Helper()
	var told string
	r := apply.Run(context.Background(), d.api, p, apply.Options{}, func(e apply.Event) {
		if e.Phase == apply.Failed {
			told = e.Lost
		}
	})
	for _, x := range r.Results {
		if x.Outcome == apply.Done {
			continue
		}
		if x.Lost != lost || told != lost {
			d.t.Fatalf("%s has lost %q, and %q by its event, want %q: %v", x.Step.Address, x.Lost, told, lost, x.Err)
		}
		if text := x.Err.Error(); says == "" && strings.Contains(text, "gone") || !strings.HasSuffix(text, says) {
			d.t.Fatalf("%s: %q, want %q at its end", x.Step.Address, text, says)
		}
		if partly := lost != "" || r.Count(apply.Done) > 0; r.Partial() != partly {
			d.t.Fatalf("partly applied: %t, want %t", r.Partial(), partly)
		}
		return
	}
	d.t.Fatalf("all was done")
}

// hangInDestroying makes the server accept deletions that never end.
func (d *daytona) hangInDestroying() {
	next := d.handler
	d.handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodDelete {
			next.ServeHTTP(w, req)
			return
		}
		next.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_emulator/sandboxes/box", strings.NewReader(`{"state": "destroying", "desiredState": "destroyed"}`)))
	})
}

// loseAfterDelete makes the server break down with the first deletion.
func (d *daytona) loseAfterDelete() {
	next, down := d.handler, false
	d.handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if down = down || req.Method == http.MethodDelete; down {
			http.Error(w, `{"statusCode": 500, "message": "broken"}`, http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, req)
	})
}

// TestRollbackReportsLoss checks that a sandbox that was replaced twice is reported as
// restored except for its disk.
func TestRollbackReportsLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, released("1", ""))
		defer d.close()
		f := parse(t, released("2", "rollout: {waves: [2, 100%], on_failure: rollback}"))
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "message": "no space left", "count": 1})
		r := d.run(p)
		if r.Count(apply.RolledBack) == 0 {
			t.Fatal(outcome(r))
		}
		for _, x := range r.Results {
			if x.Outcome != apply.RolledBack {
				continue
			}
			if text := fmt.Sprint(x.Err); x.Lost == "" || !strings.HasSuffix(text, "; rolled back, without its disk and running processes") || strings.Contains(text, "gone") {
				t.Errorf("%s has lost %q: %s", x.Step.Address, x.Lost, text)
			}
		}
	})
}
