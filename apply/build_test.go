package apply_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// buildTime is how long the builds of these tests take.
const buildTime = 10 * time.Second

// A buildRequest is a request for an object that is built.
type buildRequest struct {
	path  string
	after time.Duration // since the log was started
}

// logBuilds returns a function that returns the requests for builds that were sent since.
func (d *daytona) logBuilds() func() []buildRequest {
	var mu sync.Mutex
	var all []buildRequest
	start, next := time.Now(), d.handler
	d.handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		if req.Method == http.MethodPost && bytes.Contains(body, []byte("dockerfileContent")) {
			mu.Lock()
			all = append(all, buildRequest{strings.TrimPrefix(req.URL.Path, "/api"), time.Since(start)})
			mu.Unlock()
		}
		next.ServeHTTP(w, req)
	})
	return func() []buildRequest {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

const builtImage = "images:\n  i: {base: \"debian:12\", steps: [{run_commands: [echo hello]}]}\n  broken: {base: \"debian:12\", steps: [{run_commands: [echo one, exit 1, echo two]}]}\n  pulled: {base: \"debian:12\"}\n"

// TestOneBuild checks that the first object of a content is built alone, a snapshot if
// there is one, regardless of the requests for it, and that others do not wait for it.
func TestOneBuild(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		first string // the path of the request that is sent alone; empty for none
		later int    // requests that are sent once it is built
	}{
		"two snapshots and three sandboxes": {"snapshots: {s: {image: i}, t: {image: i, resources: {cpu: 2}}}\nsandboxes: {a: {count: 2, image: i}, b: {image: i, resources: {cpu: 2}}}\n", "/snapshots", 4},
		"sandboxes":                         {"sandboxes: {a: {count: 5, image: i}}\n", "/sandbox", 4},
		"sandboxes in waves":                {"sandboxes: {a: {count: 5, image: i, rollout: {max_unavailable: 2}}}\n", "/sandbox", 4},
		"a base alone is not built":         {"sandboxes: {a: {count: 5, image: pulled}}\n", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Build: buildTime, Create: time.Second}})
				defer d.close()
				f := parse(t, "version: 1\nname: many\n"+builtImage+c.text)
				p := d.plan(f, plan.Options{})
				sent := d.logBuilds()
				if r := d.run(p); !r.OK() {
					t.Fatal(outcome(r))
				}
				early := ""
				later := 0
				for _, b := range sent() {
					if b.after < buildTime {
						early += b.path
					} else {
						later++
					}
				}
				if c.first == "" {
					if later > 0 {
						t.Errorf("%d requests waited", later)
					}
					return
				}
				if early != c.first || later != c.later {
					t.Errorf("sent first: %s; later: %d requests, want %s and %d", early, later, c.first, c.later)
				}
				if p := d.plan(f, plan.Options{}); !p.Empty() {
					t.Error(story(p))
				}
			})
		})
	}
}

// TestFailedBuild checks that a content that cannot be built is tried once, and that the
// failure is explained.
func TestFailedBuild(t *testing.T) {
	for name, text := range map[string]string{
		"snapshots and sandboxes": "snapshots: {s: {image: broken}, t: {image: broken, resources: {cpu: 2}}}\nsandboxes: {a: {count: 3, image: broken}}\n",
		"sandboxes":               "sandboxes: {a: {count: 3, image: broken}, b: {count: 2, image: broken, resources: {cpu: 2}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Build: buildTime}})
				defer d.close()
				p := d.plan(parse(t, "version: 1\nname: many\n"+builtImage+text), plan.Options{})
				sent := d.logBuilds()
				r := d.run(p)
				if n := len(sent()); n != 1 || r.Count(apply.Failed) != 1 || r.Count(apply.Skipped) != 4 {
					t.Errorf("%d requests\n%s", n, outcome(r))
				}
				for _, x := range r.Results {
					text := x.Err.Error()
					if x.Outcome == apply.Skipped {
						if !strings.Contains(text, "which builds the same image, failed: image broken failed at step 3/4") {
							t.Error(text)
						}
						continue
					}
					if want := "image broken failed at step 3/4: RUN exit 1 (exit code 1, line 3 of the Dockerfile): it went into state "; !strings.HasPrefix(text, want) {
						t.Error(text)
					}
					if log := strings.Join(x.BuildLog, "\n"); !strings.HasPrefix(log, "Step 1/4 : FROM debian:12\n") || !strings.Contains(log, "\nERROR: ") {
						t.Errorf("%q", x.BuildLog)
					}
				}
			})
		})
	}
}

// TestAnotherFailure checks that the next object is built if the first one fails for a
// reason of its own.
func TestAnotherFailure(t *testing.T) {
	for name, fault := range map[string]map[string]any{
		"a refusal":         {"kind": "status", "status": 403, "message": "no"},
		"an error at start": {"kind": "runner-fail", "message": "no space left on device"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Build: buildTime}})
				defer d.close()
				fault["method"], fault["path"], fault["count"] = "POST", "/sandbox", 1
				d.send("POST", "/_emulator/faults", fault)
				p := d.plan(parse(t, "version: 1\nname: many\n"+builtImage+"sandboxes: {a: {count: 3, image: i}}\n"), plan.Options{})
				if r := d.run(p); r.Count(apply.Failed) != 1 || r.Count(apply.Done) != 2 || r.Results[0].BuildLog != nil {
					t.Error(outcome(r))
				}
			})
		})
	}
}
