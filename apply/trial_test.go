package apply_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// singly declares n sandboxes one by one, all with the same create request.
func singly(n int, more string) string {
	text := "version: 1\nname: many\nsandboxes:\n"
	for i := range n {
		text += fmt.Sprintf("  s%03d: {snapshot: daytona-small, env_vars: {N: \"%d\"}, %s}\n", i, i, more)
	}
	return text
}

// refuseCreates makes the server refuse every creation from now on.
func (d *daytona) refuseCreates(status int, message string) {
	d.send("POST", "/_emulator/faults", map[string]any{"kind": "status", "method": "POST", "path": "/sandbox", "status": status, "message": message})
}

// deleted counts the deletions that were sent since the log was last read.
func (d *daytona) deleted() int {
	_, writing := d.log()
	n := 0
	for _, r := range writing {
		if r.Method == http.MethodDelete && strings.HasPrefix(r.Path, "/sandbox/") {
			n++
		}
	}
	return n
}

// TestTrialSavesTheOthers replaces sandboxes whose creation is refused: one is lost, for
// all ways to declare them and all refusals.
func TestTrialSavesTheOthers(t *testing.T) {
	group := func(os, more string) string {
		return fmt.Sprintf("version: 1\nname: many\nsandboxes:\n  a: {count: 5, snapshot: daytona-small, os_user: %s%s}\n  b: {count: 3, snapshot: daytona-small, os_user: %s}\n", os, more, os)
	}
	for _, c := range []struct {
		name, was, is string
		status        int
		message       string
	}{
		{"one by one", singly(500, "os_user: dev"), singly(500, "os_user: root"), 404, "Region not found"},
		{"across groups", group("dev", ""), group("root", ""), 400, "Snapshot daytona-small is not available in region us"},
		{"one of them in a rollout", group("dev", ""), group("root", ", rollout: {max_unavailable: 2}"), 400, "Total GPU limit exceeded"},
		{"a rollout that goes on", group("dev", ""), group("root", ", rollout: {max_unavailable: 2, on_failure: continue, max_failures: 100%}"), 403, "Access denied"},
		{"a refusal that looks passing", group("dev", ""), group("root", ""), 500, "An unexpected error occurred."},
		{"no capacity", group("dev", ""), group("root", ""), 400, "No available runners"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, c.was), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				p := d.plan(parse(t, c.is), plan.Options{AllowDestroy: 1000})
				d.refuseCreates(c.status, c.message)
				d.log()
				r := d.run(p)
				if n := d.deleted(); n != 1 {
					t.Errorf("%d sandboxes were deleted, want 1\n%s", n, outcome(r))
				}
				failed := 0
				for _, x := range r.Results {
					switch {
					case x.Outcome == apply.Failed:
						failed++
					case x.Outcome != apply.Skipped:
						t.Errorf("%s is %s, want it skipped", x.Step.Address, x.Outcome)
					}
				}
				if failed != 1 {
					t.Errorf("%d steps failed, want 1", failed)
				}
			})
		})
	}
}

// TestTrialWaitsForReady checks that the others start when the trial is ready, and not
// when it is created.
func TestTrialWaitsForReady(t *testing.T) {
	text := func(os string) string {
		return "version: 1\nname: many\nsandboxes:\n  a: {count: 4, snapshot: daytona-small, os_user: " + os + ", ready: {exec: \"false\", for: 1s}}\n"
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		was := strings.Replace(text("dev"), `, ready: {exec: "false", for: 1s}`, "", 1)
		if r := d.run(d.plan(parse(t, was), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		d.send("POST", "/_emulator/toolbox", map[string]any{"command": "false", "exitCode": 1})
		d.log()
		r := d.run(d.plan(parse(t, text("root")), plan.Options{AllowDestroy: 1000}))
		if n := d.deleted(); n != 1 {
			t.Errorf("%d sandboxes were deleted, want 1\n%s", n, outcome(r))
		}
	})
}

// TestTrialThatLostNothing checks that a trial that is refused before its deletion
// proves nothing about the request, and that the next sandbox takes its place.
func TestTrialThatLostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		if r := d.run(d.plan(parse(t, singly(3, "os_user: dev")), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		p := d.plan(parse(t, singly(3, "os_user: root")), plan.Options{AllowDestroy: 3})
		d.send("PUT", "/api/sandbox/"+p.Steps[0].ID+"/labels", map[string]any{"labels": map[string]string{"fleet-name": "another", "fleet-key": "s000"}})
		r := d.run(p)
		var got []string
		for _, x := range r.Results {
			got = append(got, string(x.Outcome))
		}
		if want := []string{string(apply.Failed), string(apply.Done), string(apply.Done)}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v\n%s", got, want, outcome(r))
		}
	})
}

