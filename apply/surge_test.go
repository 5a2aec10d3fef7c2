package apply_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/plan"
)

// TestSurge checks that with a surge no sandbox is ever missing, and that names
// alternate.
func TestSurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(20, "1", ""))
		defer d.close()
		for i, release := range []string{"2", "3"} {
			f := parse(t, rolling(20, release, "rollout: {surge: true, waves: [2, 100%]}"))
			p := d.plan(f, plan.Options{AllowDestroy: 100})
			d.log()
			if r := d.run(p); !r.OK() || p.Counts().Replace != 20 {
				t.Fatal(outcome(r), p.Counts())
			}
			if fewest := d.fewest(20); fewest != 20 {
				t.Errorf("there were %d that could be used at the worst moment, want all 20", fewest)
			}
			next := 0
			for name := range d.sandboxes() {
				if strings.HasSuffix(name, ".next") {
					next++
				}
			}
			if want := []int{20, 0}[i]; next != want {
				t.Errorf("after release %s %d have the second name, want %d", release, next, want)
			}
			if p := d.plan(f, plan.Options{}); !p.Empty() {
				t.Errorf("the plan is not empty:\n%s", story(p))
			}
		}
		// A sandbox with the second name stays unchanged when surge is removed from the
		// spec.
		f := parse(t, rolling(20, "4", "rollout: {surge: true}"))
		d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
		if p := d.plan(parse(t, rolling(20, "4", "")), plan.Options{}); !p.Empty() {
			t.Errorf("without surge the plan is not empty:\n%s", story(p))
		}
	})
}

// TestSurgeInterrupted stops surges at every moment: the next run decides which of the
// two sandboxes stays, and exactly one does.
func TestSurgeInterrupted(t *testing.T) {
	for k := range 24 {
		synctest.Test(t, func(t *testing.T) {
			d := created(t, rolling(3, "1", ""))
			defer d.close()
			f := parse(t, rolling(3, "2", "ready: {exec: \"true\"}\nrollout: {surge: true}"))
			p := d.plan(f, plan.Options{AllowDestroy: 100})
			n := 0
			stop := make(chan struct{})
			d.onRequest(func() {
				if n++; n == k+1 {
					close(stop)
				}
			})
			apply.Run(t.Context(), d.api, p, apply.Options{Stop: stop, GracePeriod: 1, Parallelism: 2}, func(apply.Event) {})
			d.onRequest(nil)
			for range 2 {
				if r := d.run(d.plan(f, plan.Options{AllowDestroy: 100})); !r.OK() {
					t.Log(outcome(r))
				}
			}
			if p := d.plan(f, plan.Options{}); !p.Empty() {
				t.Fatalf("stopped after %d requests, it does not converge:\n%s", k+1, story(p))
			}
			if there := d.sandboxes(); len(there) != 3 {
				t.Fatalf("stopped after %d requests, there are %v", k+1, there)
			}
		})
	}
}

// TestSurgeThatFails checks that a surge that fails leaves the old sandboxes unchanged,
// and that the next run deletes the new ones.
func TestSurgeThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(4, "1", ""))
		defer d.close()
		f := parse(t, rolling(4, "2", "ready: {exec: check, retries: 1}\nrollout: {surge: true, waves: [2, 4]}"))
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "check", "exitCode": 1})
		r := d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
		if r.Count(apply.Failed) != 2 || r.Count(apply.Skipped) != 2 {
			t.Fatal(outcome(r))
		}
		there := d.sandboxes()
		for _, name := range []string{"worker-0", "worker-1", "worker-2", "worker-3"} {
			if there[name].State != "started" {
				t.Errorf("%s is gone: %v", name, there)
			}
		}
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		if p.Counts().Replace != 4 {
			t.Errorf("the next plan:\n%s", story(p))
		}
		d.send("DELETE", "/_emulator/toolbox", nil)
		if r := d.run(p); !r.OK() {
			t.Error(outcome(r))
		}
		if p := d.plan(f, plan.Options{}); !p.Empty() || len(d.sandboxes()) != 4 {
			t.Errorf("it does not converge: %v\n%s", d.sandboxes(), story(p))
		}
	})
}

// TestNoSurge checks that names that the spec sets are kept.
func TestNoSurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		named := func(release string) string {
			return strings.Replace(rolling(2, release, "name: w\nrollout: {surge: true}"), "\n  worker:", "\n  job:", 1)
		}
		d := created(t, named("1"))
		defer d.close()
		p := d.plan(parse(t, named("2")), plan.Options{AllowDestroy: 100})
		if r := d.run(p); !r.OK() || p.Rollouts[0].Surge != 0 || p.Rollouts[0].NoSurgeReason == "" {
			t.Fatal(outcome(r), p.Rollouts[0])
		}
		if there := d.sandboxes(); there["w-0"].Name == "" || there["w-1"].Name == "" || len(there) != 2 {
			t.Error(there)
		}
	})
}

// TestSurgeRolledBack checks that a rollback of a surge deletes the new sandbox and
// leaves the old one unchanged.
func TestSurgeRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(3, "1", ""))
		defer d.close()
		before := d.sandboxes()
		d.send("POST", "/_emulator/toolbox", map[string]any{"sandbox": "worker-1.next", "command": "check", "exitCode": 1})
		f := parse(t, rolling(3, "2", "ready: {exec: check, retries: 0}\nrollout: {surge: true, on_failure: rollback, waves: [2, 100%]}"))
		r := d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
		if r.Count(apply.RolledBack) != 2 || r.Count(apply.Skipped) != 1 {
			t.Error(outcome(r))
		}
		after := d.sandboxes()
		for _, name := range []string{"worker-1", "worker-2"} {
			if after[name].ID != before[name].ID {
				t.Errorf("%s is another one: %v", name, after)
			}
		}
		if p := d.plan(parse(t, rolling(3, "1", "")), plan.Options{}); !p.Empty() || len(after) != 3 {
			t.Errorf("by the spec as it was there is more to do:\n%s", story(p))
		}
	})
}

// TestSurgeIsBounded checks that no more sandboxes are created at once than may be
// unavailable.
func TestSurgeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(10, "1", ""))
		defer d.close()
		f := parse(t, rolling(10, "2", "rollout: {surge: true, max_unavailable: 2}"))
		if r := d.run(d.plan(f, plan.Options{AllowDestroy: 100})); !r.OK() {
			t.Fatal(outcome(r))
		}
		most, now := 10, 10
		for _, m := range d.moments() {
			if m.up {
				now++
			} else {
				now--
			}
			most = max(most, now)
		}
		if most != 12 {
			t.Errorf("there were up to %d, want 12", most)
		}
	})
}
