package apply_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestCollision checks that an object that failed only because another operation was in
// progress is deleted and created again, and no other one is.
func TestCollision(t *testing.T) {
	const passing, lasting = "An operation is already in progress for this resource", "no space left on device"
	const snapshot = "version: 1\nname: many\nsnapshots: {base: {image: \"debian:12\"}}\nsandboxes: {a: {snapshot: base}}\n"
	const built = "version: 1\nname: many\nsandboxes: {a: {image: \"debian:12\"}}\n"
	for _, c := range []struct {
		name, text, path, message string
		count                     int // of failures; 0 for all
		failed, created           int
	}{
		{"snapshot", snapshot, "/snapshots", passing, 1, 0, 2},
		{"snapshot, twice", snapshot, "/snapshots", passing, 2, 0, 3},
		{"snapshot, forever", snapshot, "/snapshots", passing, 0, 1, 4},
		{"snapshot, another reason", snapshot, "/snapshots", lasting, 1, 1, 1},
		{"sandbox", built, "/sandbox", passing, 1, 0, 2},
		{"sandbox, forever", built, "/sandbox", passing, 0, 1, 4},
		{"sandbox, another reason", built, "/sandbox", lasting, 1, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Build: time.Second, SnapshotPull: time.Second, SnapshotRemove: 9 * time.Second, Delete: time.Second}})
				defer d.close()
				fault := map[string]any{"kind": "runner-fail", "method": "POST", "path": c.path, "message": c.message}
				if c.count > 0 {
					fault["count"] = c.count
				}
				d.send("POST", "/_emulator/faults", fault)
				p := d.plan(parse(t, c.text), plan.Options{})
				d.log()
				r := d.run(p)
				if failures(r) != c.failed {
					t.Errorf("%d failed, want %d\n%s", failures(r), c.failed, outcome(r))
				}
				_, writing := d.log()
				created := 0
				for _, x := range writing {
					if x.Method == http.MethodPost && x.Path == c.path {
						created++
					}
				}
				if created != c.created {
					t.Errorf("%d creations, want %d: %v", created, c.created, writing)
				}
				if c.failed == 0 && !d.plan(parse(t, c.text), plan.Options{}).Empty() {
					t.Error("another plan is not empty")
				}
			})
		})
	}
}

// TestCollisionOfALostAnswer checks the same for an object that is found by its name,
// since the response to its creation was lost.
func TestCollisionOfALostAnswer(t *testing.T) {
	for path, text := range map[string]string{
		"/snapshots": "version: 1\nname: many\nsnapshots: {base: {image: \"debian:12\"}}\n",
		"/sandbox":   "version: 1\nname: many\nsandboxes: {a: {image: \"debian:12\"}}\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{})
			defer d.close()
			for _, kind := range []string{"runner-fail", "reset-after"} {
				d.send("POST", "/_emulator/faults", map[string]any{"kind": kind, "method": "POST", "path": path, "message": "An operation is already in progress for this resource", "count": 1})
			}
			f := parse(t, text)
			if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
				t.Errorf("%s: %s", path, outcome(r))
			}
			if p := d.plan(f, plan.Options{}); !p.Empty() {
				t.Errorf("%s: %s", path, story(p))
			}
		})
	}
}

// TestCollisionOfALongBuild checks that a build that collides with one that lasts is tried
// again until that one has ended, or else until the timeout of the build.
func TestCollisionOfALongBuild(t *testing.T) {
	const image = "images: {i: {base: \"debian:12\", steps: [{run_commands: [echo hello]}]}}\n"
	for path, object := range map[string]string{
		"/snapshots": "snapshots: {s: {image: i, timeouts: {build: 5m}}}\n",
		"/sandbox":   "sandboxes: {s: {image: i, timeouts: {build: 5m}}}\n",
	} {
		for name, lasts := range map[string]time.Duration{"ends": 3 * time.Minute, "never ends": time.Hour} {
			t.Run(path+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDaytona(t, emulator.Options{Delays: emulator.Delays{SnapshotRemove: 9 * time.Second}})
					defer d.close()
					f := parse(t, "version: 1\nname: many\n"+image+object)
					p := d.plan(f, plan.Options{})
					d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "method": "POST", "path": path, "message": "An operation is already in progress for this resource"})
					other := time.AfterFunc(lasts, func() { d.send("DELETE", "/_emulator/faults", nil) })
					defer other.Stop()
					r := d.run(p)
					if lasts < 5*time.Minute {
						if !r.OK() || r.Duration > lasts+time.Minute {
							t.Errorf("after %s: %s", r.Duration, outcome(r))
						}
						return
					}
					if r.Count(apply.Failed) != 1 || r.Duration > 6*time.Minute {
						t.Fatalf("after %s: %s", r.Duration, outcome(r))
					}
					const want = "timed out after 5m0s while waiting for the other operation on the same image to end: it went into state "
					if text := r.Results[0].Err.Error(); !strings.HasPrefix(text, want) {
						t.Error(text)
					}
				})
			})
		}
	}
}