// TestBrokenIsMadeWholeFirst checks that a sandbox in an error state outside of the
// canary does not keep the rollout from starting.
func TestBrokenIsMadeWholeFirst(t *testing.T) {
	for _, rollout := range []string{"rollout: {canary: 1, max_unavailable: 1}", "rollout: {waves: [1, 50%], max_unavailable: 1}", "rollout: {canary: 1, waves: [50%], max_unavailable: 1, pause: 1s}"} {
		synctest.Test(t, func(t *testing.T) {
			d := created(t, rolling(3, "1", "on_error: replace"))
			defer d.close()
			d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "count": 1})
			d.run(d.plan(parse(t, rolling(4, "1", "on_error: replace")), plan.Options{}))
			p := d.plan(parse(t, rolling(4, "2", "on_error: replace\n"+rollout)), plan.Options{AllowDestroy: 4})
			if broken := p.Steps[3]; !broken.Have.Failed {
				t.Fatalf("%s is not broken", broken.Address)
			}
			if r := d.run(p); !r.OK() {
				t.Errorf("%s:\n%s", rollout, outcome(r))
			}
		})
	}
}

// TestFailedSnapshotSparesItsSandboxes checks that sandboxes stay if the snapshot for
// their replacements cannot be built.
func TestFailedSnapshotSparesItsSandboxes(t *testing.T) {
	text := func(version int) string {
		return fmt.Sprintf("version: 1\nname: many\nimages: {py: {debian_slim: \"3.1%d\"}}\nsnapshots: {base: {name: base-%d, image: py}}\nsandboxes: {a: {count: 3, snapshot: base}}\n", version, version)
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		if r := d.run(d.plan(parse(t, text(1)), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "path": "/snapshots"})
		d.log()
		r := d.run(d.plan(parse(t, text(2)), plan.Options{AllowDestroy: 3}))
		if n := d.deleted(); n != 0 || r.OK() {
			t.Errorf("%d sandboxes were deleted, want none\n%s", n, outcome(r))
		}
	})
}

// TestTrialLaw refuses create requests by their content from the start of the run. At
// most one sandbox for each distinct request is missing afterwards.
func TestTrialLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		was, is := trialSpec(rt, "dev"), ""
		is = trialSpec(rt, "root")
		status := rapid.SampledFrom([]int{400, 403, 404, 409, 422, 500}).Draw(rt, "status")
		parallel := rapid.IntRange(1, 8).Draw(rt, "parallelism")
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = trialLaw(t, was, is, status, parallel) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

// trialSpec draws four groups that share requests in part. All differ from those of
// another user.
func trialSpec(rt *rapid.T, user string) string {
	text := "version: 1\nname: law\nsandboxes:\n"
	for _, key := range []string{"a", "b", "c", "d"} {
		text += fmt.Sprintf("  %s: {count: 3, snapshot: daytona-small, os_user: %s, auto_stop_interval: %d, env_vars: {K: %q}, %s%s}\n", key, user,
			rapid.IntRange(0, 1).Draw(rt, "interval"), rapid.StringMatching("[a-z]").Draw(rt, "value"),
			rapid.SampledFrom([]string{"", "state: stopped, ", "public: true, "}).Draw(rt, "more"),
			rapid.SampledFrom([]string{"labels: {x: y}", "rollout: {max_unavailable: 2}", "rollout: {canary: 1, on_failure: continue}", "rollout: {waves: [2, 100%], on_failure: continue, max_failures: 100%}", "rollout: {on_failure: rollback}"}).Draw(rt, "rollout"))
	}
	return text
}

