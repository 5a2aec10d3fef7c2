package plan

import (
	"testing"

	"fleet/spec"
)

const web = "sandboxes: {web: {}}" // the smallest fleet

func TestMoved(t *testing.T) {
	moves := func(sandboxes, entries string) string {
		return "sandboxes: {" + sandboxes + "}\nmoved: [" + entries + "]"
	}
	const ab = "{from: sandbox.a, to: sandbox.b}"
	runStories(t, []story{
		{name: "a sandbox that moved is relabelled", was: "sandboxes: {a: {}}", spec: moves("b: {name: a}", ab), want: "update b [address sandbox.a -> sandbox.b] | label"},
		{name: "with what differs", was: "sandboxes: {a: {}}", spec: moves("b: {name: a, public: true}", ab), want: "update b [address sandbox.a -> sandbox.b] [public false -> true] | public/true label"},
		{name: "and its run state", was: "sandboxes: {a: {}}", spec: moves("b: {name: a, state: stopped}", ab), want: "update b [address sandbox.a -> sandbox.b] | stop label"},
		{name: "what forces a replacement does so", was: "sandboxes: {a: {os_user: x}}", spec: moves("b: {name: a, os_user: y}, c: {}", ab), want: `
			replace b [address sandbox.a -> sandbox.b] [os_user x -> y] | delete create
			create c | create`, opts: Options{AllowDestroy: 1}},
		{name: "a protected one is relabelled", was: "sandboxes: {a: {protect: true}}", spec: moves("b: {name: a}", ab), want: "update b [address sandbox.a -> sandbox.b] | label"},
		{name: "and not replaced", was: "sandboxes: {a: {protect: true, os_user: x}}", spec: moves("b: {name: a, os_user: y}", ab), want: `
			replace b [address sandbox.a -> sandbox.b] [os_user x -> y] | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.b lifts it)`},
		{name: "another name would be another sandbox", was: "sandboxes: {a: {}}", spec: moves("b: {}", ab), want: `
			update b [address sandbox.a -> sandbox.b] | renamed: it is called "a", and the spec calls it "b", which would be another sandbox (write name: a in sandboxes.b to keep it; or remove the entry from moved to replace it)`},
		{name: "also for a copy with another index", was: "sandboxes: {w: {count: 1}}", spec: moves("p: {count: 2}", `{from: "sandbox.w[0]", to: "sandbox.p[1]"}`), want: `
			create p[0] | create
			update p[1] [address sandbox.w[0] -> sandbox.p[1]] | renamed: it is called "w-0", and the spec calls it "p-1", which would be another sandbox (give sandboxes.p a name that makes this one w-0 to keep it; or remove the entry from moved to replace it)`},
		{name: "a group with another name, too", was: "sandboxes: {w: {count: 1}}", spec: moves("p: {name: q, count: 1}", "{from: sandbox.w, to: sandbox.p}"), want: `
			update p[0] [address sandbox.w[0] -> sandbox.p[0]] | renamed: its group is called "w", and the spec calls it "q", which would be other sandboxes (write name: w in sandboxes.p to keep them; or remove the entry from moved to replace it)`},
		{name: "a name that is no group's is said of the copy", was: "sandboxes: {w: {}}", spec: moves("p: {count: 1}", `{from: sandbox.w, to: "sandbox.p[0]"}`), want: `
			update p[0] [address sandbox.w -> sandbox.p[0]] | renamed: it is called "w", and the spec calls it "p-0", which would be another sandbox (give sandboxes.p a name that makes this one w to keep it; or remove the entry from moved to replace it)`},
		{name: "a move of what is not there does nothing", was: nothing, spec: moves("b: {}", ab), want: "create b | create"},
		{name: "nor one that was done", was: moves("b: {}", ab), spec: moves("b: {}", ab), want: "no-op b"},
		{name: "what is there already is not taken over", was: "sandboxes: {a: {}, b: {}}", spec: moves("b: {}", ab), want: `
			update b [address sandbox.a -> sandbox.b] | conflict: "a", which was sandbox.a, cannot become sandbox.b: that is "b" already (delete the one that is not needed, or remove the entry from moved)`},
		{name: "moves can be followed by moves", was: "sandboxes: {a: {}}", spec: moves("c: {name: a}", ab+", {from: sandbox.b, to: sandbox.c}"), want: "update c [address sandbox.a -> sandbox.c] | label"},
		{name: "a group moves copy by copy, what is too much goes", was: "sandboxes: {w: {count: 3}}", spec: moves("p: {name: w, count: 2}", "{from: sandbox.w, to: sandbox.p}"), want: `
			update p[0] [address sandbox.w[0] -> sandbox.p[0]] | label
			update p[1] [address sandbox.w[1] -> sandbox.p[1]] | label
			delete w[2]: it moves to sandbox.p[2], which is not in the spec | delete`},
		{name: "a copy may go its own way", was: "sandboxes: {w: {count: 2}}", spec: moves("p: {name: w, count: 1}, x: {name: w-1}", `{from: sandbox.w, to: sandbox.p}, {from: "sandbox.w[1]", to: sandbox.x}`), want: `
			update p[0] [address sandbox.w[0] -> sandbox.p[0]] | label
			update x [address sandbox.w[1] -> sandbox.x] | label`},
		{name: "one does not become a group by itself", was: "sandboxes: {a: {}}", spec: moves("b: {count: 1, on_missing: ignore}", ab), want: `
			no-op b[0] (it does not exist (on_missing: ignore); --create-missing creates it)
			delete a: it moves to sandbox.b, which is not in the spec | delete | illegal: it cannot move: sandbox.b is several sandboxes now (state in moved which one: {from: sandbox.a, to: sandbox.b[0]})`},
		{name: "nor a group one", was: "sandboxes: {a: {count: 1}}", spec: moves("b: {on_missing: ignore}", ab), want: `
			no-op b (it does not exist (on_missing: ignore); --create-missing creates it)
			delete a[0]: it moves to sandbox.b[0], which is not in the spec | delete | illegal: it cannot move: sandbox.b is one sandbox, not several (state in moved which copy it was: {from: sandbox.a[0], to: sandbox.b})`},
		{name: "but is told which", was: "sandboxes: {a: {count: 1}}", spec: moves("b: {name: a-0}", `{from: "sandbox.a[0]", to: sandbox.b}`), want: "update b [address sandbox.a[0] -> sandbox.b] | label"},
		{name: "the old name is free for nobody", was: "sandboxes: {a: {}}", spec: moves("b: {}, new: {name: a}", ab), want: `
			update b [address sandbox.a -> sandbox.b] | renamed: it is called "a", and the spec calls it "b", which would be another sandbox (write name: a in sandboxes.b to keep it; or remove the entry from moved to replace it)
			create new | create | conflict: the name "a" is that of sandbox.b, which stays (write another name in sandboxes.new)`},
		{name: "a fork does not move", was: "sandboxes: {a: {}}", then: "a forked copy", spec: moves("b: {name: a}", ab), want: `
			update b [address sandbox.a -> sandbox.b] | label
			warning: sandbox "copy" carries the labels of sandbox.a: it is probably a fork, and fleet does not change it`},
		{name: "an owner that moved is the same owner", was: "sandboxes: {a: {}, side: {linked_sandbox: a, ephemeral: true}}", then: "side detailed", spec: moves("b: {name: a}, side: {linked_sandbox: b, ephemeral: true}", ab), want: `
			update b [address sandbox.a -> sandbox.b] | label
			update side: its labels are out of date | label | after b`},
		{name: "what is destroyed goes under the address that it had", was: "sandboxes: {a: {}}", spec: moves("b: {name: a}", ab), opts: Options{Destroy: true}, want: "delete a: the fleet is destroyed | delete"},
		{name: "and is protected under the one that it has", was: "sandboxes: {a: {}}", spec: moves("b: {protect: true}", ab), opts: Options{Destroy: true}, want: "delete a: the fleet is destroyed | delete | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.b lifts it)"},
	})
}

