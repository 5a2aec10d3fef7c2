package plan

import (
	"testing"

	"fleet/spec"
)

const (
	pair    = "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {}}"
	changed = "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {os_user: b}}"
	other   = "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {os_user: a}}"
)

func TestLinked(t *testing.T) {
	follows := "side: it is linked to sandbox.main, which is "
	runStories(t, []story{
		{name: "a linked sandbox comes after its owner", was: nothing, spec: pair, want: "create side | create | after main\ncreate main | create"},
		{name: "when both are there nothing happens", spec: pair, want: "no-op side\nno-op main"},
		{name: "it is replaced with its owner", was: other, spec: changed, want: "replace " + follows + "replaced | delete create | after main\nreplace main [os_user a -> b] | delete create"},
		{name: "and when the owner has gone", spec: pair, then: "main gone", want: "replace " + follows + "created | delete create | after main\ncreate main | create"},
		{name: "an update of the owner is none of its business", was: pair, spec: "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {public: true}}", want: "no-op side\nupdate main [public false -> true] | public/true"},
		{name: "another link is another sandbox", was: "sandboxes: {a: {}, b: {}, side: {linked_sandbox: a, ephemeral: true}}", spec: "sandboxes: {a: {}, b: {}, side: {linked_sandbox: b, ephemeral: true}}", want: "no-op a\nno-op b\nreplace side [linked_sandbox (another value) -> b] | delete create"},
		{name: "a protected one protects its owner", was: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, protect: true}, main: {os_user: a}}", spec: changed, want: `
			replace side: it is linked to sandbox.main, which is replaced | delete create | after main | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.side lifts it)
			replace main [os_user a -> b] | delete create | protected: sandbox.side goes with it and may not: it is protected: it may not be deleted or replaced (protect: false in sandboxes.side lifts it)`},
		{name: "the owner must not be put away", was: "sandboxes: {main: {}}", then: "main archived", spec: pair, want: `
			create side | create | illegal: sandbox.main, to which it is linked, is archived (write state: started in sandboxes.main)
			no-op main`},
		{name: "also when it is linked anew", was: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, os_user: a}, main: {}}", then: "main archived", spec: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, os_user: b}, main: {}}", want: `
			replace side [os_user a -> b] | delete create | illegal: sandbox.main, to which it is linked, is archived (write state: started in sandboxes.main)
			no-op main`},
		{name: "which is all the same to one that stays", was: pair, then: "main archived", spec: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, public: true}, main: {}}", want: `
			update side [public false -> true] | public/true
			no-op main`},
		{name: "nor be paused", was: "sandboxes: {main: {}}", then: "main paused", spec: pair, want: `
			create side | create | illegal: sandbox.main, to which it is linked, is paused (write state: started in sandboxes.main)
			no-op main`},
		{name: "unless it is woken first", was: "sandboxes: {main: {}}", then: "main archived", spec: "sandboxes: {main: {state: started}, side: {linked_sandbox: main, ephemeral: true}}", want: `
			start main: it is archived, the spec wants it started | start
			create side | create | after main`},
		{
			name: "what it is made of must be there when it follows, too", was: "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {side: {linked_sandbox: main, ephemeral: true, snapshot: base}, main: {os_user: a}}", then: "snapshot.base inactive", spec: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, snapshot: base}, main: {os_user: b}}",
			want: `
			replace side: it is linked to sandbox.main, which is replaced | delete create | after main | illegal: the snapshot "base" is inactive (activate it, or declare it under snapshots: what a sandbox needs is activated)
			replace main [os_user a -> b] | delete create | illegal: sandbox.side goes with it and may not: the snapshot "base" is inactive (activate it, or declare it under snapshots: what a sandbox needs is activated)`,
		},
		{
			name: "what it needs comes before its owner goes", was: other, spec: "snapshots: {base: {image: 'a:1'}}\n" + "sandboxes: {side: {linked_sandbox: main, ephemeral: true, snapshot: base}, main: {os_user: b}}", want: `
			create snapshot.base | create
			replace side [snapshot (none) -> base] | delete create | after snapshot.base, main
			replace main [os_user a -> b] | delete create | after snapshot.base`,
		},
		{
			name: "an owner does not leave alone", was: pair, then: "side detailed", spec: "sandboxes: {side: {ephemeral: true}}", want: `
			no-op side
			delete main: not in the spec | delete | illegal: sandbox.side is linked to it and would be deleted with it, which the plan does not want (declare in sandboxes.side (fleet.yaml:3:13) what it is linked to, so that it is replaced, or delete it)`,
		},
		{
			name: "nor is it replaced alone", was: other, then: "side detailed", spec: "sandboxes: {side: {ephemeral: true}, main: {os_user: b}}", want: `
			no-op side
			replace main [os_user a -> b] | delete create | illegal: sandbox.side is linked to it and would be deleted with it, which the plan does not want (declare in sandboxes.side (fleet.yaml:3:13) what it is linked to, so that it is replaced, or delete it)`,
		},
		{name: "both may go", was: pair, then: "side detailed", spec: nothing, opts: Options{AllowDestroy: 9}, want: "delete main: not in the spec | delete\ndelete side: not in the spec | delete"},
		{
			name: "unless it was to be kept", was: "sandboxes: {side: {linked_sandbox: main, ephemeral: true, on_remove: release}, main: {}}", then: "side detailed", spec: nothing, opts: Options{AllowDestroy: 9}, want: `
			delete main: not in the spec | delete | illegal: sandbox.side is linked to it and would be deleted with it, which the plan does not want (delete both or neither)
			release side: not in the spec; on_remove: release | release`,
		},
		{name: "an owner that the server does not tell", was: pair, spec: "sandboxes: {side: {ephemeral: true}}", want: "no-op side\ndelete main: not in the spec | delete"},
		{
			name: "one that is linked anew and may not be replaced keeps the old owner", was: "sandboxes: {a: {}, b: {}, side: {linked_sandbox: a, ephemeral: true}}", then: "side detailed", spec: "sandboxes: {b: {}, side: {linked_sandbox: b, ephemeral: true, snapshot: none}}", want: `
			no-op b
			replace side [snapshot (none) -> none] [linked_sandbox a -> b] | delete create | illegal: there is no snapshot "none" in the spec or in the organisation (declare it under snapshots, or create it)
			delete a: not in the spec | delete | illegal: sandbox.side goes with it and may not: there is no snapshot "none" in the spec or in the organisation (declare it under snapshots, or create it)`,
		},
		{
			name: "a sandbox that nobody owns is not replaced with an owner", was: other, then: "side unowned", spec: changed, opts: Options{AdoptAll: true},
			want: `
			adopt side: no fleet owns it | after main | illegal: it could only be adopted by replacing it: it is linked to sandbox.main, which is replaced (make the spec match the sandbox, which fleet export prints, or delete the sandbox)
			replace main [os_user a -> b] | delete create | illegal: sandbox.side goes with it and may not: it could only be adopted by replacing it: it is linked to sandbox.main, which is replaced (make the spec match the sandbox, which fleet export prints, or delete the sandbox)`,
		},
		{
			name: "a blocked owner is no reason to replace", was: "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {}, taken: {name: x}}", then: "taken unowned", spec: "sandboxes: {side: {linked_sandbox: main, ephemeral: true}, main: {name: x}}", want: `
			no-op side
			create main | conflict: a sandbox named "x" exists, and no fleet owns it (adopt: true in sandboxes.main or --adopt takes it over; or write another name there)`,
		},
	})
}

func TestLinkedIDs(t *testing.T) {
	p := story{was: pair, then: "side gone", spec: pair}.plan(t)
	same(t, "ids of the owners", p.Steps[0].LinkedIDs, map[string]string{"main": "id-of-main"})
}

func TestExternalRefs(t *testing.T) {
	const base = "snapshots: {base: {image: 'a:1'}}"
	const web = "sandboxes: {web: {snapshot: base}}"
	runStories(t, []story{
		{name: "an outside snapshot that is there will do", was: base, spec: web, want: "create web | create"},
		{name: "a volume also by id", was: "volumes: {cache: {}}", spec: "sandboxes: {web: {volumes: [{volume: id-of-cache, mount_path: /c}]}}", want: "create web | create"},
		{name: "one that is not there is told before anything is sent", was: base, spec: "sandboxes: {web: {snapshot: bsae}}", want: `
			create web | create | illegal: there is no snapshot "bsae" in the spec or in the organisation (did you mean "base"?)`},
		{name: "an inactive one, too", was: base, then: "snapshot.base inactive", spec: web, want: `
			create web | create | illegal: the snapshot "base" is inactive (activate it, or declare it under snapshots: what a sandbox needs is activated)`},
		{name: "volumes likewise", was: nothing, spec: "volumes: {cache: {}}\n" + "sandboxes: {web: {volumes: [{volume: cach, mount_path: /c}]}}", want: `
			create volume.cache | create
			create web | create | illegal: there is no volume "cach" in the spec or in the organisation (did you mean "cache"?)`},
		{name: "a sandbox that is there needs neither", was: web, spec: web, want: "no-op web"},
		{
			name: "a conflict is told rather", was: web, then: "web unowned", spec: web, want: `
			create web | conflict: a sandbox named "web" exists, and no fleet owns it (adopt: true in sandboxes.web or --adopt takes it over; or write another name there)`,
		},
		{
			name: "a volume that is being deleted is not there any more", was: "volumes: {cache: {}}", then: "volume.cache deleting", spec: "sandboxes: {web: {volumes: [{volume: cache, mount_path: /c}]}}", want: `
			create web | create | illegal: the volume "cache" is in state deleting (create it again, or write another one in sandboxes.web)`,
		},
		{
			name: "what failed cannot be activated", was: base, then: "snapshot.base error: x", spec: web, want: `
			create web | create | illegal: the snapshot "base" is in state error (create it again, or write another one in sandboxes.web)`,
		},
	})
}

// Of two snapshots with the same name, the organization's own takes precedence over the
// shared one, regardless of the order of the list.
func TestOwnBeforeShared(t *testing.T) {
	const base = "snapshots: {base: {image: 'a:1'}}"
	f := parse(t, "sandboxes: {web: {snapshot: base}}")
	for _, first := range []bool{true, false} {
		w := newWorld(t, parse(t, base))
		shared := *w.Objects[spec.SnapshotKind][0]
		shared.ID, shared.Shared = "platform", true
		w.Objects[spec.SnapshotKind][0].State, w.Objects[spec.SnapshotKind][0].TargetState = "inactive", "inactive"
		w.Add(spec.SnapshotKind, &shared)
		if first {
			w.Objects[spec.SnapshotKind][0], w.Objects[spec.SnapshotKind][1] = w.Objects[spec.SnapshotKind][1], w.Objects[spec.SnapshotKind][0]
		}
		same(t, "plan", lines(mustCompute(f, w, Options{})), `create web | create | illegal: the snapshot "base" is inactive (activate it, or declare it under snapshots: what a sandbox needs is activated)`)
	}
}
