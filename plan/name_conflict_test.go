package plan

import "testing"

func TestRivals(t *testing.T) {
	const web = "sandboxes: {web: {}}"
	const adopt = "sandboxes: {web: {adopt: true}}"
	runStories(t, []story{
		{name: "an unowned sandbox is left alone", spec: web, then: "web unowned", want: `
			create web | conflict: a sandbox named "web" exists, and no fleet owns it (adopt: true in sandboxes.web or --adopt takes it over; or write another name there)`},
		{name: "unless the spec adopts it", spec: adopt, then: "web unowned", want: "adopt web: no fleet owns it | label"},
		{name: "or the flag does", spec: web, then: "web unowned", opts: Options{AdoptAll: true}, want: "adopt web: no fleet owns it | label"},
		{name: "which changes what differs", spec: "sandboxes: {web: {adopt: true, public: true, state: stopped}}", then: "web unowned\nweb is public=false", want: "adopt web: no fleet owns it [public false -> true] | public/true stop label"},
		{name: "and waits for what is under way", spec: "sandboxes: {web: {adopt: true, state: stopped}}", then: "web unowned\nweb starting>started", want: "adopt web: no fleet owns it | settle stop label"},
		{name: "but does not replace it", was: "sandboxes: {web: {os_user: a, snapshot: x}}", then: "web unowned", spec: "sandboxes: {web: {os_user: b, snapshot: y, adopt: true}}", want: `
			adopt web: no fleet owns it [snapshot x -> y] [os_user a -> b] | illegal: it could only be adopted by replacing it: snapshot, os_user cannot be changed in place (make the spec match the sandbox, which fleet export prints, or delete the sandbox)`},
		{
			name: "nor stops it when that would delete it", was: "sandboxes: {web: {image: 'a:1', ephemeral: true}}", then: "web unowned\nweb detailed\nweb unowned", spec: "sandboxes: {web: {image: 'a:1', resources: {disk: 9}, adopt: true}}",
			want: "adopt web: it must be stopped for that, and an ephemeral sandbox does not survive a stop [resources.disk 3 -> 9] | illegal: it could only be adopted by replacing it: it must be stopped for that, and an ephemeral sandbox does not survive a stop (make the spec match the sandbox, which fleet export prints, or delete the sandbox)",
		},
		{name: "the sandbox of another fleet is out of reach", spec: adopt, then: "web of shop", opts: Options{AdoptAll: true}, want: `
			create web | conflict: the name "web" is taken by a sandbox of the fleet "shop" (write another name in sandboxes.web; or, if that is what this fleet was called before, write moved: [{from: fleet.shop}])`},
		{name: "and does not look like a former self under another key", was: "sandboxes: {job: {name: web}}", then: "job of shop", spec: web, want: `
			create web | conflict: the name "web" is taken by a sandbox of the fleet "shop" (write another name in sandboxes.web)`},
		{name: "that of another tool, too", spec: adopt, then: "web unowned\nweb labelled managed-by=terraform", opts: Options{AdoptAll: true}, want: `
			create web | conflict: the name "web" is taken by a sandbox managed by terraform (write another name in sandboxes.web)`},
		{name: "in each way of saying so", spec: adopt, then: "web unowned\nweb labelled app.kubernetes.io/managed-by=helm", want: `
			create web | conflict: the name "web" is taken by a sandbox managed by helm (write another name in sandboxes.web)`},
		{name: "a failed one is not adopted", spec: adopt, then: "web unowned\nweb error: x", want: `
			create web | conflict: the sandbox "web" is in state error (delete it, or write another name in sandboxes.web)`},
		{name: "a fleet's sandbox cannot become another one", was: "sandboxes: {web: {}, other: {name: web2}}", then: "other unowned", spec: "sandboxes: {web: {name: web2, adopt: true}}", want: `
			create web | conflict: sandbox.web is "web" already; it cannot adopt "web2" (write another name in sandboxes.web)`},
		{name: "nor take the name of one that is not adopted", was: "sandboxes: {web: {}, other: {name: web2}}", then: "other unowned", spec: "sandboxes: {web: {name: web2}}", want: `
			create web | conflict: a sandbox named "web2" exists, and no fleet owns it (adopt: true in sandboxes.web or --adopt takes it over; or write another name there)`},
		{name: "one that is called otherwise is no rival", was: "sandboxes: {web: {}, other: {}}", then: "web gone\nother unowned", spec: web, want: "create web | create"},
		{
			name: "one that has lost the label of its key is not about to go", spec: web, then: "web labelled fleet-key=", want: `
			create web | conflict: a sandbox named "web" exists, and no fleet owns it (adopt: true in sandboxes.web or --adopt takes it over; or write another name there)`,
		},
	})
}