func TestFormerNames(t *testing.T) {
	const former = "\nmoved: [{from: fleet.shop}]"
	runStories(t, []story{
		{name: "a fleet that was renamed is relabelled", spec: web + former, then: "web of shop", want: "update web [fleet shop -> demo] | label"},
		{name: "what left it meanwhile goes", was: "sandboxes: {web: {}, db: {}}", then: "web of shop\ndb of shop", spec: web + former, want: `
			update web [fleet shop -> demo] | label
			delete db: not in the spec | delete`},
		{name: "or is kept under the new name", was: "sandboxes: {web: {}, db: {on_remove: stop}}", then: "db of shop", spec: web + former, want: `
			no-op web
			update db: not in the spec; on_remove: stop [fleet shop -> demo] | stop label`},
		{name: "also when it is stopped already", was: "sandboxes: {web: {}, db: {on_remove: stop}}", then: "db of shop\ndb stopped", spec: web + former, want: `
			no-op web
			update db: not in the spec; on_remove: stop [fleet shop -> demo] | label`},
		{name: "what moved in one go with it is found", was: "sandboxes: {a: {}}", then: "a of shop", spec: "sandboxes: {b: {name: a}}\nmoved: [{from: fleet.shop}, {from: sandbox.a, to: sandbox.b}]", want: "update b [address sandbox.a -> sandbox.b] [fleet shop -> demo] | label"},
		{name: "a name that follows the fleet's would be another sandbox", was: "sandboxes: {web: {name: shop-web}}", then: "web of shop", spec: "sandboxes: {web: {name: demo-web}}" + former, want: `
			update web [fleet shop -> demo] | renamed: it is called "shop-web", and the spec calls it "demo-web", which would be another sandbox (write name: shop-web in sandboxes.web to keep it; or remove the entry from moved to replace it)`},
		{name: "two of one key are one too many", was: "sandboxes: {web: {}, other: {}}", then: "other of shop\nother labelled fleet-key=web", spec: web + former, want: `
			update web [fleet shop -> demo] | conflict: "other", which was sandbox.web of the fleet shop, cannot become sandbox.web: that is "web" already (delete the one that is not needed, or remove the entry from moved)`},
		{name: "the end of the fleet is that of the former one", spec: web + former, then: "web of shop", opts: Options{Destroy: true}, want: "delete web: the fleet is destroyed | delete"},
		{name: "a name that goes is free after that", was: "sandboxes: {old: {name: web}, db: {}}", then: "old of shop", spec: "sandboxes: {db: {}, web: {}}" + former, want: `
			no-op db
			create web | create | after old
			delete old: not in the spec | delete`},
		{name: "other fleets are others", spec: web + former, then: "web of store", want: `
			create web | conflict: the name "web" is taken by a sandbox of the fleet "store" (write another name in sandboxes.web; or, if that is what this fleet was called before, write moved: [{from: fleet.store}])`},
	})
}

