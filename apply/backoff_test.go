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

// TestStuckBeforeDelete checks that the wait for a change that never ends, before a
// deletion, takes no longer than the deletion may.
func TestStuckBeforeDelete(t *testing.T) {
	const text = "version: 1\nname: demo\n%ssandboxes: {web: {snapshot: daytona-small%s}}\n"
	for name, after := range map[string]string{
		"gone":     "version: 1\nname: demo\ntimeouts: {delete: 30s}\n",
		"replaced": fmt.Sprintf(text, "", ", env_vars: {A: b}, timeouts: {delete: 30s}"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Start: 100 * time.Hour}})
				defer d.close()
				d.settled(fmt.Sprintf(text, "", ""))
				d.send("POST", "/api/sandbox/web/stop", nil)
				d.send("POST", "/api/sandbox/web/start", nil)
				p := d.plan(parse(t, after), plan.Options{AllowDestroy: 1})
				r := d.run(p)
				x := r.Results[0]
				if x.Outcome != apply.Failed || !strings.Contains(x.Err.Error(), "timed out after 30s") || r.Duration > time.Minute {
					t.Errorf("it took %s:\n%s", r.Duration, outcome(r))
				}
			})
		})
	}
}

// TestRefusedActivation checks that an activation that the server refuses for ten
// minutes is retried less and less often, and that the error holds the server's reason.
func TestRefusedActivation(t *testing.T) {
	const text = "version: 1\nname: demo\nsnapshots: {base: {image: 'python:3.12', active: %t, timeout: %s}}\n%s"
	for limit, works := range map[string]bool{"5m": false, "20m": true} {
		for name, others := range map[string]string{
			"alone":         "",
			"beside others": "sandboxes: {w: {count: 3, image: 'python:3.12', timeouts: {build: 20m}}}\n",
		} {
			t.Run(limit+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Build: 9 * time.Minute}})
					defer d.close()
					d.settled(fmt.Sprintf(text, true, "5m", ""))
					d.settled(fmt.Sprintf(text, false, "5m", ""))
					p := d.plan(parse(t, fmt.Sprintf(text, true, limit, others)), plan.Options{})
					d.log()
					r := d.run(p)
					all, _ := d.log()
					asked := 0
					for _, q := range all {
						if strings.HasSuffix(q.Path, "/activate") {
							asked++
						}
					}
					if asked < 5 || asked > 45 {
						t.Errorf("it was asked %d times", asked)
					}
					if r.OK() != works {
						t.Errorf("ok %t, want %t:\n%s", r.OK(), works, outcome(r))
					}
					if reason := "Snapshot deactivation is still in progress"; !works && !strings.Contains(outcome(r), reason) {
						t.Errorf("the reason is missing:\n%s", outcome(r))
					}
				})
			})
		}
	}
}
