package plan

import (
	"strings"
	"testing"
	"time"

	"fleet/spec"
)

// recordedAlien is the record of the creation of base-000000000000.
var recordedAlien = []Creation{{Name: "base-000000000000", ID: "id-of-base-000000000000"}}

// A former version is deleted only once its successor can be used.
func TestFormerVersionsWaitForTheirSuccessor(t *testing.T) {
	const active2 = "  base: {image: 'a:2', versioning: content, active: true}\n"
	runStories(t, []story{
		{name: "it is still being built", was: all + content2 + former1, then: "snapshot.base building>active", spec: all + content2, want: `
			wait snapshot.base: it is building | await
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after snapshot.base`},
		{name: "it is inactive", was: all + content2 + former1, then: "snapshot.base inactive", spec: all + active2, want: `
			activate snapshot.base: the spec wants it active | activate
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after snapshot.base`},
		{name: "it failed", was: all + content2 + former1, then: "snapshot.base error: x", spec: all + content2, want: `
			replace snapshot.base: it is in state error: x | delete create
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after snapshot.base`},
		{name: "it is not selected", was: all + content1, spec: all + content2, opts: Options{Select: Selection{Only: []Action{Delete}}}, want: `
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: this plan does not create the new version)`},
		{name: "it cannot be created", was: all + former1, spec: all + "  base: {image: 'a:2', versioning: content, pin: " + version2 + "}\n", want: `
			create snapshot.base | create | illegal: there is no version c907e3422ddb of it (pin ef62cc186a15, or remove the pin in snapshots.base)
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept: this plan does not create the new version)`},
	})
}

// What another run may be about to use is left as it is, unless a record or a sandbox
// shows that the fleet owns it.
func TestVersionsOfOtherRuns(t *testing.T) {
	const notYet = `
			no-op snapshot.base
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept for now: another run may have just created it)`
	const deleted = `
			no-op snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete`
	recorded := []Creation{{Name: "base-" + version1, ID: "id-of-base-" + version1}}
	const building = "snapshot.former1 building>active"
	runStories(t, []story{
		{name: "it is being built", was: all + content2 + former1, then: building, spec: all + content2, want: notYet},
		{name: "the fleet is destroyed meanwhile", was: all + content2 + former1, then: building, spec: all + content2, opts: Options{Destroy: true}, want: `
			delete snapshot.base: the fleet is destroyed | delete
			no-op snapshot.base-ef62cc186a15 (a former version of snapshot.base, kept for now: another run may have just created it)`},
		{name: "this machine has created it", was: all + content2 + former1, then: building, spec: all + content2, opts: Options{Creations: recorded}, want: `
			no-op snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | settle delete`},
		{name: "it could not be built", was: all + content2 + former1, then: "snapshot.former1 error: x", spec: all + content2, want: deleted},
		{name: "a trial that is being built", was: all + fixed1 + "  trial: {image: 'a:2', name: base-" + version2 + ".trial}\n", then: "snapshot.trial building>active", spec: all + fixed1, want: `
			no-op snapshot.base`},
	})
	for _, c := range []struct {
		name string
		age  time.Duration
		want string
	}{
		{"just created", time.Second, notYet},
		{"the clocks differ", -time.Hour, notYet},
		{"recent", recentVersion - 1, notYet},
		{"old", recentVersion, deleted},
	} {
		w := newWorld(t, parse(t, all+content2+former1))
		f := parse(t, all+content2)
		w.observe(f)
		o := w.find(t, spec.SnapshotKind, "base-"+version1)
		w.ObservedAt = o.Created.Add(c.age)
		same(t, c.name, lines(mustCompute(f, w, Options{})), trimmed(c.want))
		same(t, c.name+", recorded", lines(mustCompute(f, w, Options{Creations: recorded})), trimmed(deleted))
	}
}

// Each snapshot has one step, whatever else its name matches.
func TestVersionsHaveOneStep(t *testing.T) {
	const owns = "owns: {snapshots: ['base*']}\n"
	const trial2 = "  trial: {image: 'a:2', name: base-" + version2 + ".trial}\n"
	runStories(t, []story{
		{name: "a fixed snapshot and a pattern", was: all + content1 + user, spec: owns + all + fixed1 + user, want: `
			create snapshot.base | create
			replace web: the content of its snapshot has changed [snapshot base-ef62cc186a15 -> base] [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
		{name: "a pattern, and content that proves nothing", was: all + fixed1 + alien + user, spec: owns + all + fixed1 + user, want: `
			no-op snapshot.base
			no-op web
			delete snapshot.base-000000000000: matches owns and is not in the spec | delete`},
		{name: "a pattern, and a trial that is used again", was: all + fixed1 + trial2, spec: owns + all + "  base: {image: 'a:2'}\n", want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			warning: no sandbox can be created from snapshot.base while the plan replaces it; versioning: content keeps the old version until the new one can be used`},
		{name: "a pattern, and a trial that is left over", was: all + fixed1 + trial2, spec: owns + all + fixed1, want: `
			no-op snapshot.base
			delete snapshot.base-c907e3422ddb.trial: an interrupted replacement of snapshot.base left it | delete`},
		{name: "another one is declared as base-fixed", was: all + fixed1 + "  base-fixed: {image: 'a:7'}\n" + user, spec: all + content1 + "  base-fixed: {image: 'a:7'}\n" + user, want: `
			create snapshot.base: version ef62cc186a15 [name base -> base-ef62cc186a15] | create
			no-op snapshot.base-fixed
			replace web: the content of its snapshot has changed [snapshot base -> base-ef62cc186a15] [snapshot content (another value) -> (as in the spec)] | delete create | after snapshot.base
			delete snapshot.base-fixed-fixed: a former version of snapshot.base that no sandbox uses | delete | after web, snapshot.base`},
	})
}

