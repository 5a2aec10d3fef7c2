package apply_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestDeletionsMakeRoom checks that, at a quota, the plan's deletions, stops and
// replacements free quota for its creations.
func TestDeletionsMakeRoom(t *testing.T) {
	head := "version: 1\nname: full\n"
	for _, c := range []struct {
		name, was, is string
		quota         map[string]any
		parallel      int
	}{
		{"replaced", head + "sandboxes: {a: {count: 3, snapshot: daytona-small, env_vars: {A: b}}}\n", head + "sandboxes: {a: {count: 3, snapshot: daytona-small, env_vars: {A: c}}}\n", map[string]any{"cpu": 3}, 8},
		{"another group", head + "sandboxes: {a: {count: 3, snapshot: daytona-small}}\n", head + "sandboxes: {b: {count: 3, snapshot: daytona-small}}\n", map[string]any{"cpu": 3}, 8},
		{"one at a time", head + "sandboxes: {a: {count: 3, snapshot: daytona-small}}\n", head + "sandboxes: {b: {count: 3, snapshot: daytona-small}}\n", map[string]any{"cpu": 3}, 1},
		{"stopped", head + "sandboxes: {a: {snapshot: daytona-small, state: started}}\n", head + "sandboxes: {a: {snapshot: daytona-small, state: stopped}, b: {snapshot: daytona-small}}\n", map[string]any{"cpu": 1}, 8},
		{"started", head + "sandboxes: {a: {snapshot: daytona-small}, b: {snapshot: daytona-small, state: stopped}}\n", head + "sandboxes: {b: {snapshot: daytona-small, state: started}}\n", map[string]any{"cpu": 1}, 8},
		{"volumes", head + "owns: {volumes: [\"vol-*\"]}\nvolumes: {vol-a: {}, vol-b: {}}\n", head + "owns: {volumes: [\"vol-*\"]}\nvolumes: {vol-c: {}, vol-b: {}}\n", map[string]any{"volumes": 2}, 8},
		{
			"snapshots, after a replacement", head + "owns: {snapshots: [\"old-*\"]}\nsnapshots: {base: {image: \"debian:12\"}, old-one: {image: \"debian:12\"}}\nsandboxes: {m: {snapshot: base}}\n",
			head + "owns: {snapshots: [\"old-*\"]}\nsnapshots: {base: {image: \"debian:12\"}, next: {image: \"debian:12\"}}\nvolumes: {v: {}}\nsandboxes: {m: {snapshot: base, volumes: [{volume: v, mount_path: /v}]}}\n",
			map[string]any{"snapshots": 2},
			8,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Second, Delete: 3 * time.Second, VolumeCreate: time.Second}})
				defer d.close()
				if r := d.run(d.plan(parse(t, c.was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				d.send("POST", "/_emulator/organization", map[string]any{"quota": c.quota})
				p := d.plan(parse(t, c.is), plan.Options{AllowDestroy: 9})
				r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: c.parallel}, func(apply.Event) {})
				if !r.OK() {
					t.Errorf("%s\n%s", outcome(r), story(p))
				}
			})
		})
	}
}

// TestTooBigIsNotTriedAgain checks that a sandbox above the limit for one sandbox is not
// retried: no deletion helps.
func TestTooBigIsNotTriedAgain(t *testing.T) {
	for _, status := range []int{400, 403} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Second, Delete: 3 * time.Second}})
			defer d.close()
			head := "version: 1\nname: big\n"
			if r := d.run(d.plan(parse(t, head+"sandboxes: {a: {count: 3, snapshot: daytona-small}}\n"), plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			p := d.plan(parse(t, head+"sandboxes: {b: {snapshot: daytona-small}}\n"), plan.Options{AllowDestroy: 9})
			d.refuseCreates(status, "CPU request 20 exceeds maximum allowed per sandbox (16).\nNeed higher resource limits per-sandbox?")
			d.log()
			r := d.run(p)
			if failures(r) != 1 || r.Count(apply.Done) != 3 {
				t.Error(outcome(r))
			}
			_, writing := d.log()
			writing = slices.DeleteFunc(writing, func(r request) bool { return r.Method != http.MethodPost })
			if len(writing) != 1 {
				t.Errorf("it was asked for %d times, want once: %v", len(writing), writing)
			}
		})
	}
}

// TestNoRoomEnds checks that a refusal for quota ends the run soon if the run frees
// nothing of that kind, or not enough.
func TestNoRoomEnds(t *testing.T) {
	head := "version: 1\nname: full\nowns: {volumes: [\"vol-*\"]}\n"
	for _, c := range []struct {
		name, was, is string
		quota         map[string]any
	}{
		{"nothing is freed", head + "sandboxes: {a: {snapshot: daytona-small}}\n", head + "sandboxes: {a: {count: 3, snapshot: daytona-small}}\n", map[string]any{"cpu": 1}},
		{"another kind", head + "volumes: {vol-a: {}, vol-b: {}}\nsandboxes: {a: {snapshot: daytona-small}}\n", head + "volumes: {vol-b: {}}\nsandboxes: {a: {count: 3, snapshot: daytona-small}}\n", map[string]any{"cpu": 1}},
		{"not enough", head + "sandboxes: {a: {count: 2, snapshot: daytona-small}}\n", head + "sandboxes: {b: {count: 5, snapshot: daytona-small}}\n", map[string]any{"cpu": 2}},
		{"no slot for the deletion", head + "sandboxes: {a: {snapshot: daytona-small}}\n", head + "parallelism: {sandboxes: 1}\nsandboxes: {b: {count: 2, snapshot: daytona-small}}\n", map[string]any{"cpu": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Second, Delete: 3 * time.Second}})
				defer d.close()
				if r := d.run(d.plan(parse(t, c.was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				d.send("POST", "/_emulator/organization", map[string]any{"quota": c.quota})
				p := d.plan(parse(t, c.is), plan.Options{AllowDestroy: 9})
				r := d.run(p)
				if r.Count(apply.Failed) == 0 {
					t.Errorf("nothing failed\n%s", story(p))
				}
				if r.Duration > time.Minute {
					t.Errorf("the run took %s\n%s", r.Duration, outcome(r))
				}
			})
		})
	}
}
