package apply_test

import (
	"fleet/internal/export"
)

// ownVersions are histories of a fleet that no other user changes.
var ownVersions = []versionsCase{
	{name: "plain", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content, resources: {memory: 2, disk: 4}, entrypoint: [sh], target: us}}
sandboxes: {web: {snapshot: base, domain_allow_list: ["*.pythonhosted.org"]}}`}, want: `
snapshots:
  base:
    image: debian:12
    entrypoint: [sh]
    resources: {memory: 2, disk: 4}
    versioning: content
`},
	{name: "built", applied: []string{`
images: {tools: {base: "debian:12", steps: [{run_commands: [echo one]}]}}
snapshots: {base: {name: team/base, image: tools, entrypoint: [sleep, infinity], versioning: content}}
sandboxes: {web: {snapshot: base}, box: {image: tools}}`}, want: `
images:
  team-base:
    dockerfile: |
      FROM debian:12
      RUN echo one
      ENTRYPOINT ["sleep", "infinity"]
  box:
    dockerfile: |
      FROM debian:12
      RUN echo one

snapshots:
  team-base:
    name: team/base
    image: team-base
    versioning: content
`},
	{name: "unused", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`},
	{name: "kept", applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:13", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base}}`}, want: `
snapshots:
  base:
    image: debian:13
    versioning: content
    keep: 2
`, notes: []string{
		`snapshot "base-c2e41033440a", snapshot "base-d280a79bfb08": not declared: a former version of "base", which keep: 2 retains`,
	}},
	{name: "pinned", applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 2, pin: FIRST}}
sandboxes: {web: {snapshot: base}}`}, want: `
snapshots:
  base:
    image: debian:11
    versioning: content
    keep: 1
`, notes: []string{
		`snapshot "base-c2e41033440a": not declared: a former version of "base", which keep: 1 retains`,
	}},
	{name: "selected", opts: export.Options{Names: []string{"web"}}, applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 2}, other: {image: "debian:11", versioning: content}}
sandboxes: {web: {snapshot: base}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 2}, other: {image: "debian:11", versioning: content}}
sandboxes: {web: {snapshot: base}}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
    keep: 1
`, notes: []string{
		`snapshot "base-d280a79bfb08": not declared: a former version of "base", which keep: 1 retains`,
	}},
	{name: "two in use", blocked: true, applied: []string{`
snapshots: {base: {image: "debian:11", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}}`, `
snapshots: {base: {image: "debian:12", versioning: content, keep: 2}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}, box: {snapshot: base}}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`, notes: []string{
		`snapshot "base-d280a79bfb08": not declared, only referred to: sandboxes use several versions of it, and a spec declares only one`,
	}},
	{name: "several that are unused", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content, keep: 1}}`, `
snapshots: {base: {image: "debian:11", versioning: content, keep: 1}}`}, want: `
snapshots:
  base:
    image: debian:11
    versioning: content
    keep: 1
`, notes: []string{`snapshot "base-FIRST": not declared: a former version of "base", which keep: 1 retains`}},
	{name: "several snapshots", applied: []string{`
snapshots:
  base: {image: "debian:12", versioning: content}
  base-extra: {image: "debian:12", versioning: content, class: linux-vm}
  base-c2e41033440b: {image: "debian:13"}
  digits-c2e41033440b: {image: "debian:13", versioning: content}
  each: {for_each: {a: 11, b: 12}, image: "python:3.${each.value}", versioning: content}
  fixed: {image: "debian:12"}
sandboxes:
  web: {snapshot: base}
  extra: {snapshot: base-extra}
  digits: {snapshot: base-c2e41033440b}
  more-digits: {snapshot: digits-c2e41033440b}
  a: {snapshot: each-a}
  b: {snapshot: "each[b]"}
  fixed: {snapshot: fixed}`}, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
  base-c2e41033440b:
    image: debian:13
  base-extra:
    image: debian:12
    class: linux-vm
    versioning: content
  digits-c2e41033440b:
    image: debian:13
    versioning: content
  each-a:
    image: python:3.11
    versioning: content
  each-b:
    image: python:3.12
    versioning: content
  fixed:
    image: debian:12
`},
	{name: "keys", applied: []string{`
snapshots: {a: {name: team/base, image: "debian:12", versioning: content}, b: {name: team-base, image: "debian:13", versioning: content}}
sandboxes: {web: {snapshot: a}, box: {snapshot: b}}`}, want: `
snapshots:
  team-base:
    image: debian:13
    versioning: content
  team-base-2:
    name: team/base
    image: debian:12
    versioning: content
`},
	{name: "a fixed one before", applied: []string{`
snapshots: {base: {image: "debian:11"}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}}`, `
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base, ignore: [snapshot]}, box: {snapshot: base}}`}, blocked: true, want: `
snapshots:
  base:
    image: debian:11
`, notes: []string{
		`snapshot "base-c2e41033440a": not declared, only referred to: sandboxes also use a snapshot "base", and a spec declares either that or its versions`,
	}},
	{name: "referred to by its full name", applied: []string{`
snapshots: {base: {image: "debian:12", versioning: content}}
sandboxes: {web: {snapshot: base}}`, `
removed: [{from: snapshot.base, destroy: false}]
sandboxes: {web: {snapshot: base-FIRST}, box: {snapshot: base-FIRST}}`}, changes: true, want: `
snapshots:
  base:
    image: debian:12
    versioning: content
`, notes: []string{
		`A plan of the spec writes only the labels of box, which do not match their values.`,
	}},
}
