package apply_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// released is a fleet of ten sandboxes from the snapshot of a release.
func released(release, rollout string) string {
	return fmt.Sprintf(`
version: 1
name: rolling
owns: {snapshots: ["base-*"]}
volumes: {cache: {}}
snapshots: {base: {name: base-%[1]s, image: "debian:%[1]s"}}
sandboxes:
  worker:
    count: 10
    snapshot: base
    language: python
    env_vars: {RELEASE: "%[1]s", TOKEN: secret}
    labels: {release: "%[1]s"}
    auto_stop_interval: 0
    volumes: [{volume: cache, mount_path: /cache}]
%[2]s`, release, indented(rollout, "    "))
}

// likeness returns all of a sandbox except what differs with each creation.
func (d *daytona) likeness(name string) string {
	d.t.Helper()
	var s map[string]any
	if err := json.Unmarshal(d.send("GET", "/api/sandbox/"+d.sandboxes()[name].ID, nil), &s); err != nil {
		d.t.Fatal(err)
	}
	for _, key := range []string{"id", "createdAt", "updatedAt", "lastActivityAt", "toolboxProxyUrl", "runnerId"} {
		delete(s, key)
	}
	text, _ := json.Marshal(s)
	return string(text)
}

// TestRollback checks that a wave that fails is rolled back completely, labels and
// fingerprint included, and that the snapshot that it was made from is retained for
// that.
func TestRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, released("1", ""))
		defer d.close()
		before := map[string]string{}
		for name := range d.sandboxes() {
			before[name] = d.likeness(name)
		}
		f := parse(t, released("2", "rollout: {waves: [2, 6, 100%], max_unavailable: 3, on_failure: rollback}"))
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		if len(p.Warnings) > 0 {
			t.Error(p.Warnings)
		}
		d.log()
		done := 0
		ends := map[apply.Phase]int{}
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(e apply.Event) {
			ends[e.Phase]++
			if e.Phase != apply.Done || e.Step.Wave == 0 {
				return
			}
			if done++; done == 3 { // in the second wave
				d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "message": "no space left", "count": 1})
			}
		})
		if r.Count(apply.RolledBack) < 2 || r.Count(apply.Skipped) < 5 || r.Count(apply.Failed) != 0 {
			t.Errorf("%d rolled back, %d skipped:\n%s", r.Count(apply.RolledBack), r.Count(apply.Skipped), outcome(r))
		}
		if ends[apply.RolledBack] != r.Count(apply.RolledBack) {
			t.Errorf("%d events tell of what was rolled back, and %d results", ends[apply.RolledBack], r.Count(apply.RolledBack))
		}
		rolled := map[string]bool{}
		for _, x := range r.Results {
			if x.Outcome == apply.RolledBack {
				rolled[x.Step.Name] = true
			}
			if x.Outcome == apply.Done && x.Step.Wave > 1 {
				t.Errorf("%s of the wave that failed is reported as done", x.Step.Address)
			}
		}
		for name, was := range before {
			is := d.likeness(name)
			if rolled[name] && is != was {
				t.Errorf("%s was rolled back, and is\n%s, and was\n%s", name, is, was)
			}
		}
		// The one that failed counts twice: its deletion takes nothing out of use.
		if fewest := d.fewest(10); fewest+1 < 7 {
			t.Errorf("there were %d that could be used at the worst moment, want 7", fewest+1)
		}
		d.send("DELETE", "/_emulator/faults", nil)
		for range 2 {
			d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
		}
		if p := d.plan(f, plan.Options{}); !p.Empty() {
			t.Errorf("it does not converge:\n%s", story(p))
		}
	})
}

