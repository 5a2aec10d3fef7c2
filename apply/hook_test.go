package apply_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestHookGuardsLeftover checks that before_destroy runs for the old sandbox of a surge,
// in the next run too.
func TestHookGuardsLeftover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(2, "1", ""))
		defer d.close()
		f := parse(t, rolling(2, "2", "hooks: {before_destroy: {exec: save}}\nrollout: {surge: true}"))
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "save", "exitCode": 1})
		for range 2 {
			if r := d.run(d.plan(f, plan.Options{AllowDestroy: 100})); r.Count(apply.Failed) != 2 {
				t.Error(outcome(r))
			}
		}
		if _, ok := d.sandboxes()["worker-0"]; !ok {
			t.Error("worker-0 was deleted though before_destroy fails")
		}
	})
}

// TestHookOfWhatLeftHidesSecrets checks that a sandbox that was removed from the spec
// has the hook of its group, and that the group's secrets are redacted.
func TestHookOfWhatLeftHidesSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := func(n int) string {
			return fmt.Sprintf("version: 1\nname: x\nsandboxes: {w: {count: %d, snapshot: daytona-small, env_vars: {TOKEN: s3cr3t-value}, hooks: {before_destroy: {exec: save}}}}\n", n)
		}
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		d.run(d.plan(parse(t, text(2)), plan.Options{}))
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "save", "exitCode": 0, "output": "TOKEN=s3cr3t-value"})
		said := 0
		apply.Run(t.Context(), d.api, d.plan(parse(t, text(1)), plan.Options{}), apply.Options{}, func(e apply.Event) {
			if e.Phase != apply.Logged {
				return
			}
			if said++; strings.Contains(e.Text, "s3cr3t") {
				t.Errorf("the event says %q", e.Text)
			}
		})
		if said != 1 {
			t.Errorf("%d lines of the hook, want 1", said)
		}
	})
}

func TestHookInsideKnowsItsSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		d.run(d.plan(parse(t, "version: 1\nname: x\nsandboxes: {w: {snapshot: daytona-small, hooks: {after_create: {exec: warm}}}}\n"), plan.Options{}))
		all, _ := d.log()
		for _, name := range []string{"FLEET_EVENT", "FLEET_NAME", "FLEET_ADDRESS", "FLEET_SANDBOX_ID", "FLEET_SANDBOX_NAME"} {
			if !slices.ContainsFunc(all, func(r request) bool { return strings.Contains(r.Path, "execute") && strings.Contains(r.Body, name) }) {
				t.Errorf("the hook does not know %s", name)
			}
		}
	})
}

// TestRolledBackIsFinished checks that a sandbox that a rollback creates is probed and
// marked as finished like any other.
func TestRolledBackIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		more := "hooks: {after_create: {exec: warm}}\nready: {exec: check}\n"
		d := created(t, rolling(2, "1", more))
		defer d.close()
		f := parse(t, rolling(2, "2", more+"rollout: {waves: [2], max_unavailable: 1, on_failure: rollback}"))
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "warm", "exitCode": 1, "count": 1})
		d.log()
		if r := d.run(p); r.Count(apply.RolledBack) != 1 {
			t.Error(outcome(r))
		}
		all, _ := d.log()
		var last []string
		for _, x := range all {
			if x.Method == http.MethodPost {
				last = append(last, x.Body)
			}
		}
		last = last[len(last)-3:]
		for i, want := range []string{`"RELEASE":"1"`, "check", "warm"} {
			if !strings.Contains(last[i], want) {
				t.Errorf("the request %q does not hold %s", last[i], want)
			}
		}
		if p := d.plan(parse(t, rolling(2, "1", more)), plan.Options{}); !p.Empty() {
			t.Errorf("by the spec as it was there is more to do:\n%s", story(p))
		}
	})
}
