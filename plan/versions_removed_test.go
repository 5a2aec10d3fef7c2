package plan

import (
	"testing"

	"fleet/spec"
)

// An entry of removed stands for all versions of a snapshot that the fleet owns.
func TestRemovedVersions(t *testing.T) {
	const web = "sandboxes: {web: {snapshot: daytona-small}}\n"
	const removed = "removed: [snapshot.base]\n" + web
	const trial1 = "  trial1: {image: 'a:1', name: base-" + version1 + ".trial}\n"
	const alienTrial = "  trial2: {image: 'a:1', name: base-000000000000.trial}\n"
	runStories(t, []story{
		{name: "all of them", was: all + content2 + former1 + trial1 + web, spec: removed, want: `
			no-op web
			delete snapshot.base-c907e3422ddb: a version of snapshot.base, which is listed under removed | delete
			delete snapshot.base-ef62cc186a15: a version of snapshot.base, which is listed under removed | delete
			delete snapshot.base-ef62cc186a15.trial: a version of snapshot.base, which is listed under removed | delete`},
		{name: "the one without a version, too", was: all + fixed1 + former2 + web, spec: removed, want: `
			no-op web
			delete snapshot.base: listed under removed | delete
			delete snapshot.base-c907e3422ddb: a version of snapshot.base, which is listed under removed | delete`},
		{name: "with its last sandboxes", was: all + content1 + "sandboxes: {web: {snapshot: daytona-small}, old: {snapshot: base}}", spec: removed, want: `
			no-op web
			delete old: not in the spec | delete
			delete snapshot.base-ef62cc186a15: a version of snapshot.base, which is listed under removed | delete | after old`},
		{name: "not proven", was: all + alien + alienTrial + web, spec: removed, want: `
			no-op web
			no-op snapshot.base-000000000000 (has the name of a version of snapshot.base, and nothing proves that this fleet created it)
			no-op snapshot.base-000000000000.trial (has the name of a version of snapshot.base, and nothing proves that this fleet created it)`},
		{name: "recorded", was: all + alien + web, spec: removed, opts: Options{Creations: []Creation{{Name: "base-000000000000", ID: "id-of-base-000000000000"}}}, want: `
			no-op web
			delete snapshot.base-000000000000: a version of snapshot.base, which is listed under removed | delete`},
		{name: "others use one", was: all + content2 + former1 + web, then: "snapshot.former1 used by alice", spec: removed, want: `
			no-op web
			delete snapshot.base-c907e3422ddb: a version of snapshot.base, which is listed under removed | delete
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandbox "alice" uses it)`},
		{name: "an archived sandbox uses it", was: all + content1 + "sandboxes: {web: {snapshot: daytona-small}, old: {snapshot: base, on_remove: archive}}", spec: removed, want: `
			no-op web
			archive old: not in the spec; on_remove: archive | stop archive
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: sandbox "old" uses it)`},
		{name: "owns covers one as well", was: all + content1 + alien + web, spec: "owns: {snapshots: ['base-0*']}\n" + removed, want: `
			no-op web
			delete snapshot.base-000000000000: a version of snapshot.base, which is listed under removed | delete
			delete snapshot.base-ef62cc186a15: a version of snapshot.base, which is listed under removed | delete`},
		{name: "one is released", was: all + content2 + former1 + web, spec: "removed: [snapshot.base, {from: snapshot.base-" + version1 + ", destroy: false}]\n" + web, want: `
			no-op web
			delete snapshot.base-c907e3422ddb: a version of snapshot.base, which is listed under removed | delete`},
		{name: "all are released", was: all + content2 + former1 + web, spec: "owns: {snapshots: ['base-*']}\nremoved: [{from: snapshot.base, destroy: false}]\n" + web, opts: Options{Creations: []Creation{{Name: "base-" + version1, ID: "id-of-base-" + version1}}}, want: `
			no-op web`},
		{name: "one is declared", was: all + content2 + former1 + web, spec: removed + all + former1, want: `
			no-op snapshot.former1
			no-op web
			delete snapshot.base-c907e3422ddb: a version of snapshot.base, which is listed under removed | delete`},
		{name: "another snapshot has such a name", was: all + "  other: {image: 'a:1', name: base-ef62cc186a15-arm}\n  third: {image: 'a:1', name: base-1}\n" + web, spec: removed, want: `
			no-op web`},
		{name: "the fixed one, beside the versions of the declared one", was: all + former2 + former1 + fixed1 + web, spec: "removed: [snapshot.base]\n" + all + "  base: {image: 'a:2', versioning: content, keep: 1}\n" + web, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-fixed: listed under removed | delete
			no-op snapshot.base-ef62cc186a15`},
		{name: "destroyed", was: all + content1 + web, spec: removed, opts: Options{Destroy: true}, want: `
			delete web: the fleet is destroyed | delete
			delete snapshot.base-ef62cc186a15: a version of snapshot.base, which is listed under removed | delete | after web`},
		{name: "on its way out", was: all + content1 + web, then: "snapshot.base removing", spec: removed, want: `
			no-op web`},
		{name: "the platform's", was: all + content1 + web, then: "snapshot.base shared", spec: removed, want: `
			no-op web`},
	})
}

// A destroyed fleet deletes the versions of a snapshot whose content depends on variables
// that are not set, and no other snapshot.
func TestDestroyUnknownVersion(t *testing.T) {
	w := newWorld(t, parse(t, all+former2+former1+alien+"  fixed: {image: 'a:1', name: base}\n"+"sandboxes: {web: {snapshot: base-"+version2+"}}"))
	f, err := spec.Options{Unset: spec.UnsetAll}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: " + fleetName + "\nenv: [TAG]\nsnapshots: {base: {image: 'a:${env.TAG}', versioning: content, keep: 3}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	w.observe(f)
	same(t, "plan", lines(mustCompute(f, w, Options{Destroy: true})), trimmed(`
		delete web: the fleet is destroyed | delete
		no-op snapshot.base-000000000000 (has the name of a version of snapshot.base, and nothing proves that this fleet created it)
		delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web
		delete snapshot.base-c907e3422ddb: a former version of snapshot.base that no sandbox uses | delete | after web`))
	if atRisk := w.AtRisk(f, Options{Destroy: true}); len(atRisk) != 4 {
		t.Errorf("%d snapshots at risk, want those with the name base or of a version", len(atRisk))
	}
	for _, s := range mustCompute(f, w, Options{}).Steps {
		if s.Address.Kind == spec.SnapshotKind && s.Action.Destroys() {
			t.Errorf("%s would be destroyed though its version is not known", s.Address)
		}
	}
}
