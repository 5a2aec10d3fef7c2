package plan

import "testing"

func TestDeletions(t *testing.T) {
	const db = "sandboxes: {web: {}, db: {protect: true}}"
	runStories(t, []story{
		{name: "what leaves the spec goes", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {web: {}}", want: "no-op web\ndelete db: not in the spec | delete"},
		{name: "what is protected stays until that is lifted", was: db, spec: "sandboxes: {web: {}}", want: `
			no-op web
			delete db: not in the spec | delete | protected: it is protected: it may not be deleted or replaced (declare sandbox.db again with protect: false and apply, then remove it)`},
		{name: "protect: false lifts it", was: db, spec: "sandboxes: {web: {}, db: {protect: false}}", want: "no-op web\nupdate db [protect true -> false] | label"},
		{name: "leaving protect out does not", was: db, spec: "sandboxes: {web: {}, db: {os_user: x}}", want: `
			no-op web
			replace db [os_user daytona -> x] | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.db lifts it)`},
		{name: "protect: false and a replacement do", was: db, spec: "sandboxes: {web: {}, db: {os_user: x, protect: false}}", want: "no-op web\nreplace db [os_user daytona -> x] [protect true -> false] | delete create"},
		{name: "protect holds before it was applied", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {web: {}, db: {os_user: x, protect: true}}", want: `
			no-op web
			replace db [os_user daytona -> x] [protect false -> true] | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.db lifts it)`},
		{name: "other fleets' sandboxes do not go", was: "sandboxes: {web: {}, db: {}}", then: "db of shop", spec: "sandboxes: {web: {}}", want: "no-op web"},
	})
}

func TestDestroy(t *testing.T) {
	const all = "volumes: {cache: {}}\n" + "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {web: {snapshot: base}, w: {count: 2}}"
	destroy, volumes := Options{Destroy: true}, Options{Destroy: true, DestroyVolumes: true}
	runStories(t, []story{
		{name: "sandboxes and snapshots go, volumes stay", spec: all, opts: destroy, want: `
			delete w[0]: the fleet is destroyed | delete
			delete w[1]: the fleet is destroyed | delete
			delete web: the fleet is destroyed | delete
			delete snapshot.base: the fleet is destroyed | delete | after w[0], w[1], web`},
		{name: "volumes go when told", spec: "volumes: {cache: {}}\n" + "sandboxes: {web: {}}", opts: volumes, want: `
			delete web: the fleet is destroyed | delete
			delete volume.cache: the fleet is destroyed | delete | after web`},
		{name: "what the spec does not declare goes, too", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {web: {}}", opts: destroy, want: `
			delete db: the fleet is destroyed | delete
			delete web: the fleet is destroyed | delete`},
		{name: "what is not there need not go", spec: all, then: "web gone\nw[0] gone\nw[1] gone\nsnapshot.base removing\nvolume.cache gone", opts: volumes, want: ""},
		{name: "what is owned by name goes", was: "volumes: {tmp-a: {}}\n" + "snapshots: {tmp-b: {image: 'a:1'}}", spec: "owns: {volumes: ['tmp-*'], snapshots: ['tmp-*']}", opts: volumes, want: `
			delete snapshot.tmp-b: matches owns and is not in the spec | delete
			delete volume.tmp-a: matches owns and is not in the spec | delete`},
		{name: "volumes owned by name stay unless told", was: "volumes: {tmp-a: {}}", spec: "owns: {volumes: ['tmp-*']}", opts: destroy, want: ""},
		{name: "what is under way is waited for", spec: "sandboxes: {web: {}}", then: "web starting>started", opts: destroy, want: "delete web: the fleet is destroyed | settle delete"},
		{name: "forks and foreign ones stay", spec: "sandboxes: {web: {}, db: {}}", then: "web forked copy\ndb of shop", opts: destroy, want: `
			delete web: the fleet is destroyed | delete
			warning: sandbox "copy" carries the labels of sandbox.web: it is probably a fork, and fleet does not change it`},
	})
}

// A protected resource is not deleted with its fleet. The spec takes precedence over the
// label.
func TestDestroyProtected(t *testing.T) {
	destroy := Options{Destroy: true, DestroyVolumes: true}
	const gone = "delete web: the fleet is destroyed | delete"
	const kept = gone + " | protected: it is protected: it may not be deleted or replaced "
	runStories(t, []story{
		{name: "declared, label and spec", spec: "sandboxes: {web: {protect: true}}", opts: destroy, want: kept + "(protect: false in sandboxes.web lifts it)"},
		{name: "declared, spec only", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {protect: true}}", opts: destroy, want: kept + "(protect: false in sandboxes.web lifts it)"},
		{name: "declared, label only", was: "sandboxes: {web: {protect: true}}", spec: "sandboxes: {web: {}}", opts: destroy, want: kept + "(protect: false in sandboxes.web lifts it)"},
		{name: "declared, lifted", was: "sandboxes: {web: {protect: true}}", spec: "sandboxes: {web: {protect: false}}", opts: destroy, want: gone},
		{name: "declared, neither", spec: "sandboxes: {web: {}}", opts: destroy, want: gone},
		{name: "not declared, label", was: "sandboxes: {web: {protect: true}}", spec: nothing, opts: destroy, want: kept + "(declare sandbox.web again with protect: false and apply, then remove it)"},
		{name: "not declared, no label", was: "sandboxes: {web: {}}", spec: nothing, opts: destroy, want: gone},
		{name: "a snapshot", spec: "snapshots: {base: {image: 'a:1', protect: true}}", opts: destroy, want: "delete snapshot.base: the fleet is destroyed | delete | protected: it is protected: it may not be deleted or replaced (protect: false in snapshots.base lifts it)"},
		{name: "a volume", spec: "volumes: {cache: {protect: true}}", opts: destroy, want: "delete volume.cache: the fleet is destroyed | delete | protected: it is protected: it may not be deleted or replaced (protect: false in volumes.cache lifts it)"},
		{
			name: "what a protected sandbox mounts stays with it", spec: "volumes: {cache: {}}\n" + "sandboxes: {web: {protect: true, volumes: [{volume: cache, mount_path: /c}]}}", opts: destroy, want: kept + `(protect: false in sandboxes.web lifts it)
			delete volume.cache: the fleet is destroyed | delete | after web`,
		},
	})
}
