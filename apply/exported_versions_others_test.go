package apply_test

import (
	"time"

	"fleet/internal/export"
	"fleet/plan"
)

// foreignVersions are versions that others use or change, and versions of unknown content.
var foreignVersions = []versionsCase{
	{name: "a newer one that sandboxes of others use", applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}}`, `
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}}`}, change: func(d *daytona) {
		d.send("POST", "/api/sandbox", map[string]any{"name": "theirs", "snapshot": "base-c2e41033440a"})
	}, want: `
snapshots:
  base:
    image: debian:11
    versioning: content
  base-c2e41033440a:
    image: debian:12
    target: us
`, notes: []string{"adopts 1 sandbox and changes nothing of it"}},
	{name: "an older one that sandboxes of others use", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}}`, `
snapshots: {base: {image: "debian:11", versioning: content, keep: 1}}`}, change: func(d *daytona) {
		d.send("POST", "/api/sandbox", map[string]any{"name": "theirs", "snapshot": "base-c2e41033440a"})
	}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
    keep: 1
`, notes: []string{"not declared: a former version of \"base\", which keep: 1 retains", "adopts 1 sandbox and changes nothing of it"}},
	{name: "a fixed one of others", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, change: func(d *daytona) {
		d.send("POST", "/api/snapshots", map[string]any{"name": "base", "imageName": "debian:11"})
	}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
    keep: 1
`, notes: []string{
		`snapshot "base": not declared: a former version of "base", which keep: 1 retains`,
	}},
	{name: "a fixed one that sandboxes of others use", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, change: func(d *daytona) {
		d.send("POST", "/api/snapshots", map[string]any{"name": "base", "imageName": "debian:11"})
		time.Sleep(time.Minute) // of the bubble's clock
		d.send("POST", "/api/sandbox", map[string]any{"name": "theirs", "snapshot": "base"})
	}, blocked: true, want: `
snapshots:
  base:
    image: debian:11
`, notes: []string{
		`snapshot "base-c2e41033440a": not declared, only referred to: sandboxes also use a snapshot "base", and a spec declares either that or its versions`,
		`A plan of the spec adopts 1 sandbox and changes nothing of it; after that it is empty.`,
	}},
	{name: "a version of another fleet", opts: export.Options{Fleet: "laws"}, applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, change: func(d *daytona) {
		f := parse(d.t, "version: 1\nname: other\nsnapshots: {base: {image: 'debian:13', versioning: content}}\nsandboxes: {box: {snapshot: base}}")
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
			d.t.Fatal(outcome(r))
		}
	}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`},
	{name: "without an owner", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, change: func(d *daytona) { d.release("laws") }, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`, notes: []string{
		`A plan of the spec adopts 1 sandbox and changes nothing of it; after that it is empty.`,
	}},
	{name: "local files", applied: []string{`
images: {tools: {base: "debian:12", steps: [{add_local_file: {local_path: DIR/app.py, remote_path: /app.py}}]}}
snapshots: {base: {image: tools, versioning: content}}
sandboxes: {web: {snapshot: base}}`}, blocked: true, notes: []string{
		`snapshot "base-FIRST": not declared, only referred to: it was built with uploaded files, which a spec cannot describe`,
	}},
	{name: "local files before and after", applied: []string{`
images: {tools: {base: "debian:12", steps: [{add_local_file: {local_path: DIR/app.py, remote_path: /app.py}}]}}
snapshots: {base: {image: tools, versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
    keep: 1
`, notes: []string{
		`snapshot "base-FIRST": not declared: a former version of "base", which keep: 1 retains`,
		`snapshot "base-FIRST": not declared: it was built with uploaded files, which a spec cannot describe`,
	}},
	{name: "unknown image", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, patch: map[string]string{"base-FIRST": `{"imageName":""}`}, blocked: true, notes: []string{
		`snapshot "base-c2e41033440a": not declared, only referred to: Daytona does not return its image`,
	}},
	{name: "another content", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, patch: map[string]string{"base-FIRST": `{"imageName":"debian:13"}`}, blocked: true, want: `
snapshots:
  base:
    image: debian:13
    versioning: content
    pin: c2e41033440a
`, notes: []string{
		`snapshot "base-c2e41033440a": the spec pins the version, because the content that Daytona returns is not the one that the version is computed over; remove the pin where the version does not exist`,
	}},
	{name: "another content of a former one", applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`}, patch: map[string]string{"base-FIRST": `{"imageName":"debian:13"}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
  base-d280a79bfb08:
    image: debian:13
    target: us
`},
	{name: "a failed former one", applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}}
sandboxes: {web: {snapshot: base}}`}, patch: map[string]string{"base-FIRST": `{"state":"error"}`}, changes: true, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`, notes: []string{
		`snapshot "base-d280a79bfb08": left out: it is in state error, and a plan would replace it`,
		`Careful: the fleet laws has more than this spec declares. A plan of it deletes base-d280a79bfb08.`,
	}},
}
