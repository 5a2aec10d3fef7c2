package plan

import (
	"testing"
)

// Versions of the snapshot base: version1 is that of the image a:1, and so on.
const (
	version1 = "ef62cc186a15"
	version2 = "c907e3422ddb"
)

// Declarations of the snapshot base, and of former versions of it.
const (
	content1 = "  base: {image: 'a:1', versioning: content}\n"
	content2 = "  base: {image: 'a:2', versioning: content}\n"
	fixed1   = "  base: {image: 'a:1'}\n"
	former1  = "  former1: {image: 'a:1', name: base-" + version1 + "}\n"
	former2  = "  former2: {image: 'a:2', name: base-" + version2 + "}\n"
	alien    = "  alien: {image: 'a:9', name: base-000000000000}\n"
	user     = "sandboxes: {web: {snapshot: base}}\n"
	all      = "snapshots:\n"
)

// The former versions of a snapshot are deleted once no sandbox uses them.
func TestFormerVersions(t *testing.T) {
	runStories(t, []story{
		{name: "unchanged", spec: all + content1 + user, want: `
			no-op snapshot.base
			no-op web`},
		{name: "changed", was: all + content1 + user, spec: all + content2 + user, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			replace web [snapshot base-ef62cc186a15 -> base-c907e3422ddb] | delete create | after snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "interrupted before the deletion", was: all + content2 + former1 + user, spec: all + content2 + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete`},
		{name: "no sandboxes", was: all + content1, spec: all + content2, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after snapshot.base`},
		{name: "one is kept", was: all + content1 + user, spec: all + "  base: {image: 'a:2', versioning: content, keep: 1}\n" + user, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			replace web [snapshot base-ef62cc186a15 -> base-c907e3422ddb] | delete create | after snapshot.base
			no-op snapshot.base-ef62cc186a15`},
		{name: "the newest is kept", was: all + former1 + former2 + "  base: {image: 'a:0', versioning: content}\n" + user, spec: all + "  base: {image: 'a:3', versioning: content, keep: 1}\n" + user, want: `
			create snapshot.base: version 2c416fcfeeca [name base-b60b81e3d2d0 -> base-2c416fcfeeca] [image a:0 -> a:3] | create
			replace web [snapshot base-b60b81e3d2d0 -> base-2c416fcfeeca] | delete create | after snapshot.base
			no-op snapshot.base-b60b81e3d2d0
			delete snapshot.base-c907e3422ddb: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "not proven", was: all + content2 + alien + user, spec: all + content2 + user, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-000000000000 (has the name of a version of snapshot.base, and nothing proves that this fleet created it)`},
		{name: "recorded", was: all + content2 + alien + user, spec: all + content2 + user, opts: Options{Creations: []Creation{{Name: "base-000000000000", ID: "id-of-base-000000000000"}}}, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-000000000000: a former version of snapshot.base that no sandbox uses | delete`},
		{name: "owned by a pattern", was: all + content2 + alien + user, spec: "owns: {snapshots: ['base-*']}\n" + all + "  base: {image: 'a:2', versioning: content, keep: 1}\n" + user, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-000000000000`},
		{name: "removed by name", was: all + content2 + alien + user, spec: "removed: [snapshot.base-000000000000]\n" + all + content2 + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-000000000000: listed under removed | delete`},
		{name: "released by name", was: all + content2 + former1 + user, spec: "removed: [{from: snapshot.base-" + version1 + ", destroy: false}]\n" + all + content2 + user, want: `
			no-op snapshot.base
			no-op web`},
		{name: "a sandbox of the spec names it", was: all + content2 + former1 + user, spec: all + content2 + "sandboxes: {web: {snapshot: base-" + version1 + "}}", want: `
			no-op snapshot.base
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandbox "web" uses it)`},
		{name: "a protected sandbox uses it", was: all + content1 + "sandboxes: {web: {snapshot: base, protect: true}}", spec: all + content2 + "sandboxes: {web: {snapshot: base, protect: true}}", want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			replace web [snapshot base-ef62cc186a15 -> base-c907e3422ddb] | delete create | after snapshot.base | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.web lifts it)
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandbox "web" uses it)`},
		{name: "a stopped orphan uses it", was: all + content1 + "sandboxes: {web: {snapshot: base}, gone: {snapshot: base, on_remove: archive}}", spec: all + content2 + user, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			replace web [snapshot base-ef62cc186a15 -> base-c907e3422ddb] | delete create | after snapshot.base
			archive gone: not in the spec; on_remove: archive | stop archive
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandbox "gone" uses it)`},
		{name: "others use it", was: all + content1 + user, then: "snapshot.base used by alice bob", spec: all + content2 + user, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create
			replace web [snapshot base-ef62cc186a15 -> base-c907e3422ddb] | delete create | after snapshot.base
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandboxes "alice", "bob" use it)`},
		{name: "it failed", was: all + content2 + former1 + user, then: "snapshot.former1 error: no space", spec: all + "  base: {image: 'a:2', versioning: content, keep: 1}\n" + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete`},
		{name: "the new one failed before", was: all + former1 + content2 + "sandboxes: {web: {snapshot: former1}}", then: "snapshot.base error: no space", spec: all + content2 + user, want: `
			replace snapshot.base: it is in state error: no space | delete create
			replace web: the content of its snapshot has changed [snapshot base-ef62cc186a15 -> base-c907e3422ddb] [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "only the snapshot is selected", was: all + content1 + user, spec: all + content2 + user, opts: Options{Select: Selection{Targets: selectors(t, "snapshot.base")}}, want: `
			create snapshot.base: version c907e3422ddb [name base-ef62cc186a15 -> base-c907e3422ddb] [image a:1 -> a:2] | create`},
		{name: "nothing may be destroyed", was: all + content2 + former1 + user, spec: all + content2 + user, opts: Options{NoDestroy: true}, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: this run may not delete it)`},
		{name: "one may be destroyed", was: all + content2 + former1 + alien + user, spec: "owns: {snapshots: ['base-*']}\n" + all + content2 + user, opts: Options{NoDestroy: true, AllowDestroy: 1}, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-000000000000: a former version of snapshot.base that no sandbox uses | delete
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: this run may not delete it)`},
		{name: "another one is declared under the name", was: all + content2 + former1 + user, spec: all + content2 + former1 + user, want: `
			no-op snapshot.base
			no-op snapshot.former1
			no-op web`},
		{name: "the platform's", was: all + content2 + former1 + user, then: "snapshot.former1 shared", spec: all + content2 + user, want: `
			no-op snapshot.base
			no-op web`},
		{name: "protected", was: all + content2 + former1 + user, spec: all + "  base: {image: 'a:2', versioning: content, protect: true}\n" + user, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, which is protected)`},
		{name: "destroyed", was: all + content2 + former1 + alien + user, spec: all + "  base: {image: 'a:2', versioning: content, keep: 3}\n" + user, opts: Options{Destroy: true}, want: `
			delete web: the fleet is destroyed | delete
			delete snapshot.base: the fleet is destroyed | delete | after web
			no-op snapshot.base-000000000000 (has the name of a version of snapshot.base, and nothing proves that this fleet created it)
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web`},
	})
}

