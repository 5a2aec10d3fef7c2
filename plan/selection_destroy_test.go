package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

// TestDestroyOfAPart: a part of a fleet is deleted only if what remains does not need it.
func TestDestroyOfAPart(t *testing.T) {
	const text = `snapshots: {base: {image: 'a:1'}, other: {image: 'b:1'}, unused: {image: 'c:1'}}
volumes: {cache: {}, spare: {}}
sandboxes:
  web: {snapshot: base, labels: {team: a}, volumes: [{volume: cache, mount_path: /c}]}
  db: {snapshot: other, protect: true}
  worker: {count: 3, snapshot: base}
  tail: {snapshot: other, linked_sandbox: web, ephemeral: true}
`
	for _, tt := range []struct {
		targets, excludes, labels string
		volumes                   bool
		want                      string // addresses of deleted objects, or the error
	}{
		{targets: "sandbox.worker[1..2]", want: "sandbox.worker[1] sandbox.worker[2]"},
		{targets: "snapshot.unused", want: "snapshot.unused"},
		{targets: "volume.spare", volumes: true, want: "volume.spare"},
		{targets: "sandbox.w* sandbox.tail snapshot.base", want: "sandbox.tail sandbox.web sandbox.worker[0] sandbox.worker[1] sandbox.worker[2] snapshot.base"},
		{labels: "!team", excludes: "sandbox.db", want: "sandbox.tail sandbox.worker[0] sandbox.worker[1] sandbox.worker[2]"},
		{
			excludes: "sandbox.db snapshot.other",
			want:     "sandbox.tail sandbox.web sandbox.worker[0] sandbox.worker[1] sandbox.worker[2] snapshot.base snapshot.unused",
		},
		{targets: "snapshot.base", want: "--target leaves out sandbox.web and 3 more, but not snapshot.base, which they need; leave out both, or neither"},
		{targets: "sandbox.worker snapshot.base", want: "--target leaves out sandbox.web, but not snapshot.base, which it needs; leave out both, or neither"},
		{excludes: "sandbox.db", want: "--exclude leaves out sandbox.db, but not snapshot.other, which it needs; leave out both, or neither"},
		{labels: "team=a", want: "--selector leaves out sandbox.tail, but not sandbox.web, which it needs; leave out both, or neither"},
		{targets: "volume.cache", volumes: true, want: "--target leaves out sandbox.web, but not volume.cache, which it needs; leave out both, or neither"},
		{targets: "volume.cache", want: "--target volume.cache: no such resource in the spec or in the fleet; add --volumes to delete volumes"},
		{targets: "volume.*", want: "--target volume.* matches nothing of the fleet; add --volumes to delete volumes"},
		{targets: "sandbox.wbe", want: `--target sandbox.wbe: no such resource in the spec or in the fleet; did you mean "sandbox.web"?`},
	} {
		opts := Options{Destroy: true, DestroyVolumes: tt.volumes}
		opts.Select.Targets = selectors(t, strings.Fields(tt.targets)...)
		opts.Select.Excludes = selectors(t, strings.Fields(tt.excludes)...)
		if tt.labels != "" {
			opts.Select.Labels = byLabels(t, tt.labels)
		}
		f := parse(t, text)
		w := newWorld(t, f)
		w.observe(f)
		same(t, tt.targets+" - "+tt.excludes+tt.labels, deletedOrError(Compute(f, w, opts)), tt.want)
	}
}

// deletedOrError returns the addresses that a plan deletes, or the text of its error.
func deletedOrError(p *Plan, err error) string {
	if err != nil {
		return err.Error()
	}
	var deleted []string
	for _, s := range p.Steps {
		if s.Action == Delete {
			deleted = append(deleted, s.Address.String())
			if s.Reason != "this part of the fleet is destroyed" {
				return s.Address.String() + ": " + s.Reason
			}
		}
	}
	return strings.Join(deleted, " ")
}

