package emulator

import (
	"fmt"

	"fleet/internal/emulator/world"
)

// preconditions are those of the recordings, by their names without the number.
var preconditions = map[string]precondition{
	"auth-none":             after(func(g *rig) { g.key = "" }),
	"auth-bad-key":          {opts: Options{Key: "good"}},
	"auth-readonly-volumes": after(func(g *rig) { g.control("POST", "organization", obj("permissions", []string{})) }),
	"apikey-current":        {}, "org-list": {}, "unknown-route": {},
	"headers-normal": after(both(ignoring(plain("a")), ignoring(plain("verylong")))),
	"big-body":       {},

	"volume-create-2":             {},
	"volume-delete-while-pending": slow(world.Delays{VolumeCreate: long}, volA),
	"volume-get-by-name":          {}, "volume-get-by-name-404": {}, "volume-get-bad-uuid": {},
	"volume-list":          after(both(ignoring(volume1("Vol-A")), ignoring(volume1("vol-extra")))),
	"volume-create-noname": {}, "volume-create-empty-name": {}, "volume-create-unknown-field": {},
	"volume-delete":                withID(volume1("vol-b")),
	"volume-create-while-deleting": slow(world.Delays{VolumeDelete: long}, deletedVolume),
	"volume-get-deleted":           withID(deletedVolume),
	"volume-list-include-deleted": after(func(g *rig) {
		id := volA(g)
		g.must("DELETE", "/sandbox/"+g.sandbox(obj("volumes", []any{obj("volumeId", id, "mountPath", "/data")})), nil)
		g.must("DELETE", "/volumes/"+id, nil)
		volume1("vol-b")(g)
	}),
	"quota-volume":                 after(both(quotaOf("volumes", 1), ignoring(volA))),
	"volume-get-error":             withID(erroredVolume),
	"volume-create-dup-of-errored": after(ignoring(erroredVolume)),
	"volume-delete-errored":        withID(erroredVolume),

	"snapshot-get":         withID(snapID),
	"snapshot-get-by-name": after(snapA),
	"snapshot-create-duplicate-of-errored": after(func(g *rig) {
		g.must("POST", "/snapshots", obj("name", "oops", "buildInfo", obj("dockerfileContent", "FROM a:1\nRUN exit 1\n")))
	}),
	"snapshot-create-latest": {}, "snapshot-create-badimage": {}, "snapshot-create-badname": {}, "snapshot-create-both": {},
	"snapshot-create-cpu-too-big": {}, // the quota that a new organisation has
	"snapshot-create-cpu-float":   {}, "snapshot-create-badregion": {},
	"snapshot-get-built":            withID(func(g *rig) string { return builtSnapshot(g, "snap-build", "RUN echo hi") }),
	"snapshot-create-missing-image": {},
	"snapshot-get-build-fail":       withID(func(g *rig) string { return builtSnapshot(g, "snap-bfail", "RUN exit 1") }),
	"snapshot-get-404":              {},
	"snapshot-list-name-filter": after(func(g *rig) {
		builtSnapshot(g, "snap-build", "RUN echo hi")
		builtSnapshot(g, "snap-bfail", "RUN false")
	}),
	"snapshot-delete-bad-uuid": after(snapA),
	"snapshot-delete-in-use": withID(func(g *rig) string {
		id := snapID(g)
		g.sandbox(obj("snapshot", "snap-a"))
		return id
	}),
	"snapshot-get-removing":        slow(world.Delays{SnapshotRemove: long}, removingSnapshot),
	"sandbox-create-from-removing": slow(world.Delays{SnapshotRemove: long}, removingSnapshot),
	"snapshot-delete-general":      {},
	"sandbox-from-inactive": after(func(g *rig) {
		id := g.must("POST", "/snapshots", obj("name", "snap-c", "imageName", "alpine:3.20")).text("id")
		g.must("POST", "/snapshots/"+id+"/deactivate", nil)
	}),
	"quota-snapshot": after(both(quotaOf("snapshots", 1), snapA)),

	"sandbox-create-full":                    after(both(snapA, ignoring(volA))),
	"sandbox-get":                            withID(boxA),
	"sandbox-create-duplicate-name":          after(ignoring(boxA)),
	"sandbox-create-name-url":                after(snapA),
	"sandbox-create-snapshot-error-state":    after(snapMissing),
	"sandbox-create-resources-with-snapshot": after(snapA),
	"sandbox-create-env-not-object":          after(snapA),
	"sandbox-create-env-number-value":        after(snapA),
	"sandbox-create-autostop-float":          after(snapA),
	"sandbox-create-autoarchive-huge":        after(snapA),
	"sandbox-create-bad-domain":              after(snapA),
	"sandbox-create-block-and-allow":         after(snapA),
	"sandbox-create-volume-bad-mount":        after(both(snapA, ignoring(volA))),
	"sandbox-create-volume-not-ready": slow(world.Delays{VolumeCreate: long}, func(g *rig) string {
		snapA(g)
		return volA(g)
	}),
	"sandbox-create-build-and-snapshot": after(snapA),
	"sandbox-create-build-empty":        {},
	"sandbox-create-buildinfo":          {},
	"sandbox-get-build": withID(func(g *rig) string {
		return g.sandbox(obj("name", "box-build", "buildInfo", obj("dockerfileContent", "FROM alpine:3.20\n"), "cpu", 2))
	}),
	"sandbox-get-build-fail": withID(failedBuild),
	"sandbox-create-runner-error": after(func(g *rig) {
		snapA(g)
		g.control("POST", "faults", obj("kind", "runner-fail", "message", "container exploded"))
	}),
	"create-no-runner":       after(func(g *rig) { g.control("POST", "organization", obj("noRunners", true)) }),
	"create-build-no-runner": after(func(g *rig) { g.control("POST", "organization", obj("noRunners", true)) }),
	"quota-create-3":         after(both(quotaOf("cpu", 3), named("q", 3))),
	"quota-start-over": after(func(g *rig) {
		quotaOf("cpu", 3)(g)
		then(plain("q0"), "stop")(g)
		named("p", 3)(g)
	}),
	"quota-resize-over": after(both(quotaOf("cpu", 3), ignoring(plain("q1")))),

	"list-cursor-page2": after(func(g *rig) {
		named("p", 4)(g)
		g.clock = g.clock.Add(1e9)
		failedBuild(g)
	}),
	"list-cursor-bad": {}, "list-paginated-beyond": after(named("p", 4)), "list-bad-limit-201": {},
	"list-labels-filter": after(both(ignoring(useA), ignoring(plain("other")))),
	"list-cursor-filter": {},

	"labels-empty": slowBackup(boxA), "labels-missing": slowBackup(boxA),
	"autostop-bad": after(ignoring(boxA)), "autostop-negative": after(ignoring(boxA)),
	"autodelete-neg": slowBackup(boxA), "public-true": slowBackup(boxA),
	"net-block": after(ignoring(useA)), "network-empty-body": after(ignoring(boxA)),
	"network-clear": {opts: Options{Delays: world.Delays{Network: long}}, build: func(g *rig) string {
		g.must("POST", "/sandbox/"+boxA(g)+"/network-settings", obj("networkBlockAll", true))
		return ""
	}},
	"resize-hot-up": after(ignoring(useA)), "resize-empty": after(ignoring(boxA)),
	"resize-started-disk": after(ignoring(boxA)),
	"resize-disk-down": after(func(g *rig) {
		g.must("POST", "/sandbox/"+then(useA, "stop")(g)+"/resize", obj("disk", 5))
	}),
	"resize-cold": after(func(g *rig) {
		g.must("POST", "/sandbox/"+useA(g)+"/resize", obj("cpu", 2, "memory", 2))
		g.must("POST", "/sandbox/use-a/stop", nil)
	}),
	"resize-zero": after(ignoring(boxA)), "resize-float": after(ignoring(boxA)),
	"resize-feature-flag-off": withID(func(g *rig) string {
		g.control("POST", "organization", obj("resizeDisabled", true))
		return plain("m")(g)
	}),

	"stop-while-stopping":   slow(world.Delays{Stop: long}, ignoringID(then(boxA, "stop"))),
	"stop-while-stopped":    after(ignoring(then(boxA, "stop"))),
	"start-while-started":   slowBackup(boxA),
	"start-while-stopping":  slow(world.Delays{Stop: long}, ignoringID(then(boxA, "stop"))),
	"labels-while-stopping": {opts: Options{Delays: world.Delays{Stop: long}}, build: ignoringID(then(boxA, "stop")), differs: []string{"backupState"}},
	"archive":               after(ignoring(then(useA, "stop"))),
	"sandbox-get-archived":  after(ignoring(then(useA, "stop", "archive"))),
	"archive-archived":      after(ignoring(then(useA, "stop", "archive"))),
	"start-error":           after(ignoring(boxErr)), "stop-error": after(ignoring(boxErr)), "delete-error": after(ignoring(boxErr)),
	"get-recoverable": after(func(g *rig) { erroredBox(g, "rec", true) }),
	"recover-error":   after(ignoring(boxErr)),
	"stop-ephemeral":  after(func(g *rig) { g.sandbox(obj("name", "eph", "autoDeleteInterval", 0)) }),
	"pause":           after(ignoring(plain("bb2"))),

	"delete-while-creating": creating, "labels-while-creating": creating,
	"sandbox-delete":       after(ignoring(plain("slow"))),
	"get-while-destroying": slow(world.Delays{Delete: long}, destroyingSlow),
	"create-while-destroying": slow(world.Delays{Delete: long}, func(g *rig) string {
		snapA(g)
		return destroyingSlow(g)
	}),
	"delete-unknown": {}, "start-unknown": {},

	"ratelimit-create-0": {},
	"ratelimit-create-3": after(both(limited("sandbox-create", 3), named("rl", 3))),
	"ratelimit-get-0":    after(both(limited("authenticated", 13), named("rl", 2))),
	"ratelimit-get-13": after(both(limited("authenticated", 13), times(13, func(g *rig) {
		g.must("GET", "/sandbox?limit=1", nil)
	}))),
	"failed-auth-6": {opts: Options{Key: "good"}, build: func(g *rig) string {
		limited("failed-auth", 5)(g)
		times(5, func(g *rig) { g.expect("GET", "/sandbox", nil, 401, "") })(g)
		return ""
	}},

	"matrix-resizing-start": held(world.StateResizing), "matrix-resizing-archive": held(world.StateResizing), "matrix-resizing-resize": held(world.StateResizing),
	"matrix-starting-start": held(world.StateStarting), "matrix-starting-stop": held(world.StateStarting),
	"matrix-starting-resize": held(world.StateStarting), "matrix-starting-delete": held(world.StateStarting),
	"matrix-destroying-stop": held(world.StateDestroying), "matrix-destroying-archive": held(world.StateDestroying),
	"matrix-destroying-network": held(world.StateDestroying), "matrix-destroying-delete": held(world.StateDestroying),
	"matrix-archiving-archive": held(world.StateArchiving), "matrix-archiving-resize": held(world.StateArchiving),
	"matrix-archived-stop": withID(archived), "matrix-archived-archive": withID(archived),
	"matrix-archived-network": withID(archived), "matrix-archived-delete": withID(archived),
	"matrix-error-stop": withID(stopFailed), "matrix-error-archive": withID(stopFailed), "matrix-error-network": withID(stopFailed),
	"matrix-restoring-start": held(world.StateRestoring), "matrix-restoring-archive": held(world.StateRestoring),
	"matrix-restoring-resize":      held(world.StateRestoring),
	"matrix-pending_build-start":   withID(pendingBuild),
	"matrix-pending_build-archive": withID(pendingBuild), "matrix-pending_build-resize": withID(pendingBuild),
}