// TestOnRemove checks the steps of sandboxes that the spec no longer declares.
func TestOnRemove(t *testing.T) {
	leaves := func(what string) string { return "sandboxes: {web: {}, db: {on_remove: " + what + "}}" }
	released := web + "\nremoved: [{from: sandbox.db, destroy: false}]"
	const protected = "it is protected, and releasing it would remove the protection (declare sandbox.db again with protect: false and apply, then remove it)"
	runStories(t, []story{
		{name: "it is deleted when that is said", was: leaves("delete"), spec: web, want: "no-op web\ndelete db: not in the spec | delete"},
		{name: "or stopped", was: leaves("stop"), spec: web, want: "no-op web\nstop db: not in the spec; on_remove: stop | stop"},
		{name: "after what is under way", was: leaves("stop"), then: "db starting>started", spec: web, want: "no-op web\nstop db: not in the spec; on_remove: stop | settle stop"},
		{name: "and then kept", was: leaves("stop"), then: "db stopped", spec: web, want: "no-op web\nno-op db (not in the spec; on_remove: stop)"},
		{name: "archived is more than stopped", was: leaves("stop"), then: "db archived", spec: web, want: "no-op web\nno-op db (not in the spec; on_remove: stop)"},
		{name: "or archived", was: leaves("archive"), spec: web, want: "no-op web\narchive db: not in the spec; on_remove: archive | stop archive"},
		{name: "from where it is", was: leaves("archive"), then: "db stopped", spec: web, want: "no-op web\narchive db: not in the spec; on_remove: archive | archive"},
		{name: "and then kept, too", was: leaves("archive"), then: "db archived", spec: web, want: "no-op web\nno-op db (not in the spec; on_remove: archive)"},
		{name: "what failed need not be stopped", was: leaves("archive"), then: "db error: x", spec: web, want: "no-op web\nno-op db (not in the spec; on_remove: archive)"},
		{name: "or released", was: leaves("release"), spec: web, want: "no-op web\nrelease db: not in the spec; on_remove: release | release"},
		{name: "a copy too many, likewise", was: "sandboxes: {w: {count: 2, on_remove: stop}}", spec: "sandboxes: {w: {count: 1, on_remove: delete}}", want: `
			update w[0] [on_remove stop -> delete] | label
			stop w[1]: not in the spec; on_remove: stop | stop`},
		{name: "removed lets go, whatever was said", was: leaves("stop"), spec: released, want: "no-op web\nrelease db: removed with destroy: false | release"},
		{name: "in its group, too", was: "sandboxes: {web: {}, w: {count: 2}}", spec: web + "\nremoved: [{from: sandbox.w, destroy: false}]", want: `
			no-op web
			release w[0]: removed with destroy: false | release
			release w[1]: removed with destroy: false | release`},
		{name: "what is protected is not let go", was: "sandboxes: {web: {}, db: {protect: true}}", spec: released, want: "no-op web\nrelease db: removed with destroy: false | release | protected: " + protected},
		{name: "nor by on_remove", was: "sandboxes: {web: {}, db: {protect: true, on_remove: release}}", spec: web, want: "no-op web\nrelease db: not in the spec; on_remove: release | release | protected: " + protected},
		{name: "but stopped", was: "sandboxes: {web: {}, db: {protect: true, on_remove: stop}}", spec: web, want: "no-op web\nstop db: not in the spec; on_remove: stop | stop"},
		{name: "a stop must not delete", was: leaves("stop"), then: "db is auto_delete_interval=0", spec: web, want: `
			no-op web
			stop db: not in the spec; on_remove: stop | illegal: it is ephemeral: a stop would delete it (release it: removed: [{from: sandbox.db, destroy: false}])`},
		{name: "a word that is not known deletes nothing", was: leaves("stop"), then: "db labelled fleet-remove=shelve", spec: web, want: `
			no-op web
			delete db: not in the spec | delete | illegal: its label fleet-remove is "shelve", which this version of fleet does not support (use a newer version of fleet, or set that label to delete, stop, archive or release)`},
		{name: "what stays keeps its name", was: "sandboxes: {web: {}, db: {name: x, on_remove: stop}}", spec: "sandboxes: {web: {}, new: {name: x}}", want: `
			no-op web
			create new | create | conflict: the name "x" is that of sandbox.db, which stays (write another name in sandboxes.new)
			stop db: not in the spec; on_remove: stop | stop`},
		{name: "also against one that gets it by replacement", was: "sandboxes: {web: {}, db: {name: x, on_remove: stop}}", spec: "sandboxes: {web: {name: x}}", want: `
			replace web [name web -> x] | delete create | conflict: the name "x" is that of sandbox.db, which stays (write another name in sandboxes.web)
			stop db: not in the spec; on_remove: stop | stop`},
		{name: "what is released is not adopted by the next plan", was: "sandboxes: {db: {name: x, on_remove: release}}", spec: "sandboxes: {new: {name: x, adopt: true, on_missing: ignore}}", want: `
			create new | conflict: the name "x" is that of sandbox.db, which stays (write another name in sandboxes.new)
			release db: not in the spec; on_remove: release | release`},
		{name: "nor when all are", was: "sandboxes: {db: {name: x, on_remove: release}}", spec: "sandboxes: {new: {name: x, on_missing: ignore}}", opts: Options{AdoptAll: true}, want: `
			create new | conflict: the name "x" is that of sandbox.db, which stays (write another name in sandboxes.new)
			release db: not in the spec; on_remove: release | release`},
		{name: "which does no harm where nothing is adopted", was: "sandboxes: {db: {name: x, on_remove: release}}", spec: "sandboxes: {new: {name: x, on_missing: ignore}}", want: `
			no-op new (it does not exist (on_missing: ignore); --create-missing creates it)
			release db: not in the spec; on_remove: release | release`},
		{name: "or nothing is released", was: "sandboxes: {db: {name: x, on_remove: stop}}", spec: "sandboxes: {new: {name: x, adopt: true, on_missing: ignore}}", want: `
			no-op new (it does not exist (on_missing: ignore); --create-missing creates it)
			stop db: not in the spec; on_remove: stop | stop`},
		{name: "one that is declared again is as it was", was: leaves("stop"), then: "db stopped", spec: "sandboxes: {web: {}, db: {}}", want: "no-op web\nno-op db"},
		{name: "snapshots that are let go are not pruned", was: "snapshots: {tmp-a: {image: 'a:1'}, tmp-b: {image: 'a:1'}}\nvolumes: {tmp-v: {}}\n" + web, spec: "owns: {snapshots: ['tmp-*'], volumes: ['tmp-*']}\nremoved: [{from: snapshot.tmp-a, destroy: false}, {from: volume.tmp-v, destroy: false}]\n" + web, want: `
			no-op web
			delete snapshot.tmp-b: matches owns and is not in the spec | delete`},
	})
}

