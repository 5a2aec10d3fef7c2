package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

const (
	snapshotInUse = `in use: a sandbox outside of the fleet uses it: "x"`
	notOurs       = `conflict: a snapshot "base" exists with another content, and no sandbox of this fleet was made from it: it may belong to another user (adopt: true in snapshots.base or --adopt replaces it; or write another name there)`
)

// A snapshot with a declared name may belong to another fleet.
func TestSnapshotsOfOthers(t *testing.T) {
	const was = "snapshots: {base: {image: 'a:1'}}"
	const now = "snapshots: {base: {image: 'a:2'}}"
	const taken = "snapshots: {base: {image: 'a:2', adopt: true}}"
	const web = "\nsandboxes: {web: {snapshot: base}}"
	const blocked = snapshotInUse + " (write versioning: content in snapshots.base, and they keep the old one; or write adopt: true in snapshots.base to replace it under them)"
	const replaced = "replace snapshot.base [image a:1 -> a:2] | delete create"
	const webToo = "\nreplace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base"
	runStories(t, []story{
		{name: "one that no sandbox of the fleet tells of is not replaced", was: was, spec: now, want: replaced + " | " + notOurs},
		{name: "unless the spec takes it", was: was, spec: taken, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			` + whileReplaced},
		{name: "or the flag does", was: was, spec: now, opts: Options{AdoptAll: true}, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			` + whileReplaced},
		{name: "or a sandbox of the fleet was made from it", was: was + web, spec: now + web, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			replace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			` + whileReplaced},
		{name: "which is not wanted any more", was: was + "\nsandboxes: {web: {snapshot: base}, api: {}}", spec: now + "\nsandboxes: {api: {}}", want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			no-op api
			delete web: not in the spec | delete
			` + whileReplaced},
		{name: "a sandbox that is nobody's tells nothing", was: was + web, then: "web unowned", spec: now, want: replaced + " | " + notOurs},
		{name: "one that others use is not replaced", was: was + web, then: "snapshot.base used by x", spec: now + web, want: replaced + " | " + blocked + webToo},
		{name: "nor does the flag replace it", was: was + web, then: "snapshot.base used by x", spec: now + web, opts: Options{AdoptAll: true}, want: replaced + " | " + blocked + webToo},
		{name: "the spec does", was: was + web, then: "snapshot.base used by x", spec: taken + web, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			replace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			` + whileReplaced},
		{name: "not when it is asked for, either", was: was + web, then: "snapshot.base used by x", spec: was + web, opts: Options{Replace: selectors(t, "snapshot.base")}, want: "replace snapshot.base: its replacement was requested | delete create | " + strings.Replace(blocked, "(write", "(do not replace snapshot.base; or write", 1) + "\nno-op web"},
		{name: "what is as wanted is nobody's loss", was: was, then: "snapshot.base used by x", spec: was, want: "no-op snapshot.base"},
		{name: "one that failed is of no use to anybody", was: was, then: "snapshot.base error: x", spec: now, want: "replace snapshot.base: it is in state error: x | delete create"},
		{name: "unless it is", was: was, then: "snapshot.base error: x\nsnapshot.base used by x", spec: was, want: "replace snapshot.base: it is in state error: x | delete create | " + blocked},
		{name: "protect goes first", was: was, then: "snapshot.base used by x", spec: "snapshots: {base: {image: 'a:2', protect: true}}", want: replaced + " | protected: it is protected: it may not be deleted or replaced (protect: false in snapshots.base lifts it)"},
		{name: "all that is named is counted", was: was, then: "snapshot.base used by a b c d e", spec: "owns: {snapshots: [ba*]}", want: `
			delete snapshot.base: matches owns and is not in the spec | delete | in use: sandboxes outside of the fleet use it: "a", "b", "c" and 2 more (delete those sandboxes first, or make owns not match it)`},
		{name: "one that is listed as removed", was: was, then: "snapshot.base used by x", spec: "removed: [snapshot.base]", want: `
			delete snapshot.base: listed under removed | delete | ` + snapshotInUse + ` (delete those sandboxes first, or take snapshot.base out of removed)`},
		{name: "a fleet that is destroyed leaves it", was: was + web, then: "snapshot.base used by x", spec: was + web, opts: Options{Destroy: true}, want: `
			delete web: the fleet is destroyed | delete
			no-op snapshot.base (a sandbox outside of the fleet uses it: "x")`},
	})
}

func TestVolumesOfOthers(t *testing.T) {
	const cache = "volumes: {cache: {}}"
	runStories(t, []story{
		{name: "one that failed is not replaced under others", spec: cache, then: "volume.cache error: x\nvolume.cache used by x", want: `
			replace volume.cache: it is in state error: x | delete create | ` + snapshotInUse + ` (delete those sandboxes, or write another name in volumes.cache)`},
		{name: "nor is one when it is asked for", spec: cache, then: "volume.cache used by x", opts: Options{Replace: selectors(t, "volume.cache")}, want: `
			replace volume.cache: its replacement was requested | delete create | ` + snapshotInUse + ` (do not replace volume.cache; or delete those sandboxes, or write another name in volumes.cache)`},
		{name: "nor is one pruned", was: cache, then: "volume.cache used by x", spec: "owns: {volumes: ['ca*']}", want: `
			delete volume.cache: matches owns and is not in the spec | delete | ` + snapshotInUse + ` (delete those sandboxes first, or make owns not match it)`},
		{name: "nor does it go with the fleet", was: cache, then: "volume.cache used by x", spec: cache, opts: Options{Destroy: true, DestroyVolumes: true}, want: `
			no-op volume.cache (a sandbox outside of the fleet uses it: "x")`},
	})
}

// Only the users of objects that a plan may delete have to be found.
func TestAtRisk(t *testing.T) {
	const was = "volumes: {a: {}, tmp: {}}\nsnapshots: {b: {image: 'a:1'}, c: {image: 'a:1'}, old: {image: 'a:1'}}"
	const spec = "volumes: {a: {}}\nsnapshots: {b: {image: 'a:1'}, c: {image: 'a:2'}}\nowns: {volumes: [tmp]}\nremoved: [snapshot.old]"
	tests := []struct {
		name, then string
		opts       Options
		want       []string
	}{
		{name: "what changed and what is pruned", want: []string{"c", "old", "tmp"}},
		{name: "what failed", then: "volume.a error:", want: []string{"c", "old", "a", "tmp"}},
		{name: "what is to be replaced by a flag", opts: Options{Replace: selectors(t, "snapshot.b", "volume.*")}, want: []string{"b", "c", "old", "a", "tmp"}},
		{name: "not what goes", then: "volume.tmp deleting", want: []string{"c", "old"}},
		{name: "not what is the platform's", then: "snapshot.old shared", want: []string{"c", "tmp"}},
		{name: "all snapshots of a fleet that is destroyed", opts: Options{Destroy: true}, want: []string{"b", "c", "old", "tmp"}},
		{name: "and volumes, if they go", opts: Options{Destroy: true, DestroyVolumes: true}, want: []string{"b", "c", "old", "a", "tmp"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, parse(t, was))
			if test.then != "" {
				w.applyEvent(t, parse(t, was), test.then)
			}
			var names []string
			for _, o := range w.AtRisk(parse(t, spec), test.opts) {
				names = append(names, o.Name)
			}
			same(t, "at risk", names, test.want)
		})
	}
}

func TestUnreadSandboxes(t *testing.T) {
	f := parse(t, "owns: {volumes: ['ca*']}\nvolumes: {}")
	w := newWorld(t, parse(t, "volumes: {ca-a: {}, ca-b: {}}"))
	w.UnreadCount = 501
	same(t, "warnings", mustCompute(f, w, Options{AllowDestroy: 2}).Warnings, []string{
		"whether others mount the volumes that go was not looked up, for there are 501 sandboxes outside of the fleet: Daytona refuses to delete a volume that is mounted",
	})
	w.Objects[spec.VolumeKind] = nil
	same(t, "warnings", len(mustCompute(f, w, Options{}).Warnings), 0)
}

func TestNextName(t *testing.T) {
	for name, want := range map[string]string{"base": "base-2", "base-1": "base-2", "base-9": "base-10", "a/b": "a/b-2", "py-3x": "py-3x-2", "base-01": "base-01-2"} {
		same(t, name, nextVersionName(name), want)
	}
}

func TestPlace(t *testing.T) {
	r := resourceAt(t, parse(t, "sandboxes: {web: {count: 2}}"), "sandbox.web[1]")
	same(t, "place", specPath(r), "sandboxes.web")
	same(t, "kind", r.Kind, spec.SandboxKind)
}