func trialLaw(t *testing.T, was, is string, status, parallel int) string {
	d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: time.Second, Delete: time.Second}})
	defer d.close()
	if r := d.run(d.plan(parse(t, was), plan.Options{})); !r.OK() {
		return outcome(r)
	}
	p := d.plan(parse(t, is), plan.Options{AllowDestroy: 100})
	d.refuseCreates(status, "this content is not accepted")
	d.log()
	r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: parallel}, func(apply.Event) {})
	requests := map[string]bool{}
	all, _ := d.log()
	gone := 0
	for _, q := range all {
		if q.Method == http.MethodDelete && strings.HasPrefix(q.Path, "/sandbox/") && q.Status < 300 {
			gone++
		}
		var body map[string]any
		if q.Method == http.MethodPost && q.Path == "/sandbox" && json.Unmarshal([]byte(q.Body), &body) == nil {
			delete(body, "name")
			delete(body, "labels")
			delete(body, "env")
			key, _ := json.Marshal(body)
			requests[string(key)] = true
		}
	}
	if gone > len(requests) || gone == 0 {
		return fmt.Sprintf("%d sandboxes are missing, and %d distinct requests were sent\n%s\n%s\n%s", gone, len(requests), is, story(p), outcome(r))
	}
	return ""
}

// TestSpreadingSnapshot checks that a creation waits until a built snapshot can be used,
// and that a lasting lack of runners is reported as one.
func TestSpreadingSnapshot(t *testing.T) {
	text := func(version int) string {
		return fmt.Sprintf("version: 1\nname: many\nimages: {py: {debian_slim: \"3.1%d\"}}\nsnapshots: {base: {name: base-%d, image: py}}\nsandboxes: {a: {count: 4, snapshot: base}}\n", version, version)
	}
	for _, c := range []struct {
		spread string
		ok     bool
	}{{"450ms", true}, {"6400ms", true}, {"16s", true}, {"10m", false}} {
		t.Run(c.spread, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, text(1)), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				d.send("POST", "/_emulator/organization", map[string]any{"snapshotSpread": c.spread})
				d.log()
				r := d.run(d.plan(parse(t, text(2)), plan.Options{AllowDestroy: 4}))
				if r.OK() != c.ok {
					t.Errorf("done: %t, want %t\n%s", r.OK(), c.ok, outcome(r))
				}
				if n := d.deleted(); !c.ok && n != 1 {
					t.Errorf("%d sandboxes were deleted, want 1", n)
				}
				if r.Duration > 90*time.Second {
					t.Errorf("it took %s on the clock of the bubble", r.Duration)
				}
			})
		})
	}
}

// TestReplacementMakespan checks that a trial costs one replacement more than the others
// take.
func TestReplacementMakespan(t *testing.T) {
	const n, latency, step = 200, 20 * time.Millisecond, 300 * time.Millisecond
	for _, parallel := range []int{10, 50} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{Latency: latency, Delays: emulator.Delays{Create: step, Delete: step}})
			defer d.close()
			if r := d.run(d.plan(parse(t, singly(n, "os_user: dev")), plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			p := d.plan(parse(t, singly(n, "os_user: root")), plan.Options{AllowDestroy: n})
			r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: parallel}, func(apply.Event) {})
			if !r.OK() {
				t.Fatal(outcome(r))
			}
			one := 2*(step+latency) + 2*latency // it is read before it is deleted, and looked for until it is gone
			rounds := time.Duration(1 + (n-1+parallel-1)/parallel)
			t.Logf("%d at once: %s, ideally %s", parallel, r.Duration, rounds*one)
			if r.Duration > 2*rounds*one {
				t.Errorf("%d at once took %s, want at most %s", parallel, r.Duration, 2*rounds*one)
			}
		})
	}
}