// The deletion of a fleet respects on_remove.
func TestDestroyRespectsOnRemove(t *testing.T) {
	destroy := Options{Destroy: true, DestroyVolumes: true}
	runStories(t, []story{
		{name: "by the label", was: "sandboxes: {db: {on_remove: stop}}", spec: nothing, opts: destroy, want: "stop db: the fleet is destroyed; on_remove: stop | stop"},
		{name: "by the spec first", was: "sandboxes: {db: {on_remove: stop}}", spec: "sandboxes: {db: {on_remove: release}}", opts: destroy, want: "release db: the fleet is destroyed; on_remove: release | release"},
		{name: "which may be to delete", was: "sandboxes: {db: {on_remove: stop}}", spec: "sandboxes: {db: {on_remove: delete}}", opts: destroy, want: "delete db: the fleet is destroyed | delete"},
		{name: "and then there is nothing to do", spec: "sandboxes: {db: {on_remove: stop}}", then: "db stopped", opts: destroy, want: "no-op db (the fleet is destroyed; on_remove: stop)"},
		{name: "what is mounted stays", spec: "volumes: {cache: {}}\nsandboxes: {db: {on_remove: stop, volumes: [{volume: cache, mount_path: /c}]}}", then: "db stopped", opts: destroy, want: `
			no-op db (the fleet is destroyed; on_remove: stop)
			delete volume.cache: the fleet is destroyed | delete | illegal: sandbox.db uses it, and is kept (on_remove: delete in sandboxes.db deletes both)`},
		{name: "what is listed as let go is let go", was: "sandboxes: {db: {}}", spec: "sandboxes: {}\nremoved: [{from: sandbox.db, destroy: false}]", opts: destroy, want: "release db: removed with destroy: false | release"},
	})
}

