package plan

import "testing"

func TestVolumes(t *testing.T) {
	const cache = "volumes: {cache: {}}"
	const used = "volumes: {cache: {}}\n" + "sandboxes: {web: {volumes: [{volume: cache, mount_path: /c}]}}"
	runStories(t, []story{
		{name: "a volume is created", was: nothing, spec: cache, want: "create volume.cache | create"},
		{name: "before what mounts it", was: nothing, spec: used, want: "create volume.cache | create\ncreate web | create | after volume.cache"},
		{name: "nothing waits for one that is there", was: cache, spec: used, want: "no-op volume.cache\ncreate web | create"},
		{name: "what mounts it waits until it is ready", was: cache, then: "volume.cache creating>ready", spec: used, want: "wait volume.cache: it is creating | await\ncreate web | create | after volume.cache"},
		{name: "when nothing waits for it, it is waited for all the same", spec: cache, then: "volume.cache creating>ready", want: "wait volume.cache: it is creating | await"},
		{name: "one that goes is made anew", spec: cache, then: "volume.cache deleting", want: "create volume.cache: the old one is being deleted | create"},
		{name: "one that failed is replaced", spec: cache, then: "volume.cache error: no space", want: "replace volume.cache: it is in state error: no space | delete create"},
		{name: "unless it is protected", spec: "volumes: {cache: {protect: true}}", then: "volume.cache error:", want: "replace volume.cache: it is in state error | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in volumes.cache lifts it)"},
		{name: "one that the spec no longer declares stays", was: cache, spec: nothing, want: ""},
	})
}