func TestNames(t *testing.T) {
	runStories(t, []story{
		{name: "another name is another object", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {name: web2}}", want: "replace web [name web -> web2] | delete create"},
		{name: "the name of a sandbox that goes is free after that", was: "sandboxes: {old: {name: web}, db: {}}", spec: "sandboxes: {db: {}, new: {name: web}}", want: `
			no-op db
			create new | create | after old
			delete old: not in the spec | delete`},
		{name: "also for one that is there already", was: "sandboxes: {old: {name: web}, new: {}}", spec: "sandboxes: {new: {name: web}}", want: `
			replace new [name new -> web] | delete create | after old
			delete old: not in the spec | delete`},
		{name: "the name of one that is renamed, too", was: "sandboxes: {a: {name: x}}", spec: "sandboxes: {a: {name: y}, b: {name: x}}", want: `
			replace a [name x -> y] | delete create
			create b | create | after a`},
		{name: "names can move along", was: "sandboxes: {a: {name: x}, b: {name: y}}", spec: "sandboxes: {a: {name: y}, b: {name: z}}", want: `
			replace a [name x -> y] | delete create | after b
			replace b [name y -> z] | delete create`},
		{
			name: "but not in a circle: neither could be first", was: "sandboxes: {a: {name: x}, b: {name: y}}", spec: "sandboxes: {a: {name: y}, b: {name: x}}", want: `
			replace a [name x -> y] | delete create | conflict: the names of sandbox.a and others form a cycle: each takes the name of the next (give one of them a third name and apply, then rename it again)
			replace b [name y -> x] | delete create | conflict: the names of sandbox.b and others form a cycle: each takes the name of the next (give one of them a third name and apply, then rename it again)`,
		},
		{name: "what is kept keeps its name", was: "sandboxes: {old: {name: web, protect: true}, db: {}}", spec: "sandboxes: {db: {}, new: {name: web}}", want: `
			no-op db
			create new | create | after old
			delete old: not in the spec | delete | protected: it is protected: it may not be deleted or replaced (declare sandbox.old again with protect: false and apply, then remove it)`},
	})
}

func TestForks(t *testing.T) {
	const web = "sandboxes: {web: {}}"
	alone := func(other, key string) string {
		return `warning: sandbox "` + other + `" carries the labels of sandbox.` + key + `: it is probably a fork, and fleet does not change it`
	}
	runStories(t, []story{
		{name: "a fork is left alone", spec: web, then: "web forked copy", want: "no-op web\n" + alone("copy", "web")},
		{name: "even an older one", spec: web, then: "web forked copy older", want: "no-op web\n" + alone("copy", "web")},
		{name: "without the wanted name, the one that the labels were made for is the fleet's", spec: web, then: "web called x\nweb forked copy older", was: "sandboxes: {web: {name: x}}", want: "replace web [name x -> web] | delete create\n" + alone("copy", "web")},
		{name: "the younger fork is not", was: "sandboxes: {web: {name: x}}", spec: web, then: "web forked copy", want: "replace web [name x -> web] | delete create\n" + alone("copy", "web")},
		{name: "a fork stays when the sandbox goes", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {db: {}}", then: "web forked copy", want: "no-op db\ndelete web: not in the spec | delete\n" + alone("copy", "web")},
		{name: "a fork holds its name against the fleet", spec: "sandboxes: {web: {}, copy: {}}", was: web, then: "web forked copy", want: `
			no-op web
			create copy | conflict: the name "copy" is taken by a sandbox with the labels of this fleet that this fleet did not create (write another name in sandboxes.copy, or delete that one)
			` + alone("copy", "web")},
		{
			name: "a fork of what goes does not go, and keeps its name", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {db: {}, copy: {}}", then: "web forked copy", want: `
			no-op db
			create copy | conflict: the name "copy" is taken by a sandbox with the labels of this fleet that this fleet did not create (write another name in sandboxes.copy, or delete that one)
			delete web: not in the spec | delete
			` + alone("copy", "web"),
		},
		{
			name: "a fork outlives its sandbox", was: web, then: "web forked copy\nweb gone", spec: web, want: "create web | create\n" + alone("copy", "web"),
		},
		{
			name: "also when that was not wanted any more", was: "sandboxes: {web: {}, db: {}}", then: "web forked copy\nweb gone", spec: "sandboxes: {db: {}}", want: "no-op db\n" + alone("copy", "web"),
		},
		{
			name: "of several forks each is told with the sandbox that is kept", was: "sandboxes: {web: {name: x}}", then: "web forked b older\nweb forked web", spec: web, want: `create web | conflict: the name "web" is taken by a sandbox with the labels of this fleet that this fleet did not create (write another name in sandboxes.web, or delete that one)` + "\n" + alone("b", "web") + "\n" + alone("web", "web"),
		},
	})
}