// The blast radius does not count sandboxes that are retained or released.
func TestBlastRadiusCountsDeletions(t *testing.T) {
	many := "sandboxes: {web: {}, w: {count: 30, on_remove: stop}}"
	for _, s := range (story{was: many, spec: web}).plan(t).Steps {
		same(t, s.Address.String(), s.Blocked, nil)
	}
	p := story{was: "sandboxes: {web: {}, db: {on_remove: stop}}", then: "db stopped", spec: nothing}.plan(t)
	if b := p.Steps[1].Blocked; b == nil || b.Kind != BlastRadius || b.Reason != "this deletes all sandboxes of the fleet (1)" {
		t.Errorf("the last sandbox that was not kept goes unasked:\n%s", lines(p))
	}
	p = story{was: "sandboxes: {web: {}, db: {on_remove: release}}", spec: nothing}.plan(t)
	same(t, "with another that is let go", p.Steps[1].Blocked, nil)
}

func TestOnMissing(t *testing.T) {
	const job = "sandboxes: {job: {on_missing: ignore}}"
	const kept = "no-op job (it does not exist (on_missing: ignore); --create-missing creates it)"
	runStories(t, []story{
		{name: "a sandbox that is not there may be left away", was: nothing, spec: job, want: kept},
		{name: "until a flag says otherwise", was: nothing, spec: job, opts: Options{CreateMissing: true}, want: "create job | create"},
		{name: "recreate is what is done anyway", was: nothing, spec: "sandboxes: {job: {on_missing: recreate}}", want: "create job | create"},
		{name: "one that is there is kept as wanted", was: job, spec: "sandboxes: {job: {on_missing: ignore, public: true}}", want: "update job [public false -> true] | public/true"},
		{name: "a name that is taken does not matter", spec: job, then: "job unowned", want: kept},
		{name: "unless it is adopted", spec: "sandboxes: {job: {on_missing: ignore, adopt: true}}", then: "job unowned", want: "adopt job: no fleet owns it | label"},
		{name: "a replacement is no creation", was: "sandboxes: {job: {os_user: x}}", spec: "sandboxes: {job: {on_missing: ignore, os_user: y}}", want: "replace job [os_user x -> y] | delete create"},
		{name: "nothing can be linked to what is left away", was: nothing, spec: "sandboxes: {job: {on_missing: ignore}, side: {linked_sandbox: job, ephemeral: true}}", want: kept + `
			create side | create | illegal: sandbox.job, to which it is linked, does not exist and will not be created (--create-missing creates it)`},
		{name: "what it is made of need not be there", was: nothing, spec: "sandboxes: {job: {on_missing: ignore, snapshot: nowhere}}", want: kept},
	})
	p := story{was: nothing, spec: job}.plan(t)
	same(t, "drift", p.Steps[0].Drift, Expected)
	same(t, "counts", p.Counts(), Counts{Retained: 1})
	same(t, "empty", p.Empty(), true)
}