func TestSnapshots(t *testing.T) {
	const base = "snapshots: {base: {image: 'a:1'}}"
	const web = "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {web: {snapshot: base}}"
	const off = "snapshots: {base: {image: 'a:1', active: false}}"
	runStories(t, []story{
		{name: "a snapshot is created before its sandboxes", was: nothing, spec: web, want: "create snapshot.base | create\ncreate web | create | after snapshot.base"},
		{name: "another image replaces it and its sandboxes", was: web, spec: "snapshots: {base: {image: 'a:2'}}\n" + "sandboxes: {web: {snapshot: base}}", want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			replace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			` + whileReplaced},
		{name: "a protected one is not replaced", was: base, spec: "snapshots: {base: {image: 'a:2', protect: true}}", want: "replace snapshot.base [image a:1 -> a:2] | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in snapshots.base lifts it)"},
		{name: "a failed one is", spec: base, then: "snapshot.base error: build failed", want: "replace snapshot.base: it is in state error: build failed | delete create"},
		{name: "one that is built is waited for by sandboxes", was: base, then: "snapshot.base building>active", spec: web, want: "wait snapshot.base: it is building | await\ncreate web | create | after snapshot.base"},
		{name: "the platform's of the same name is another", was: base, then: "snapshot.base shared", spec: base, want: "create snapshot.base | create"},
		{name: "an inactive one stays so", spec: web, then: "snapshot.base inactive", want: "no-op snapshot.base\nno-op web"},
		{name: "until a sandbox is made from it", was: base, then: "snapshot.base inactive", spec: web, want: "activate snapshot.base: inactive, and sandbox.web is made from it | activate\ncreate web | create | after snapshot.base"},
		{name: "or the spec wants it active", was: base, then: "snapshot.base inactive", spec: "snapshots: {base: {image: 'a:1', active: true}}", want: "activate snapshot.base: the spec wants it active | activate"},
		{name: "the spec can want it inactive", was: base, spec: off, want: "deactivate snapshot.base: the spec wants it inactive | deactivate"},
		{name: "after it was built", was: base, then: "snapshot.base pulling>active", spec: off, want: "deactivate snapshot.base: the spec wants it inactive | settle deactivate"},
		{name: "from the start", was: nothing, spec: off, want: "create snapshot.base | create deactivate"},
		{name: "also after it failed", was: base, then: "snapshot.base error:", spec: off, want: "replace snapshot.base: it is in state error | delete create deactivate"},
		{
			name: "and after it changed", was: "snapshots: {base: {image: 'a:2'}}", then: "snapshot.base inactive", spec: off, opts: Options{AdoptAll: true}, want: `
			replace snapshot.base [image a:2 -> a:1] | try delete create deactivate drop
			` + whileReplaced,
		},
	})
}

// A sandbox cannot be created from a snapshot that the spec keeps inactive.
func TestKeptInactive(t *testing.T) {
	const base = "snapshots: {base: {image: 'a:1'}}"
	const spec = "snapshots: {base: {image: 'a:1', active: false}}\n" + "sandboxes: {web: {snapshot: base}}"
	const blocked = "illegal: snapshot.base is kept inactive, and sandboxes cannot be made from it (take active: false out of snapshots.base)"
	runStories(t, []story{
		{name: "when it is inactive", was: base, then: "snapshot.base inactive", spec: spec, want: "no-op snapshot.base\ncreate web | create | " + blocked},
		{name: "when it is active still", was: base, spec: spec, want: "deactivate snapshot.base: the spec wants it inactive | deactivate\ncreate web | create | after snapshot.base | " + blocked},
		{name: "when it is not there yet", was: nothing, spec: spec, want: "create snapshot.base | create deactivate\ncreate web | create | after snapshot.base | " + blocked},
		{name: "what is there stays there", was: spec, then: "snapshot.base inactive", spec: spec, want: "no-op snapshot.base\nno-op web"},
	})
}

func TestPrune(t *testing.T) {
	const was = "volumes: {tmp-a: {}, tmp-b: {}, keep: {}}\n" + "snapshots: {tmp-x: {image: 'a:1'}, keep: {image: 'a:1'}}"
	const owns = "owns: {volumes: ['tmp-*'], snapshots: ['tmp-*']}\n"
	runStories(t, []story{
		{name: "what matches owns goes, by kind and name", was: was, spec: owns, opts: Options{AllowDestroy: 3}, want: `
			delete snapshot.tmp-x: matches owns and is not in the spec | delete
			delete volume.tmp-a: matches owns and is not in the spec | delete
			delete volume.tmp-b: matches owns and is not in the spec | delete`},
		{name: "by name, wherever it is listed", was: "volumes: {tmp-b: {}, tmp-a: {}, keep: {}}", spec: owns, opts: Options{AllowDestroy: 2}, want: `
			delete volume.tmp-a: matches owns and is not in the spec | delete
			delete volume.tmp-b: matches owns and is not in the spec | delete`},
		{name: "what is removed goes", was: was, spec: "removed: [volume.keep]\nsandboxes: {}", opts: Options{AllowDestroy: 1}, want: "delete volume.keep: listed under removed | delete"},
		{name: "what is declared stays", was: "volumes: {tmp-a: {}}", spec: owns + "volumes: {tmp-a: {}}", want: "no-op volume.tmp-a"},
		{name: "what goes already is not deleted again", was: "volumes: {tmp-a: {}}", then: "volume.tmp-a pending_delete", spec: owns, want: ""},
		{name: "the platform's snapshots are out of reach", was: "snapshots: {tmp-x: {image: 'a:1'}}", then: "snapshot.tmp-x shared", spec: owns, want: ""},
		{name: "it goes after the sandboxes that go", was: "volumes: {tmp-a: {}}\n" + "sandboxes: {web: {}, db: {volumes: [{volume: tmp-a, mount_path: /c}]}}", spec: owns + "sandboxes: {web: {}}", want: `
			no-op web
			delete db: not in the spec | delete
			delete volume.tmp-a: matches owns and is not in the spec | delete | after db`},
		{name: "what is in use stays", was: "volumes: {tmp-a: {}}\n" + "sandboxes: {web: {volumes: [{volume: tmp-a, mount_path: /c}]}}", spec: owns + "sandboxes: {web: {volumes: [{volume: tmp-a, mount_path: /c}]}}", want: `
			no-op web
			delete volume.tmp-a: matches owns and is not in the spec | delete | illegal: sandbox.web still uses it (take it out of sandboxes.web first, or make owns not match it)`},
		{
			name: "also when it is used by id", was: "volumes: {tmp-a: {}, keep: {}}", spec: owns + "sandboxes: {web: {volumes: [{volume: id-of-tmp-a, mount_path: /c}]}}", want: `
			create web | create
			delete volume.tmp-a: matches owns and is not in the spec | delete | illegal: sandbox.web still uses it (take it out of sandboxes.web first, or make owns not match it)`,
		},
	})
}

// whileReplaced is the warning of a plan that replaces the snapshot base.
const whileReplaced = "warning: no sandbox can be created from snapshot.base while the plan replaces it; versioning: content keeps the old version until the new one can be used"