// creating adds a sandbox whose creation does not end.
var creating = after(func(g *rig) {
	plain("slow")(g)
	g.control("POST", "sandboxes/slow", obj("state", "creating", "daemonVersion", nil))
})

// slowBackup skips a recording in which the sandbox waited for a backup: the emulator
// makes backups only for archives.
func slowBackup(build func(*rig) string) precondition {
	p := after(ignoring(build))
	p.differs = []string{"backupState"}
	return p
}

func ignoringID(build func(*rig) string) func(*rig) string {
	return func(g *rig) string { build(g); return "" }
}

func deletedVolume(g *rig) string {
	id := volume1("vol-b")(g)
	g.must("DELETE", "/volumes/"+id, nil)
	return id
}

func builtSnapshot(g *rig, name, run string) string {
	return g.must("POST", "/snapshots", obj("name", name, "buildInfo", obj("dockerfileContent", "FROM alpine:3.20\n"+run+"\n"))).text("id")
}

func removingSnapshot(g *rig) string {
	g.must("DELETE", "/snapshots/"+snapID(g), nil)
	return ""
}

func failedBuild(g *rig) string {
	return g.sandbox(obj("name", "box-bfail", "buildInfo", obj("dockerfileContent", "FROM alpine:3.20\nRUN exit 1\n")))
}

func destroyingSlow(g *rig) string {
	plain("slow")(g)
	g.must("DELETE", "/sandbox/slow", nil)
	return ""
}

func named(prefix string, n int) func(*rig) {
	return func(g *rig) {
		for i := range n {
			g.sandbox(obj("name", fmt.Sprintf("%s%d", prefix, i)))
		}
	}
}