// TestDestroyOfAPartTwice: what is selected and already deleted is not an error, and
// selects nothing else. A mistyped address is an error, and its hint names no other copy.
func TestDestroyOfAPartTwice(t *testing.T) {
	const text = `snapshots: {base: {image: 'a:1'}, rest: {image: 'b:1', versioning: content}}
volumes: {cache: {}, spare: {}}
sandboxes:
  web: {count: 3, snapshot: base, labels: {team: a}}
  db: {snapshot: base, labels: {team: b}}
  new: {name: old}
moved: [{from: sandbox.old, to: sandbox.new}]
`
	for _, tt := range []struct {
		then, targets, excludes, labels string
		volumes                         bool
		want                            string // addresses of deleted objects, or the error
	}{
		{then: "web[0] gone", targets: "sandbox.web[0]"},
		{then: "web[0] gone", targets: "sandbox.web", want: "sandbox.web[1] sandbox.web[2]"},
		{then: "web[0] gone\nweb[1] gone", targets: "sandbox.web[0..1]"},
		{then: "web[0] gone", targets: "sandbox.web[0..1]", want: "sandbox.web[1]"},
		{then: "web[0] gone\nweb[1] gone\nweb[2] gone", targets: "sandbox.web"},
		{then: "web[0] gone\nweb[1] gone\nweb[2] gone", targets: "sandbox.w*"},
		{then: "web[0] gone\nweb[1] gone\nweb[2] gone", targets: "team=a"},
		{then: "web[0] gone\nweb[1] gone\nweb[2] gone", labels: "team=a"},
		{then: "db gone", targets: "sandbox.web[1] sandbox.db", want: "sandbox.web[1]"},
		{then: "web[0] gone", excludes: "sandbox.web[0] snapshot.base snapshot.rest sandbox.old", want: "sandbox.db sandbox.web[1] sandbox.web[2]"},
		{then: "db gone", excludes: "team=b sandbox.old", want: "sandbox.web[0] sandbox.web[1] sandbox.web[2] snapshot.base snapshot.rest"},
		{then: "snapshot.base gone", targets: "snapshot.base"},
		{then: "snapshot.rest gone", targets: "snapshot.rest"},
		{then: "volume.spare gone", targets: "volume.spare", volumes: true},
		{then: "volume.spare gone", targets: "volume.spare", want: "--target volume.spare: no such resource in the spec or in the fleet; add --volumes to delete volumes"},
		{targets: "sandbox.web[3]", want: "--target sandbox.web[3]: no such resource in the spec or in the fleet"},
		{targets: "sandbox.wbe[0]", want: `--target sandbox.wbe[0]: no such resource in the spec or in the fleet; did you mean "sandbox.web[0]"?`},
		{targets: "sandbox.web[3..4]", want: "--target sandbox.web[3..4] matches nothing of the fleet"},
		{then: "db gone", targets: "sandbox.bd", want: `--target sandbox.bd: no such resource in the spec or in the fleet; did you mean "sandbox.db"?`},
		{then: "db gone", targets: "sandbox.x*", want: "--target sandbox.x* matches nothing of the fleet"},
		{labels: "team=c", want: "--selector team=c: no sandbox of the fleet has such labels"},
		{targets: "sandbox.old", want: "sandbox.old"},
		{targets: "sandbox.new", want: "--target sandbox.new: the fleet has sandbox.new as sandbox.old; select sandbox.old, or apply first"},
		{then: "old gone", targets: "sandbox.new"},
	} {
		opts := Options{Destroy: true, DestroyVolumes: tt.volumes}
		opts.Select.Targets = selectors(t, strings.Fields(tt.targets)...)
		opts.Select.Excludes = selectors(t, strings.Fields(tt.excludes)...)
		if tt.labels != "" {
			opts.Select.Labels = byLabels(t, tt.labels)
		}
		was, _, _ := strings.Cut(strings.Replace(text, "new: {name: old}", "old: {}", 1), "moved:")
		w := newWorld(t, parse(t, was))
		for _, event := range strings.FieldsFunc(tt.then, func(c rune) bool { return c == '\n' }) {
			w.applyEvent(t, parse(t, was), event)
		}
		f := parse(t, text)
		w.observe(f)
		same(t, tt.then+": "+tt.targets+" - "+tt.excludes+" "+tt.labels, deletedOrError(Compute(f, w, opts)), tt.want)
	}
}

// TestDestroyOfVersions: a snapshot that has only former versions is not taken for deleted.
func TestDestroyOfVersions(t *testing.T) {
	const was = "snapshots: {base: {image: 'a:1', versioning: content}}\nsandboxes: {web: {snapshot: base}}"
	const now = "snapshots: {base: {image: 'a:2', versioning: content}}\nsandboxes: {web: {snapshot: base}}"
	w := newWorld(t, parse(t, was))
	f := parse(t, now)
	w.observe(f)
	destroy := func(f *spec.Fleet, targets ...string) (*Plan, error) {
		return Compute(f, w, Options{Destroy: true, Select: Selection{Targets: selectors(t, targets...)}})
	}
	for targets, warnings := range map[string][]string{
		"snapshot.base": {"the current version of snapshot.base does not exist, and former ones are not selected: snapshot.base-* selects them"},
		"snapshot.base sandbox.web snapshot.base-*": nil,
		"snapshot.* sandbox.web":                    nil,
	} {
		p, err := destroy(f, strings.Fields(targets)...)
		if err != nil {
			t.Fatal(err)
		}
		same(t, targets, p.Warnings, warnings)
		same(t, targets, p.DestroyCount() > 0, warnings == nil)
	}
	unset, err := spec.Options{Unset: spec.UnsetAll}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: " + fleetName + `
env: [TAG]
snapshots: {base: {image: 'a:${env.TAG}', versioning: content}}
sandboxes: {gone: {labels: {team: '${env.TAG}'}}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = destroy(unset, "snapshot.base")
	same(t, "error", deletedOrError(nil, err), "--target snapshot.base: the version of snapshot.base depends on values that are not set; set them, or select all versions by snapshot.base-*")
	if p, err := destroy(unset, "team=a"); err != nil || len(p.Steps) != 0 {
		t.Errorf("labels that are not set: %v", err)
	}
}
