package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

// TestCauses checks the drift and the cause of one sandbox that does not match the spec
// or is not declared.
func TestCauses(t *testing.T) {
	const was = `
images: {i: {dockerfile: "FROM a:1\n"}}
volumes: {cache: {}, data: {}}
sandboxes: {web: {image: i, env_vars: {A: b}, volumes: [{volume: cache, mount_path: /c}, {volume: data, mount_path: /d}], public: false}}`
	with := func(old, now string) string { return strings.Replace(was, old, now, 1) }
	tests := []struct {
		name string
		was  string // empty: the above
		then string
		spec string
		want string // the drift and the cause
	}{
		{name: "all is as wanted", spec: was, want: " "},
		{name: "another image is wanted", then: "web detailed", spec: with("a:1", "a:2"), want: "replacement spec changed"},
		{name: "other variables are wanted", then: "web detailed", spec: with("A: b", "A: c"), want: "replacement spec changed"},
		{name: "other volumes are wanted", then: "web detailed", spec: with("/c", "/e"), want: "replacement spec changed"},
		{name: "nothing tells of what lists show", then: "web is public=true", spec: was, want: "in place differs"},
		{name: "nor of the state", was: "sandboxes: {web: {auto_stop_interval: 0}}", then: "web stopped", spec: "sandboxes: {web: {state: started}}", want: "in place differs"},
		{name: "which goes by itself elsewhere", was: "sandboxes: {web: {}}", then: "web stopped", spec: "sandboxes: {web: {state: started}}", want: "expected "},
		{name: "it is not there", then: "web gone", spec: was, want: "missing differs"},
		{name: "it went by itself", was: "sandboxes: {web: {ttl_minutes: 5}}", then: "web gone", spec: "sandboxes: {web: {ttl_minutes: 5}}", want: "expected "},
		{name: "it failed", was: "sandboxes: {web: {}}", then: "web error: x", spec: "sandboxes: {web: {}}", want: "replacement differs"},
		{name: "it moved", was: "sandboxes: {web: {}}", spec: "moved: [{from: sandbox.web, to: sandbox.site}]\nsandboxes: {site: {name: web}}", want: "in place spec changed"},
		{name: "somebody else has its name", was: "sandboxes: {web: {}}", then: "web unowned", spec: "sandboxes: {web: {}}", want: "foreign differs"},
		{name: "it left the spec", was: "sandboxes: {web: {}}", spec: nothing, want: "surplus spec changed"},
		{name: "its snapshot has another content", was: "snapshots: {s: {image: 'a:1'}}\nsandboxes: {web: {snapshot: s}}", spec: "snapshots: {s: {image: 'a:2'}}\nsandboxes: {web: {snapshot: s}}", want: "replacement spec changed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.was == "" {
				test.was = was
			}
			p := story{was: test.was, then: test.then, spec: test.spec}.plan(t)
			i := len(p.Steps) - 1
			for p.Steps[i].Address.Kind != spec.SandboxKind {
				i--
			}
			same(t, "drift", string(p.Steps[i].Drift)+" "+string(p.Steps[i].Cause), test.want)
		})
	}
}

func TestFindUnmanaged(t *testing.T) {
	was := parse(t, `
volumes: {cache: {}, tmp-a: {}, attic: {}}
snapshots: {base: {image: 'a:1'}, old: {image: 'a:1'}, theirs: {image: 'a:1'}}
sandboxes: {web: {}, db: {}, job: {}, tool: {}, former: {}}`)
	w := newWorld(t, was)
	for _, event := range []string{
		"db unowned", "job of shop", "tool unowned", "tool labelled managed-by=terraform", "former of demo-1", "web forked copy", "snapshot.theirs shared",
	} {
		w.applyEvent(t, was, event)
	}
	f := parse(t, `
moved: [{from: fleet.demo-1}]
owns: {volumes: ['tmp-*']}
volumes: {cache: {}}
snapshots: {base: {image: 'a:1'}}
sandboxes: {web: {}}`)
	same(t, "unmanaged", *FindUnmanaged(f, w, nil), Unmanaged{
		Objects: []Unowned{
			{spec.SandboxKind, "copy", "id-of-copy", "started", "a fork, probably, with the labels of sandbox.web of the fleet demo"},
			{spec.SandboxKind, "db", "id-of-db", "started", ""},
			{spec.SnapshotKind, "old", "id-of-old", "active", ""},
			{spec.VolumeKind, "attic", "id-of-attic", "ready", ""},
		},
		Others: []Owner{{Name: "shop", Sandboxes: 1}, {Name: "terraform", Tool: true, Sandboxes: 1}},
	})
}
