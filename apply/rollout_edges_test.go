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

// TestRefusedDeletion checks that a rollback does not change sandboxes that were never
// deleted.
func TestRefusedDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(3, "1", ""))
		defer d.close()
		before := d.sandboxes()
		f := parse(t, rolling(3, "2", "rollout: {max_unavailable: 1, on_failure: rollback}"))
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "status": 403, "method": "DELETE", "path": "/sandbox/", "count": 1, "message": "not now"})
		d.log()
		r := d.run(p)
		if r.Count(apply.Failed) != 1 || r.Count(apply.RolledBack) != 0 {
			t.Error(outcome(r))
		}
		after := d.sandboxes()
		for name, b := range before {
			if after[name].ID != b.ID {
				t.Errorf("%s was %s, is %s: deleted by the rollback though its deletion was refused", name, b.ID, after[name].ID)
			}
		}
	})
}

// TestRolloutWaitsForWhatMakesItWhole checks that a step that waits for another one is
// not given up, although nothing else may start before it.
func TestRolloutWaitsForWhatMakesItWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t1 := "version: 1\nname: rolling\nsnapshots: {a0: {name: b-0, image: \"debian:1\"}, a1: {name: b-1, image: \"debian:1\"}}\nsandboxes:\n  worker:\n    count: 2\n    snapshot: b-${index}\n    env_vars: {RELEASE: \"1\"}\n"
		t2 := "version: 1\nname: rolling\nsnapshots: {a0: {name: c-0, image: \"debian:2\"}, a1: {name: b-1, image: \"debian:1\"}, c1: {name: c-1, image: \"debian:1\"}}\nsandboxes:\n  worker:\n    count: 2\n    snapshot: c-${index}\n    env_vars: {RELEASE: \"2\"}\n    rollout: {max_unavailable: 1}\n"
		d := created(t, t1)
		defer d.close()
		// c-1 exists already, c-0 has to be built.
		pre := "version: 1\nname: other\nsnapshots: {c1: {name: c-1, image: \"debian:1\"}}\n"
		if r := d.run(d.plan(parse(t, pre), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		d.send("POST", "/_emulator/sandboxes/worker-0", map[string]any{"state": "error", "errorReason": "disk full"})
		p := d.plan(parse(t, t2), plan.Options{AllowDestroy: 100})
		r := d.run(p)
		if !r.OK() {
			t.Error(outcome(r))
		}
	})
}

// TestPauseBeforeWhatWaits checks that the pause is kept even if the steps of the next
// wave wait for others.
func TestPauseBeforeWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t1 := "version: 1\nname: rolling\nsnapshots: {c0: {name: c-0, image: \"debian:2\"}, a1: {name: b-1, image: \"debian:1\"}}\nsandboxes:\n  worker:\n    count: 2\n    snapshot: c-0\n    env_vars: {RELEASE: \"1\"}\n"
		t2 := "version: 1\nname: rolling\nsnapshots: {c0: {name: c-0, image: \"debian:2\"}, c1: {name: c-1, image: \"debian:1\"}}\nsandboxes:\n  worker:\n    count: 2\n    snapshot: c-${index}\n    env_vars: {RELEASE: \"2\"}\n    rollout: {canary: 1, pause: 10m}\n"
		d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: 300 * time.Millisecond, Delete: time.Second, Build: time.Minute, SnapshotPull: time.Minute}})
		if r := d.run(d.plan(parse(t, t1), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		defer d.close()
		p := d.plan(parse(t, t2), plan.Options{AllowDestroy: 100})
		var ended, began time.Time
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(e apply.Event) {
			if e.Phase == apply.Done && e.Step.Wave == 1 {
				ended = time.Now()
			}
			if e.Phase == apply.Working && e.Step.Wave == 2 && began.IsZero() {
				began = time.Now()
			}
		})
		if !r.OK() || began.Sub(ended) < 10*time.Minute {
			t.Errorf("wave 2 began %s after wave 1 had ended, want 10m\n%s", began.Sub(ended), outcome(r))
		}
	})
}

// TestLeftoversAreDestruction checks that the leftover of a surge is deleted only if
// destruction is allowed, even if the step does something else, too.
func TestLeftoversAreDestruction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(1, "1", ""))
		defer d.close()
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "save", "exitCode": 1})
		d.run(d.plan(parse(t, rolling(1, "2", "hooks: {before_destroy: {exec: save}}\nrollout: {surge: true}")), plan.Options{AllowDestroy: 100}))
		p := d.plan(parse(t, rolling(1, "2", "labels: {a: b}\nrollout: {surge: true}")), plan.Options{NoDestroy: true})
		for _, s := range p.Steps {
			if s.Blocked == nil && s.Ops[0].Verb == plan.DoDelete {
				t.Error("a watch without --allow-destroy deletes")
			}
		}
	})
}

// TestLeftoversMove checks that the leftover of a surge moves with its sandbox.
func TestLeftoversMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(1, "1", ""))
		defer d.close()
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "check", "exitCode": 1})
		d.run(d.plan(parse(t, rolling(1, "2", "ready: {exec: check, retries: 0}\nrollout: {surge: true}")), plan.Options{AllowDestroy: 100}))
		d.send("DELETE", "/_emulator/toolbox", nil)
		text := strings.Replace(rolling(1, "1", "name: worker"), "\n  worker:", "\n  job:", 1) + "\nmoved: [{from: sandbox.worker, to: sandbox.job}]\n"
		for range 2 {
			p := d.plan(parse(t, text), plan.Options{AllowDestroy: 100})
			d.run(p)
		}
		if there := d.sandboxes(); len(there) != 1 || there["worker-0"].Labels["fleet-key"] != "job[0]" {
			t.Errorf("there are %v, want worker-0 as job[0]", there)
		}
	})
}