func TestOnError(t *testing.T) {
	const lost, full = "web error: lost", "web recoverable full"
	on := func(what string) string { return "sandboxes: {web: {on_error: " + what + "}, other: {}}" }
	runStories(t, []story{
		{name: "recover recovers", spec: on("recover"), then: full, want: "recover web: it is in state error: full | recover\nno-op other"},
		{name: "and never replaces", spec: on("recover"), then: lost, want: `
			recover web: it is in state error: lost | illegal: the server cannot recover it, and on_error: recover does not replace it (save its data, then delete it or write on_error: replace in sandboxes.web)
			no-op other`},
		{name: "replace replaces what could be recovered", spec: on("replace"), then: full, want: "replace web: it is in state error: full | delete create\nno-op other"},
		{name: "and what could not", spec: on("replace"), then: lost, want: "replace web: it is in state error: lost | delete create\nno-op other"},
		{name: "but not what is protected", spec: "sandboxes: {web: {on_error: replace, protect: true}}", then: full, want: `
			replace web: it is in state error: full | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.web lifts it)`},
		{name: "report leaves it", was: "sandboxes: {web: {}, other: {}}", spec: "sandboxes: {web: {on_error: report, public: true}, other: {}}", then: full, want: "no-op web (it is in state error: full (on_error: report))\nno-op other"},
		{name: "it says nothing of one that is well", spec: on("report"), want: "no-op web\nno-op other"},
		{name: "nothing can be linked to what is left failed", was: "sandboxes: {web: {}}", then: lost, spec: "sandboxes: {web: {on_error: report}, side: {linked_sandbox: web, ephemeral: true}}", want: `
			no-op web (it is in state error: lost (on_error: report))
			create side | create | illegal: sandbox.web, to which it is linked, is in state error and will not be repaired (take on_error: report out of sandboxes.web)`},
	})
	for event, drift := range map[string]Drift{full: InPlace, lost: Replacement} {
		same(t, event, story{spec: on("report"), then: event}.plan(t).Steps[0].Drift, drift)
	}
}

