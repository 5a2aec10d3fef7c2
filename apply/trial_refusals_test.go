package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// distinctly declares n sandboxes one by one, each with a create request of its own.
func distinctly(n int, more string) string {
	text := "version: 1\nname: many\nsandboxes:\n"
	for i := range n {
		text += fmt.Sprintf("  s%03d: {snapshot: daytona-small, auto_stop_interval: %d, %s}\n", i, i, more)
	}
	return text
}

// failures counts the steps of a report that failed.
func failures(r *apply.Report) int {
	n := 0
	for _, x := range r.Results {
		if x.Outcome == apply.Failed {
			n++
		}
	}
	return n
}

// TestRefusalDuringTheRun checks that a refusal that starts during the run costs only
// the sandboxes in flight, whether or not they share a create request, even if deletions
// take long and waiting tasks hold no worker. If the refusal is not clearly about the
// organization, a second one has to confirm it.
func TestRefusalDuringTheRun(t *testing.T) {
	const n, parallel = 60, 4
	for _, c := range []struct {
		name    string
		declare func(int, string) string
		status  int
		message string
		more    int // beyond what was in flight
	}{
		{"quota", singly, 400, "Total CPU limit exceeded. Maximum allowed: 3.", 0},
		{"quota, distinct requests", distinctly, 400, "Total CPU limit exceeded. Maximum allowed: 3.", 0},
		{"capacity, distinct requests", distinctly, 400, "No available runners", 0},
		{"suspension, distinct requests", distinctly, 403, "Organization is suspended: unpaid", 0},
		{"permission, distinct requests", distinctly, 403, "Access denied", 0},
		{"maintenance, distinct requests", distinctly, 503, "Service is currently under maintenance. Please try again later.", 0},
		{"server", singly, 500, "An unexpected error occurred.", 1},
		{"server, distinct requests", distinctly, 500, "An unexpected error occurred.", 1},
		{"content, distinct requests", distinctly, 404, "Region not found", 1},
		{"conflict", singly, 409, "Sandbox with name b already exists", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Second, Delete: 5 * time.Second}})
				defer d.close()
				if r := d.run(d.plan(parse(t, c.declare(n, "os_user: dev")), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				p := d.plan(parse(t, c.declare(n, "os_user: root")), plan.Options{AllowDestroy: n})
				d.log()
				done := 0
				r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: parallel}, func(e apply.Event) {
					if e.Phase == apply.Done {
						if done++; done == 10 {
							d.refuseCreates(c.status, c.message)
						}
					}
				})
				most := parallel + c.more
				if failed := failures(r); failed == 0 || failed > most {
					t.Errorf("%d failed, want 1 to %d\n%s", failed, most, outcome(r))
				}
				if deleted := d.deleted(); deleted > done+most {
					t.Errorf("%d were deleted and %d replaced", deleted, done)
				}
			})
		})
	}
}

// TestRefusedRunAfterRun checks that a lasting refusal costs one sandbox, even if the
// fleet is applied several times.
func TestRefusedRunAfterRun(t *testing.T) {
	group := func(os, rollout string) string {
		return fmt.Sprintf("version: 1\nname: many\nsandboxes:\n  a: {count: 5, snapshot: daytona-small, os_user: %s%s}\n", os, rollout)
	}
	for _, rollout := range []string{"", ", rollout: {max_unavailable: 2}", ", rollout: {canary: 1, max_unavailable: 1}", ", rollout: {max_unavailable: 3, on_failure: continue, max_failures: 100%}"} {
		for _, message := range []string{"Region not found", "Total GPU limit exceeded", "Total CPU limit exceeded. Maximum allowed: 3."} {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				if r := d.run(d.plan(parse(t, group("dev", "")), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				d.refuseCreates(400, message)
				next := group("root", rollout+", resources: {cpu: 2}")
				next = strings.Replace(next, "snapshot: daytona-small", "image: \"debian:12\"", 1)
				for run := range 4 {
					r := d.run(d.plan(parse(t, next), plan.Options{AllowDestroy: 1000}))
					if left := len(d.sandboxes()); left != 4 {
						t.Fatalf("%d sandboxes are left after %d runs with %q and %q, want 4\n%s", left, run+1, rollout, message, outcome(r))
					}
				}
			})
		}
	}
}

