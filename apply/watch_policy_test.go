package apply_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/watch/policy"
	"fleet/plan"
)

// TestPassesAfterARefusal checks that the passes of a watch lose no more sandboxes than
// its first one if the server refuses their creation, and try it less and less often:
// while the sandbox that is missing waits, no other one is tried in its place.
func TestPassesAfterARefusal(t *testing.T) {
	for name, more := range map[string]string{
		"no rollout": "",
		"canary":     ", rollout: {canary: 1}",
		"continues":  ", rollout: {max_unavailable: 2, on_failure: continue, max_failures: 100%}",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				spec := func(user string) string {
					return "version: 1\nname: many\nsandboxes:\n  a: {count: 3, snapshot: daytona-small, os_user: " + user + more + "}\n"
				}
				if r := d.run(d.plan(parse(t, spec("dev")), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				d.refuseCreates(http.StatusBadRequest, "this content is not accepted")
				d.log()
				f, state := parse(t, spec("root")), &policy.State{}
				for range 20 {
					p := d.plan(f, plan.Options{AllowDestroy: 100})
					(&policy.Policy{}).Hold(p, policy.Pass{Fleet: f, State: state, Now: time.Now()})
					state.Record(f, d.run(p), time.Now())
					time.Sleep(time.Minute)
				}
				created, deleted := 0, 0
				_, writing := d.log()
				for _, r := range writing {
					switch {
					case r.Method == http.MethodDelete && strings.HasPrefix(r.Path, "/sandbox/"):
						deleted++
					case r.Method == http.MethodPost && r.Path == "/sandbox":
						created++
					}
				}
				if deleted != 1 || created < 4 || created > 6 {
					t.Errorf("%d sandboxes were deleted, and %d creations sent", deleted, created)
				}
			})
		})
	}
}
