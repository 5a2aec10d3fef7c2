package apply_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestTimeoutsWithoutRateLimits checks that the time in which fleet itself waits, for a
// rate limit or for a free worker, counts in no timeout, and that nothing is deleted if
// no time is left to create it again.
func TestTimeoutsWithoutRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{
			Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: 300 * time.Millisecond, Delete: time.Second},
			Faults: []string{"rate-limit sandbox-create=60/60s"},
		})
		defer d.close()
		text := func(release string) string {
			return fmt.Sprintf("version: 1\nname: many\nsandboxes: {worker: {count: 200, snapshot: daytona-small, env_vars: {R: %q}, timeouts: {create: 30s, delete: 30s}}}\n", release)
		}
		for _, release := range []string{"1", "2"} {
			if r := d.run(d.plan(parse(t, text(release)), plan.Options{AllowDestroy: 1000})); !r.OK() {
				t.Errorf("release %s: %d of 200 done: %.300s", release, r.Count(apply.Done), outcome(r))
			}
		}
		if there := d.sandboxes(); len(there) != 200 {
			t.Errorf("there are %d sandboxes", len(there))
		}
	})
}

// TestPortsThatAreNotUp checks that a port on which nothing listens yet does not count
// against the server, and delays no other sandbox.
func TestPortsThatAreNotUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: 300 * time.Millisecond}})
		defer d.close()
		for i := range 100 {
			d.send("POST", "/_emulator/previews", map[string]any{"sandbox": fmt.Sprintf("worker-%d", i), "status": 502, "count": 3, "delay": "1s"})
		}
		f := parse(t, "version: 1\nname: many\nsandboxes: {worker: {count: 100, snapshot: daytona-small, ready: {port: 80, interval: 1s, timeout: 5s}}}\n")
		r := apply.Run(t.Context(), d.api, d.plan(f, plan.Options{}), apply.Options{}, func(apply.Event) {})
		if !r.OK() || r.Duration > 20*time.Second {
			t.Errorf("it took %s, want about 10s: %s", r.Duration, outcome(r))
		}
	})
}

// TestLateCreationOfReplacement checks that a creation that timed out is not reported
// with the state of the sandbox before it.
func TestLateCreationOfReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(1, "1", ""))
		defer d.close()
		p := d.plan(parse(t, rolling(1, "2", "timeouts: {create: 10s}")), plan.Options{AllowDestroy: 100})
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "hang", "method": "POST", "path": "/sandbox", "count": 1})
		x := d.run(p).Results[0]
		if x.ID == p.Steps[0].ID || !strings.Contains(x.Err.Error(), "whether it was created is not known") {
			t.Errorf("id %q, %v", x.ID, x.Err)
		}
	})
}