// TestCreationAsTrial checks that replacements wait for a creation with the same
// request, and continue if its refusal does not concern them.
func TestCreationAsTrial(t *testing.T) {
	text := func(n int, image string) string {
		return fmt.Sprintf("version: 1\nname: many\nsandboxes:\n  a: {count: %d, image: %q, os_user: dev}\n", n, image)
	}
	for _, c := range []struct {
		name    string
		before  func(*daytona)
		refuse  func(*daytona)
		deleted int
	}{
		{"accepted", func(*daytona) {}, func(*daytona) {}, 2},
		{"refused", func(*daytona) {}, func(d *daytona) { d.refuseCreates(400, "not accepted") }, 0},
		{"no room before the others are replaced", func(*daytona) {}, func(d *daytona) {
			d.send("POST", "/_emulator/organization", map[string]any{"quota": map[string]any{"cpu": 2}})
		}, 2},
		{"its name is taken", func(*daytona) {}, func(d *daytona) {
			d.send("POST", "/api/sandbox", map[string]any{"name": "a-2"})
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{})
				defer d.close()
				c.before(d)
				if r := d.run(d.plan(parse(t, text(2, "debian:12")), plan.Options{})); !r.OK() {
					t.Fatal(outcome(r))
				}
				p := d.plan(parse(t, text(3, "debian:13")), plan.Options{AllowDestroy: 1000})
				c.refuse(d)
				d.log()
				r := d.run(p)
				if n := d.deleted(); n != c.deleted {
					t.Errorf("%d sandboxes were deleted, want %d\n%s", n, c.deleted, outcome(r))
				}
			})
		})
	}
}

// TestTrialThatWaitsForItsMembers checks that a trial that indirectly waits for its own
// members is replaced by another one.
func TestTrialThatWaitsForItsMembers(t *testing.T) {
	text := func(os, z, y, x string) string {
		s := "version: 1\nname: many\nsandboxes:\n  z: {name: " + z + ", snapshot: daytona-small, os_user: " + os + "}\n" +
			"  y: {name: " + y + ", snapshot: daytona-small, public: true, os_user: " + os + "}\n"
		if x != "" {
			s += "  x: {name: " + x + ", snapshot: daytona-small, os_user: " + os + "}\n"
		}
		return s
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{})
		defer d.close()
		if r := d.run(d.plan(parse(t, text("dev", "n2", "n1", "")), plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		p := d.plan(parse(t, text("root", "n3", "n2", "n1")), plan.Options{AllowDestroy: 10})
		i := slices.IndexFunc(p.Steps, func(s *plan.Step) bool { return s.Address.Key == "z" })
		if p.Steps[i].TrialStep.Key != "x" {
			t.Fatalf("z waits for %q, want x", p.Steps[i].TrialStep.Key)
		}
		if r := d.run(p); !r.OK() || len(d.sandboxes()) != 3 {
			t.Error(outcome(r))
		}
	})
}

// TestPassingFailureDuringTheRun checks that one creation that fails costs its sandbox
// alone. Steps in flight continue, and the others start when the next trial has passed.
func TestPassingFailureDuringTheRun(t *testing.T) {
	const n = 30
	text := func(os string) string { // those that are stopped take longer, so that not all are at the same operation
		s := singly(n, "os_user: "+os)
		for i := 0; i < n; i += 2 {
			s = strings.Replace(s, fmt.Sprintf("s%03d: {", i), fmt.Sprintf("s%03d: {state: stopped, ", i), 1)
		}
		return s
	}
	for _, c := range []struct {
		from, to string // names whose creation fails
		most     int    // failures
	}{{"s011", "s011", 1}, {"s011", "s999", 5}} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Second, Delete: 9 * time.Second, Stop: 4 * time.Second}})
			defer d.close()
			if r := d.run(d.plan(parse(t, text("dev")), plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			p := d.plan(parse(t, text("root")), plan.Options{AllowDestroy: n})
			d.handler = failsToCreate(c.from, c.to, d.handler)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			r := apply.Run(ctx, d.api, p, apply.Options{Parallelism: 4}, func(apply.Event) {})
			failed, done := failures(r), r.Count(apply.Done)
			if ctx.Err() != nil || failed == 0 || failed > c.most || c.most == 1 && done != n-1 {
				t.Errorf("from %s to %s: %d of %d are done and %d failed (%v)\n%s", c.from, c.to, done, n, failed, ctx.Err(), outcome(r))
			}
		})
	}
}

// failsToCreate returns status 500 for the creation of sandboxes with certain names.
func failsToCreate(from, to string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost && req.URL.Path == "/api/sandbox" {
			body, _ := io.ReadAll(req.Body)
			var asked struct{ Name string }
			if json.Unmarshal(body, &asked) == nil && asked.Name >= from && asked.Name <= to {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprint(w, `{"statusCode":500,"error":"Internal Server Error","message":"An unexpected error occurred."}`)
				return
			}
			req.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(w, req)
	})
}
