package emulator

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator/world"
)

// TestSnapshotSpreadJob: a built snapshot is active up to one interval before it can be
// used, also across a restart. What was pulled, what a sandbox built and a second snapshot
// of a usable image are not affected.
func TestSnapshotSpreadJob(t *testing.T) {
	build := func(text string) map[string]any { return obj("dockerfileContent", text) }
	opts := Options{StateFile: filepath.Join(t.TempDir(), "state"), Delays: world.Delays{SnapshotSpread: 5 * time.Second}}
	g := newRig(t, opts)
	g.clock = testStart.Add(2 * time.Second)
	g.must("POST", "/snapshots", obj("name", "built", "buildInfo", build("FROM a:1\n")))
	g.must("POST", "/snapshots", obj("name", "pulled", "imageName", "a:1"))
	g.sandbox(obj("buildInfo", build("FROM b:1\n")))
	g.must("GET", "/snapshots/built", nil)
	g.must("POST", "/snapshots", obj("name", "twin", "buildInfo", build("FROM a:1\n")))
	g.must("POST", "/snapshots", obj("name", "of-sandbox", "buildInfo", build("FROM b:1\n")))
	if s := g.must("GET", "/snapshots/built", nil).text("state"); s != world.SnapshotActive {
		t.Fatalf("state %s", s)
	}
	refused := func(names ...string) {
		t.Helper()
		for _, name := range names {
			g.expect("POST", "/sandbox", obj("snapshot", name), 400, "No available runners")
		}
	}
	refused("built", "twin")
	g.sandbox(obj("snapshot", "pulled"))
	g.sandbox(obj("snapshot", "of-sandbox"))
	later := testStart.Add(4999 * time.Millisecond)
	g.srv.Close()
	g = newRig(t, opts)
	g.clock = later
	refused("built", "twin")
	g.clock = testStart.Add(5 * time.Second)
	g.sandbox(obj("snapshot", "built"))
	g.sandbox(obj("snapshot", "twin"))
	// A change of the snapshot does not restart that time.
	id := g.must("GET", "/snapshots/built", nil).text("id")
	g.control("POST", "snapshots/"+id, obj("cpu", 2))
	g.sandbox(obj("snapshot", "built"))
}

// TestBuildRace: of two creations with the same new content, the one that is stored later
// collides if it arrived before the other was stored; with known content none does.
func TestBuildRace(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, then string // paths
		sameContent bool
		status      int
		message     string
	}{
		{"snapshot after sandbox", "/sandbox", "/snapshots", true, 500, "An unexpected error occurred."},
		{"sandbox after snapshot", "/snapshots", "/sandbox", true, 409, "Sandbox with name then already exists"},
		{"two sandboxes", "/sandbox", "/sandbox", true, 409, "Sandbox with name then already exists"},
		{"two snapshots", "/snapshots", "/snapshots", true, 500, "An unexpected error occurred."},
		{"other content", "/sandbox", "/snapshots", false, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, err := New(Options{Control: true, Faults: []string{"build-race 300ms"}, Delays: world.Delays{Build: time.Minute}})
				if err != nil {
					t.Fatal(err)
				}
				defer srv.Close()
				g := &rig{t: t, srv: srv, key: "k"}
				second := "FROM a:1\n"
				if !c.sameContent {
					second = "FROM b:1\n"
				}
				done := make(chan got)
				go func() {
					done <- g.api("POST", c.first, obj("name", "first", "buildInfo", obj("dockerfileContent", "FROM a:1\n")))
				}()
				synctest.Wait()
				time.Sleep(100 * time.Millisecond)
				body := obj("name", "then", "buildInfo", obj("dockerfileContent", second))
				g.expect("POST", c.then, body, c.status, c.message)
				if a := <-done; a.status != 200 {
					t.Errorf("the first one: %d %s", a.status, a.raw)
				}
				if c.status == 200 {
					return
				}
				if a := g.api("GET", c.then+"/then", nil); a.status != 404 {
					t.Errorf("the refused request had an effect: %d %s", a.status, a.raw)
				}
				g.must("POST", c.then, body)
			})
		})
	}
}

// TestBuildInProgress: the runner refuses to build a snapshot while it builds the same
// image for another object.
func TestBuildInProgress(t *testing.T) {
	g := newRig(t, Options{Faults: []string{"build-race 1ms"}, Delays: world.Delays{Build: time.Minute}})
	build := obj("dockerfileContent", "FROM a:1\n")
	g.sandbox(obj("name", "a", "buildInfo", build))
	g.clock = g.clock.Add(20 * time.Second)
	g.must("POST", "/snapshots", obj("name", "s", "buildInfo", build))
	g.clock = g.clock.Add(20 * time.Second)
	s := g.must("GET", "/snapshots/s", nil)
	if s.text("state") != world.StateBuildFailed || s.text("errorReason") != "An operation is already in progress for this resource" {
		t.Errorf("%s: %s", s.text("state"), s.text("errorReason"))
	}
	if log := g.logs("/snapshots/" + s.text("id")); log != "ERROR: An operation is already in progress for this resource\n" {
		t.Errorf("log %q", log)
	}
	g.must("POST", "/snapshots", obj("name", "other", "buildInfo", obj("dockerfileContent", "FROM b:1\n")))
	g.clock = g.clock.Add(time.Hour)
	g.must("POST", "/snapshots", obj("name", "again", "buildInfo", build))
	g.clock = g.clock.Add(time.Hour)
	for _, name := range []string{"other", "again"} {
		if state := g.must("GET", "/snapshots/"+name, nil).text("state"); state != world.SnapshotActive {
			t.Errorf("%s: %s", name, state)
		}
	}
}
