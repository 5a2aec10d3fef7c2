package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator/world"
)

// state returns the state of a sandbox after the clock has advanced.
func (g *rig) stateAfter(d time.Duration, id string) string {
	g.t.Helper()
	g.clock = g.clock.Add(d)
	a := g.api("GET", "/sandbox/"+id, nil)
	if a.status == 404 {
		return "gone"
	}
	return a.text("state")
}

func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields map[string]any
		stop   bool
		wait   time.Duration
		before string
		after  string
	}{
		{"stop", obj("autoStopInterval", 1), false, time.Minute, "started", "stopped"},
		{"never stop", obj("autoStopInterval", 0), false, 1000 * time.Hour, "started", "started"},
		{"archive", obj("autoArchiveInterval", 1), true, time.Minute, "stopped", "archived"},
		{"delete", obj("autoDeleteInterval", 1), true, time.Minute, "stopped", "gone"},
		{"ephemeral", obj("autoStopInterval", 1, "autoDeleteInterval", 0), false, time.Minute, "started", "gone"},
		{"ttl", obj("ttlMinutes", 2), false, 2 * time.Minute, "started", "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, Options{})
			id := g.sandbox(c.fields)
			if c.stop {
				g.must("POST", "/sandbox/"+id+"/stop", nil)
			}
			if got := g.stateAfter(0, id); got != c.before {
				t.Errorf("at first %s", got)
			}
			if got := g.stateAfter(c.wait-time.Millisecond, id); got != c.before {
				t.Errorf("a moment before %s", got)
			}
			if got := g.stateAfter(time.Millisecond, id); got != c.after {
				t.Errorf("after it %s", got)
			}
		})
	}
}

func TestBuildSteps(t *testing.T) {
	g := newRig(t, Options{Delays: world.Delays{Build: 20 * time.Second, Create: 4 * time.Second}})
	build := obj("dockerfileContent", "FROM alpine:3.18\n")
	made := g.must("POST", "/sandbox", obj("buildInfo", build))
	ref := made.field("buildInfo").(map[string]any)["snapshotRef"]
	if ref != "daytona-d6559868f23768498e069b18c0a9a64899d48939dd8e6d2d10c9f7cc71f803ee:daytona" {
		t.Errorf("ref %v", ref)
	}
	id := made.text("id")
	for _, c := range []struct {
		wait time.Duration
		want string
	}{{0, world.StatePendingBuild}, {5 * time.Second, world.StateBuilding}, {15 * time.Second, world.StateCreating}, {4 * time.Second, world.StateStarted}} {
		if got := g.stateAfter(c.wait, id); got != c.want {
			t.Errorf("after %v: %s, want %s", c.wait, got, c.want)
		}
	}
	again := g.sandbox(obj("buildInfo", build))
	if got := g.stateAfter(5*time.Second, again); got != world.StateCreating {
		t.Errorf("a built one: %s", got)
	}
}

// TestCreateWaits checks that the response is sent when the sandbox runs, with its first
// state.
func TestCreateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, err := New(Options{Delays: world.Delays{Create: 3 * time.Second, Start: 50 * time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		send := func(method, path string) (string, time.Duration) {
			begin := time.Now()
			r := httptest.NewRequestWithContext(t.Context(), method, "/api"+path, nil)
			r.Header.Set("Authorization", "Bearer k")
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, r)
			return w.Body.String(), time.Since(begin)
		}
		body, took := send("POST", "/sandbox")
		if took != 3*time.Second || !strings.Contains(body, `"state":"creating"`) {
			t.Errorf("create took %v: %s", took, body)
		}
		list, _ := send("GET", "/sandbox")
		name := list[strings.Index(list, `"id":"`)+6:][:36]
		send("POST", "/sandbox/"+name+"/stop")
		body, took = send("POST", "/sandbox/"+name+"/start")
		if took != maxWait || !strings.Contains(body, `"state":"starting"`) {
			t.Errorf("start took %v: %s", took, body)
		}
	})
}

func TestSnapshotsAge(t *testing.T) {
	g := newRig(t, Options{})
	id := snapID(g)
	g.clock = g.clock.Add(world.SnapshotIdleLimit)
	g.expect("POST", "/sandbox", obj("snapshot", "snap-a"), 400, "Snapshot snap-a is inactive")
	g.expect("POST", "/snapshots/"+id+"/activate", nil, 400, "Snapshot deactivation is still in progress")
	g.clock = g.clock.Add(world.ReactivationDelay)
	g.must("POST", "/snapshots/"+id+"/activate", nil)
	g.must("POST", "/sandbox", obj("snapshot", "snap-a"))
	g.expect("POST", "/snapshots/"+id+"/activate", nil, 400, "Snapshot "+id+" is already active")
}

func TestLinkedSandboxes(t *testing.T) {
	g := newRig(t, Options{})
	owner := g.sandbox(obj("name", "owner"))
	follower := obj("name", "follower", "linkedSandbox", "owner", "autoDeleteInterval", 0)
	g.expect("POST", "/sandbox", obj("linkedSandbox", "owner"), 400, "Linked sandboxes must be ephemeral")
	g.expect("POST", "/sandbox", obj("linkedSandbox", "nobody", "autoDeleteInterval", 0), 404, "Sandbox with ID or name nobody")
	made := g.must("POST", "/sandbox", follower)
	if made.text("linkedSandboxId") != owner {
		t.Errorf("linked: %s", made.raw)
	}
	g.expect("POST", "/sandbox", obj("linkedSandbox", "follower", "autoDeleteInterval", 0), 400, "Linked sandbox ")
	g.must("DELETE", "/sandbox/owner", nil)
	g.expect("GET", "/sandbox/"+made.text("id"), nil, 404, "")
}