// unsetWorld returns a world with two versions of base and a snapshot of that name, and a
// spec of it whose content is not known.
func unsetWorld(t *testing.T, attributes string) (*World, *spec.Fleet) {
	t.Helper()
	w := newWorld(t, parse(t, all+former1+former2+"  base: {image: 'a:1'}\n"))
	text := "version: 1\nname: " + fleetName + "\nenv: [TAG]\nowns: {snapshots: ['base*']}\n" +
		"snapshots: {base: {image: 'a:${env.TAG}', versioning: content" + attributes + "}}\n"
	f, err := spec.Options{Unset: spec.UnsetEnvironment}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	w.observe(f)
	return w, f
}

// If the content depends on values that are not set, each version may be the declared one.
func TestVersionIsUnknown(t *testing.T) {
	recorded := []Creation{{Name: "base-" + version1, ID: "id-of-base-" + version1}}
	w, f := unsetWorld(t, "")
	p := mustCompute(f, w, Options{Creations: recorded})
	same(t, "plan", lines(p), trimmed(`
		no-op snapshot.base (not compared: image)
		warning: not set: $TAG (fleet.yaml:5:30). What depends on these values is not compared, and apply needs them`))
	same(t, "drift", p.Steps[0].Drift, NotCompared)
	same(t, "orphans", len(w.OrphanSnapshots(f, recorded)), 0)
	same(t, "unmanaged", len(FindUnmanaged(f, w, nil).Objects), 0)
	same(t, "undetermined", len(w.UndeterminedVersions(f)), 3)

	// The end of the fleet is the end of all versions that it owns.
	same(t, "destroy", lines(mustCompute(f, w, Options{Destroy: true})), trimmed(`
		delete snapshot.base-fixed: a former version of snapshot.base that no sandbox uses | delete
		delete snapshot.base-c907e3422ddb: a former version of snapshot.base that no sandbox uses | delete
		delete snapshot.base-ef62cc186a15: a former version of snapshot.base that no sandbox uses | delete`))

	// The content may be that of any version other than the pinned one.
	w, f = unsetWorld(t, ", pin: "+version1)
	for _, s := range mustCompute(f, w, Options{}).Steps {
		if _, isVersion := f.Resources[0].VersionIn(s.Have.Name); isVersion && s.Action != NoOp {
			t.Errorf("with a pin: %s", line(s))
		}
	}
}

// Without an owner, a snapshot that only has the name without a version is left as it is,
// even if the fleet is destroyed.
func TestVersionIsUnknownAndUnowned(t *testing.T) {
	w := newWorld(t, parse(t, all+fixed1))
	f, err := spec.Options{Unset: spec.UnsetEnvironment}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: " + fleetName +
		"\nenv: [TAG]\nsnapshots: {base: {image: 'a:${env.TAG}', versioning: content}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	w.observe(f)
	same(t, "destroy", lines(mustCompute(f, w, Options{Destroy: true})), "")
}

// A rollback without a version never moves sandboxes to a snapshot of unknown owner.
func TestRollbackToUnowned(t *testing.T) {
	const keep = "  base: {image: 'a:2', versioning: content, keep: 3}\n"
	w := newWorld(t, parse(t, all+keep+alien+user))
	f := parse(t, all+keep+user)
	w.observe(f)
	r := resourceAt(t, f, "snapshot.base")
	w.find(t, spec.SnapshotKind, r.Name()).Created = w.find(t, spec.SnapshotKind, "base-000000000000").Created.Add(time.Hour)
	if v, err := w.RollbackVersion(f, r, nil, ""); err == nil || !strings.Contains(err.Error(), "name one with --to: 000000000000") {
		t.Errorf("got %q, %v", v, err)
	}
	if v, err := w.RollbackVersion(f, r, recordedAlien, ""); err != nil || v != "000000000000" {
		t.Errorf("recorded: %q, %v", v, err)
	}
	if v, err := w.RollbackVersion(f, r, nil, "000000000000"); err != nil || v != "000000000000" {
		t.Errorf("by name: %q, %v", v, err)
	}
	same(t, "unmanaged", len(FindUnmanaged(f, w, nil).Objects), 1)
	same(t, "unmanaged, recorded", len(FindUnmanaged(f, w, recordedAlien).Objects), 0)
}
