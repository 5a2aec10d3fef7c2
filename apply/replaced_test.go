package apply_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestReplacedIsNoLongerThere checks that, once the old sandbox of a replacement is
// gone, its id and state are not reported for the new one.
func TestReplacedIsNoLongerThere(t *testing.T) {
	const spec = "version: 1\nname: demo\nsandboxes: {web: {snapshot: daytona-small, env_vars: {A: '%s'}}}\n"
	for _, c := range []struct {
		name  string
		fault map[string]any
		want  string
	}{
		{"no answer", map[string]any{"method": "POST", "path": "/sandbox", "kind": "hang"}, "timed out after 5m0s while create; it was last seen gone; whether it was created is not known: the next run looks it up by name"},
		{"no quota", map[string]any{"method": "POST", "path": "/sandbox", "kind": "status", "status": 400, "message": "Total CPU limit exceeded. Maximum allowed: 3."}, "Total CPU limit exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Delete: time.Second}})
				defer d.close()
				d.settled(strings.ReplaceAll(spec, "%s", "1"))
				d.send("POST", "/_emulator/faults", c.fault)
				r := d.run(d.plan(parse(t, strings.ReplaceAll(spec, "%s", "2")), plan.Options{AllowDestroy: 1}))
				x := r.Results[0]
				if x.Outcome != apply.Failed || !strings.Contains(x.Err.Error(), c.want) {
					t.Errorf("%s, want %s", outcome(r), c.want)
				}
				if there := d.sandboxes(); x.ID != "" || len(there) > 0 {
					t.Errorf("the id is %q, and there is %v", x.ID, there)
				}
			})
		})
	}
}

// TestCreationWaitsForItsSnapshot checks that a creation or replacement waits for a
// snapshot that another client is changing.
func TestCreationWaitsForItsSnapshot(t *testing.T) {
	for _, before := range []string{"", "web: {snapshot: theirs, env_vars: {A: '1'}}"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{Delays: emulator.Delays{SnapshotPull: 10 * time.Second}})
			defer d.close()
			d.send("POST", "/api/snapshots", map[string]any{"name": "theirs", "imageName": "debian:12"})
			time.Sleep(time.Minute)
			d.settled("version: 1\nname: demo\nsandboxes: {" + before + "}\n")
			p := d.plan(parse(t, "version: 1\nname: demo\nsandboxes: {web: {snapshot: theirs, env_vars: {A: '2'}}}\n"), plan.Options{AllowDestroy: 1})
			d.send("POST", "/_emulator/snapshots/theirs", map[string]any{"state": "pulling", "due": time.Now().Add(5 * time.Second)})
			if r := d.run(p); !r.OK() {
				t.Error(outcome(r))
			}
		})
	}
}
