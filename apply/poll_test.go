package apply_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestReadsThatHang checks that a read that never ends delays no other object of the
// poll, and not the next poll.
func TestReadsThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Delete: 5 * time.Second}})
		defer d.close()
		d.settled(fmt.Sprintf(named, "demo", "w: {count: 10}", ""))
		p := d.plan(parse(t, fmt.Sprintf(named, "demo", "", "")), plan.Options{AllowDestroy: 10})
		hung := false
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(e apply.Event) {
			if e.Phase == apply.Working && !hung { // what goes before the deletions is answered
				hung = true
				time.AfterFunc(2*time.Second, func() {
					d.send("POST", "/_emulator/faults", map[string]any{"method": "GET", "path": "/sandbox/", "kind": "hang", "count": 15})
				})
			}
		})
		if !r.OK() || r.Duration > 2*time.Minute {
			t.Errorf("it took %s:\n%s", r.Duration, outcome(r))
		}
	})
}
