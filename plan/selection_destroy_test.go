package plan

import (
	"strings"
	"testing"
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
		p, err := Compute(f, w, opts)
		if err != nil {
			same(t, tt.want, err.Error(), tt.want)
			continue
		}
		var deleted []string
		for _, s := range p.Steps {
			if s.Action == Delete {
				deleted = append(deleted, s.Address.String())
			}
		}
		same(t, tt.targets+" - "+tt.excludes+tt.labels, strings.Join(deleted, " "), tt.want)
	}
}