func TestIgnored(t *testing.T) {
	block := func(attributes, paths string) string {
		return "sandboxes: {web: {" + attributes + ", ignore: [" + paths + "]}}"
	}
	runStories(t, []story{
		{name: "what is ignored is left as it is", was: "sandboxes: {web: {public: true}}", spec: block("public: false", "public"), want: "no-op web (ignored: public is true, not false)"},
		{name: "and no more than that", was: "sandboxes: {web: {public: true, auto_stop_interval: 5}}", spec: block("public: false, auto_stop_interval: 6", "public"), want: "update web [auto_stop_interval 5 -> 6] (ignored: public is true, not false) | autostop/6"},
		{
			name: "of what takes several lines it is told that it differs", was: "sandboxes: {web: {image: 'a:1'}}", then: "web detailed",
			spec: "images: {py: {debian_slim: '3.12', steps: [{workdir: /x}]}}\n" + block("image: py", "image"), want: "no-op web (ignored: image differs)",
		},
		{name: "what is as wanted is not spoken of", spec: block("public: true", "public"), want: "no-op web"},
		{name: "a label of others", was: "sandboxes: {web: {labels: {team: a, x: y}}}", then: "web labelled team=b", spec: block("labels: {team: a, x: z}", "labels.team"), want: "update web [labels {x=y} -> {x=z}] (ignored: labels is {team=b}, not {team=a}) | label"},
		{name: "a label that somebody took away", spec: block("labels: {team: a}", "labels.team"), then: "web labelled team=", want: "no-op web (ignored: labels is {}, not {team=a})"},
		{name: "all labels", spec: block("labels: {team: a}", "labels"), then: "web labelled team=b", want: "no-op web (ignored: labels is {team=b}, not {team=a})"},
		{name: "what would replace it", was: "sandboxes: {web: {env_vars: {A: one}}}", spec: block("env_vars: {A: two}", "env_vars"), want: "no-op web (ignored: env_vars is another one)"},
		{name: "a variable of many", was: "sandboxes: {web: {env_vars: {A: one, B: x}, ignore: [env_vars.A]}}", spec: block("env_vars: {A: two, B: x}", "env_vars.A"), want: "no-op web"},
		{name: "which shows where it can be seen", was: "sandboxes: {web: {env_vars: {A: one, B: x}, ignore: [env_vars.A]}}", then: "web detailed", spec: block("env_vars: {A: two, B: x}", "env_vars.A"), want: "no-op web (ignored: env_vars is {A=(hidden)}, not {A=(changed)})"},
		{name: "the others count", was: "sandboxes: {web: {env_vars: {A: one, B: x}, ignore: [env_vars.A]}}", then: "web detailed", spec: block("env_vars: {A: two, B: y}", "env_vars.A"), want: "replace web [env_vars {B=(hidden)} -> {B=(changed)}] | delete create"},
		{name: "sizes together", was: "sandboxes: {web: {image: 'a:1', resources: {cpu: 1, memory: 1, disk: 9}}}", spec: block("image: 'a:1', resources: {cpu: 2, memory: 1, disk: 3}", "resources"), want: "no-op web (ignored: resources.cpu is 1, not 2; resources.disk is 9, not 3)"},
		{name: "the content of a snapshot with the snapshot", was: "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base}}", spec: "snapshots: {base: {image: 'a:2'}}\n" + block("snapshot: base", "snapshot"), opts: Options{AllowDestroy: 9}, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			no-op web (ignored: snapshot content is another one)
			` + whileReplaced},
		{name: "an adopted sandbox keeps it", was: "sandboxes: {web: {labels: {team: a}}}", then: "web unowned\nweb is public=true", spec: block("adopt: true, public: false, labels: {team: b}", "public, labels.team"), want: "adopt web: no fleet owns it (ignored: labels is {}, not {team=b}; public is true, not false) | label"},
		{name: "what is ephemeral by hand is not stopped", was: "sandboxes: {web: {image: 'a:1', auto_delete_interval: -1, resources: {disk: 3}}}", then: "web is auto_delete_interval=0", spec: block("image: 'a:1', auto_delete_interval: -1, resources: {disk: 4}", "auto_delete_interval"), opts: Options{AllowDestroy: 1}, want: `
			replace web: it must be stopped for that, and an ephemeral sandbox does not survive a stop [resources.disk 3 -> 4] | delete create`},
	})
}

// Observe and Compute agree on the sandboxes that the fleet owns.
func TestOwned(t *testing.T) {
	f := parse(t, "sandboxes: {b: {name: a}, web: {}}\nmoved: [{from: sandbox.a, to: sandbox.b}, {from: fleet.shop}]")
	w := newWorld(t, parse(t, "sandboxes: {a: {}, web: {}, gone: {}}"))
	w.find(t, spec.SandboxKind, "web").Labels[spec.FleetLabel] = "shop"
	got := map[string]string{}
	for key, o := range w.OwnedSandboxes(f) {
		got[key] = o.Name
	}
	same(t, "owned", got, map[string]string{"b": "a", "web": "web", "gone": "gone"})
}