// Fixed snapshots become versioned and the other way round without a loss.
func TestVersioningChanges(t *testing.T) {
	runStories(t, []story{
		{name: "to content", was: all + fixed1 + user, spec: all + content1 + user, want: `
			create snapshot.base: version ef62cc186a15 [name base -> base-ef62cc186a15] | create
			replace web: the content of its snapshot has changed [snapshot base -> base-ef62cc186a15] [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-fixed: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "to content, without a proof of ownership", was: all + fixed1, spec: all + content1, want: `
			create snapshot.base: version ef62cc186a15 | create`},
		{name: "to fixed", was: all + content1 + user, spec: all + fixed1 + user, want: `
			create snapshot.base | create
			replace web: the content of its snapshot has changed [snapshot base-ef62cc186a15 -> base] [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "to fixed, without a proof of ownership", was: all + content1, spec: all + fixed1, want: `
			create snapshot.base | create`},
		{name: "to fixed, recorded", was: all + content1, spec: all + fixed1, opts: Options{Creations: []Creation{{Name: "base-" + version1, ID: "id-of-base-" + version1}}}, want: `
			create snapshot.base | create
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after snapshot.base`},
	})
}

// A pinned version is used as it is.
func TestPinnedVersions(t *testing.T) {
	const pinned = "  base: {image: 'a:2', versioning: content, keep: 1, pin: " + version1 + "}\n"
	runStories(t, []story{
		{name: "back to a former version", was: all + former1 + content2 + user, spec: all + pinned + user, want: `
			no-op snapshot.base
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create
			no-op snapshot.base-c907e3422ddb`},
		{name: "already there", was: all + former2 + content1 + user, spec: all + pinned + user, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-c907e3422ddb`},
		{name: "without keep", was: all + former1 + content2 + alien + user, spec: all + "  base: {image: 'a:2', versioning: content, pin: " + version1 + "}\n" + user, opts: Options{Creations: []Creation{{Name: "base-000000000000", ID: "id-of-base-000000000000"}}}, want: `
			no-op snapshot.base
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create
			delete snapshot.base-000000000000: a former version of snapshot.base that no sandbox uses | delete | after web
			no-op snapshot.base-c907e3422ddb`},
		{name: "inactive", was: all + former1 + content2 + user, then: "snapshot.former1 inactive", spec: all + pinned + user, want: `
			activate snapshot.base: inactive, and sandbox.web is made from it | activate
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create | after snapshot.base
			no-op snapshot.base-c907e3422ddb`},
		{name: "not there", was: all + content2 + user, spec: all + pinned + user, want: `
			create snapshot.base | create | illegal: there is no version ef62cc186a15 of it (pin c907e3422ddb, or remove the pin in snapshots.base)
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create | after snapshot.base
			no-op snapshot.base-c907e3422ddb`},
		{name: "failed", was: all + former1 + content2 + user, then: "snapshot.former1 error: no space", spec: all + pinned + user, want: `
			create snapshot.base | create | illegal: version ef62cc186a15 of it is in state error: no space (pin c907e3422ddb, or remove the pin in snapshots.base)
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create | after snapshot.base
			no-op snapshot.base-c907e3422ddb`},
		{name: "on its way out", was: all + former1 + content2 + user, then: "snapshot.former1 removing", spec: all + pinned + user, want: `
			create snapshot.base | create | illegal: version ef62cc186a15 of it is being deleted (pin c907e3422ddb, or remove the pin in snapshots.base)
			replace web [snapshot base-c907e3422ddb -> base-ef62cc186a15] | delete create | after snapshot.base
			no-op snapshot.base-c907e3422ddb`},
	})
}

// A fixed snapshot is replaced after its new content was tried under a temporary name.
func TestTrialsOfSnapshots(t *testing.T) {
	const fixed2, content = "  base: {image: 'a:2'}\n", "  base: {image: 'a:2', versioning: content}\n"
	const trial1 = "  trial: {image: 'a:1', name: base-" + version1 + ".trial}\n"
	const trial2 = "  trial: {image: 'a:2', name: base-" + version2 + ".trial}\n"
	const another = "  trial: {image: 'a:3', name: base-" + version2 + ".trial}\n"
	runStories(t, []story{
		{name: "an interrupted one is used again", was: all + fixed1 + trial2 + user, spec: all + fixed2 + user, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			replace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			warning: no sandbox can be created from snapshot.base while the plan replaces it; versioning: content keeps the old version until the new one can be used`},
		{name: "one of another content is deleted", was: all + fixed1 + trial1 + user, spec: all + fixed2 + user, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			replace web: the content of its snapshot has changed [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-ef62cc186a15.trial: an interrupted replacement of snapshot.base left it | delete | after web, snapshot.base
			warning: no sandbox can be created from snapshot.base while the plan replaces it; versioning: content keeps the old version until the new one can be used`},
		{name: "one after the replacement is deleted", was: all + fixed2 + trial2 + user, spec: all + fixed2 + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-c907e3422ddb.trial: an interrupted replacement of snapshot.base left it | delete`},
		{name: "one before the creation is deleted", was: all + trial2, spec: all + fixed2, want: `
			create snapshot.base | create
			delete snapshot.base-c907e3422ddb.trial: an interrupted replacement of snapshot.base left it | delete | after snapshot.base`},
		{name: "one that failed is deleted", was: all + fixed1 + trial2 + user, then: "snapshot.trial error: no", spec: all + fixed1 + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-c907e3422ddb.trial: an interrupted replacement of snapshot.base left it | delete`},
		{name: "one that others use is not", was: all + fixed2 + trial2 + user, then: "snapshot.trial used by x", spec: all + fixed2 + user, want: `
			no-op snapshot.base
			no-op web
			no-op snapshot.base-c907e3422ddb.trial (a former version of snapshot.base, kept: sandbox "x" uses it)`},
		{name: "what only has the name is not one", was: all + fixed2 + another + user, spec: all + fixed2 + user, want: `
			no-op snapshot.base
			no-op web`},
		{name: "one of a versioned snapshot is deleted", was: all + content + trial2 + user, spec: all + "  base: {image: 'a:2', versioning: content, keep: 9}\n" + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-c907e3422ddb.trial: an interrupted replacement of snapshot.base left it | delete`},
	})
}