// TestRollbackInPlace checks that a change in place is reverted in place.
func TestRollbackInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sized := func(cpu, interval int) string {
			return fmt.Sprintf("version: 1\nname: rolling\nsandboxes:\n  worker:\n    count: 4\n    image: debian:12\n    resources: {cpu: %d}\n    labels: {cpu: \"%d\"}\n    auto_stop_interval: %d\n    rollout: {waves: [2, 4], on_failure: rollback}\n", cpu, cpu, interval)
		}
		d := created(t, sized(1, 600))
		defer d.close()
		before := map[string]string{}
		for name := range d.sandboxes() {
			before[name] = d.likeness(name)
		}
		p := d.plan(parse(t, sized(2, 700)), plan.Options{})
		resized := 0
		r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: 1}, func(e apply.Event) {
			if e.Phase == apply.Done {
				if resized++; resized == 1 {
					d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "method": "POST", "path": "/sandbox/*/resize", "count": 1})
				}
			}
		})
		if n := r.Count(apply.RolledBack); n != 2 || n+r.Count(apply.Done)+r.Count(apply.Skipped) != 4 {
			t.Fatalf("%d rolled back, %d skipped:\n%s", r.Count(apply.RolledBack), r.Count(apply.Skipped), outcome(r))
		}
		for _, x := range r.Results {
			if is, was := d.likeness(x.Step.Name), before[x.Step.Name]; (is == was) == (x.Outcome == apply.Done) {
				t.Errorf("%s is reported as %s, is\n%s, and was\n%s", x.Step.Name, x.Outcome, is, was)
			}
		}
	})
}

// TestNoWayBack checks that the plan states what cannot be rolled back.
func TestNoWayBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, released("1", ""))
		defer d.close()
		// The same name with another content.
		f := parse(t, "version: 1\nname: rolling\nsnapshots: {base: {name: base-1, image: \"debian:3\"}}\nsandboxes:\n  worker: {count: 10, snapshot: base, rollout: {on_failure: rollback}}\n")
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		want := "when the rollout of sandbox.worker fails, 10 sandboxes cannot be rolled back: its snapshot was replaced under the same name"
		gap := "no sandbox can be created from snapshot.base while the plan replaces it; versioning: content keeps the old version until the new one can be used"
		if !slices.Equal(p.Warnings, []string{want, gap}) {
			t.Errorf("warnings %q, want %q and %q", p.Warnings, want, gap)
		}
	})
}

// TestRollbackOfRenamed checks that a rolled back sandbox belongs to the same fleet as
// before, even if the fleet has another name by now.
func TestRollbackOfRenamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		named := func(fleet, image, more string) string {
			return fmt.Sprintf("version: 1\nname: %s\nsandboxes:\n  web: {name: web, image: \"debian:%s\", ready: {exec: \"true\"}, rollout: {on_failure: rollback}}\n%s", fleet, image, more)
		}
		d := created(t, named("old", "12", ""))
		defer d.close()
		before := d.sandboxes()["web"].Labels
		p := d.plan(parse(t, named("new", "13", "moved: [{from: fleet.old}]\n")), plan.Options{AllowDestroy: 100})
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "message": "no space left", "count": 1})
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(apply.Event) {})
		if r.Count(apply.RolledBack) != 1 {
			t.Fatalf("it was not rolled back:\n%s\n%s", story(p), outcome(r))
		}
		if is := d.sandboxes()["web"].Labels; !maps.Equal(is, before) {
			t.Errorf("its labels are %v, and were %v", is, before)
		}
	})
}

// TestForcedReplacementGoesBack checks that a replacement that the user requested is
// rolled back like one that a change of the spec requires.
func TestForcedReplacementGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		f := parse(t, "version: 1\nname: demo\nsandboxes:\n  a: {count: 3, snapshot: daytona-small, env_vars: {A: \"1\"}, rollout: {on_failure: rollback}}\n")
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		all, err := plan.ParseSelector("sandbox.a")
		if err != nil {
			t.Fatal(err)
		}
		p := d.plan(f, plan.Options{Replace: []plan.Selector{all}})
		for _, s := range p.Steps {
			if s.Action != plan.Replace || s.Rollback == nil {
				t.Errorf("%s has no way back; warnings: %v", s.Address, p.Warnings)
			}
		}
	})
}
