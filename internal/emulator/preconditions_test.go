package emulator

import (
	"time"

	"fleet/internal/emulator/world"
)

// precondition is the state of the server in which a recording was made.
type precondition struct {
	opts Options
	// build creates that state and returns the id that corresponds to the recorded one.
	build func(*rig) string
	// skip is the reason why a recording cannot be replayed.
	skip string
	// differs are the fields whose values do not depend on the request.
	differs []string
}

// long is a delay that does not end within a test.
const long = time.Hour

func after(build func(*rig)) precondition {
	return precondition{build: func(g *rig) string { build(g); return "" }}
}

func withID(build func(*rig) string) precondition { return precondition{build: build} }

func slow(d world.Delays, build func(*rig) string) precondition {
	return precondition{opts: Options{Delays: d}, build: build}
}

// The fixtures of the recorded session.

func snapA(g *rig) {
	g.must("POST", "/snapshots", obj("name", "snap-a", "imageName", "alpine:3.20", "cpu", 2, "memory", 2, "disk", 4))
}

func snapID(g *rig) string {
	snapA(g)
	return g.must("GET", "/snapshots/snap-a", nil).text("id")
}

func volume1(name string) func(*rig) string {
	return func(g *rig) string { return g.must("POST", "/volumes", obj("name", name)).text("id") }
}

var volA = volume1("vol-a")

func snapMissing(g *rig) {
	g.control("POST", "faults", obj("kind", "runner-fail", "method", "POST", "path", "/snapshots", "count", 1))
	g.must("POST", "/snapshots", obj("name", "snap-missing", "imageName", "oracle-missing:1"))
}

var fullBox = obj(
	"name", "box-a", "snapshot", "snap-a", "user", "dev", "env", obj("A", "1", "EMPTY", ""),
	"labels", obj("team", "x", "fleet/managed", "yes"), "networkAllowList", "10.0.0.0/8, 192.168.1.0/24",
	"domainAllowList", "example.com,*.daytona.io", "autoStopInterval", 30, "autoArchiveInterval", 60,
	"autoDeleteInterval", 1440, "volumes", []any{obj("volumeId", "vol-a", "mountPath", "/data", "subpath", "p/q")},
)

func boxA(g *rig) string {
	snapA(g)
	volA(g)
	return g.sandbox(fullBox)
}

func useA(g *rig) string {
	return g.sandbox(obj("name", "use-a", "labels", obj("env", "dev", "team", "x")))
}

func plain(name string) func(*rig) string {
	return func(g *rig) string { return g.sandbox(obj("name", name)) }
}

func then(build func(*rig) string, calls ...string) func(*rig) string {
	return func(g *rig) string {
		id := build(g)
		for _, c := range calls {
			g.must("POST", "/sandbox/"+id+"/"+c, nil)
		}
		return id
	}
}

func held(state string) precondition {
	return withID(func(g *rig) string {
		id := g.sandbox(obj("name", "m"))
		g.hold(id, state)
		return id
	})
}

// boxErr adds a sandbox whose creation failed.
func boxErr(g *rig) string { return erroredBox(g, "box-err", false) }

func erroredBox(g *rig, name string, recoverable bool) string {
	g.control("POST", "faults", obj("kind", "runner-fail", "message", "container exploded", "recoverable", recoverable, "count", 1))
	g.expect("POST", "/sandbox", obj("name", name), 400, "Sandbox failed to start: container exploded")
	return g.must("GET", "/sandbox/"+name, nil).text("id")
}

// stopFailed adds a sandbox in an error state whose desired state is stopped.
func stopFailed(g *rig) string {
	id := g.sandbox(obj("name", "m6", "labels", obj("a", "b")))
	g.control("POST", "faults", obj("kind", "runner-fail", "message", "stop broke", "method", "POST", "path", "/sandbox/*/stop", "count", 1))
	g.must("POST", "/sandbox/"+id+"/stop", nil)
	return id
}

func archived(g *rig) string {
	id := g.sandbox(obj("name", "m5", "labels", obj("a", "b")))
	for _, c := range []string{"stop", "archive"} {
		g.must("POST", "/sandbox/"+id+"/"+c, nil)
	}
	return id
}

func pendingBuild(g *rig) string {
	g.control("POST", "organization", obj("noRunners", true))
	return g.sandbox(obj("buildInfo", obj("dockerfileContent", "FROM alpine:3.9")))
}

func erroredVolume(g *rig) string {
	g.control("POST", "faults", obj("kind", "runner-fail", "method", "POST", "path", "/volumes", "count", 1))
	return volume1("broken")(g)
}

func quotaOf(name string, n int) func(*rig) {
	return func(g *rig) { g.control("POST", "organization", obj("quota", obj(name, n))) }
}

func limited(class string, n int) func(*rig) {
	return func(g *rig) {
		g.control("POST", "organization", obj("rateLimits", obj(class, obj("limit", n, "ttl", 20))))
	}
}

func both(builds ...func(*rig)) func(*rig) {
	return func(g *rig) {
		for _, b := range builds {
			b(g)
		}
	}
}

func ignoring(build func(*rig) string) func(*rig) { return func(g *rig) { build(g) } }

func times(n int, do func(*rig)) func(*rig) {
	return func(g *rig) {
		for range n {
			do(g)
		}
	}
}
