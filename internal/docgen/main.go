// Command docgen writes the reference of the spec language from the attribute
// tables. It is run by go generate.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"fleet/spec"
)

const head = `# The spec language

<!-- Written by internal/docgen from the attribute tables: run go generate ./... -->

A spec is one YAML file, or a directory of them. At the top it has:

| key | meaning |
|---|---|
| ` + "`version`" + ` | 1 |
| ` + "`name`" + ` | Name of the fleet: lower-case letters, digits and ` + "`. _ -`" + `. The fleet's sandboxes carry it as a label. |
| ` + "`target`" + ` | Region for what has none of its own. |
| ` + "`defaults`" + ` | What is said of all ` + "`sandboxes`, `snapshots` or `volumes`" + `. Mappings are merged key by key, all else is overridden. |
| ` + "`volumes`, `images`, `snapshots`, `sandboxes`" + ` | The resources, by key. |
| ` + "`owns`" + ` | Name patterns of ` + "`snapshots` and `volumes`" + ` that belong to the fleet: what matches and is not declared is deleted. |
| ` + "`removed`" + ` | Addresses of snapshots and volumes to delete, such as ` + "`volume.old-cache`" + `. Sandboxes, too, with ` + "`{from: sandbox.old, destroy: false}`" + `, are let go instead: the fleet forgets them. |
| ` + "`moved`" + ` | Sandboxes that have another address now, as ` + "`{from: sandbox.old, to: sandbox.new}`" + `; the key of a group stands for all its copies. ` + "`{from: fleet.old}`" + ` is a name that the fleet had before. |

A key that is absent is not managed: it is neither sent nor compared. The
address of a resource is its kind and key, such as ` + "`sandbox.web`" + `, or
` + "`sandbox.worker[3]`" + ` for one of a count.

## images

An image starts from exactly one of ` + "`base`" + ` (a registry reference with a tag or
digest), ` + "`debian_slim`" + ` (a Python version, quoted) and ` + "`dockerfile`" + ` (the text
itself). ` + "`steps`" + ` are appended in their order, one key each:

| step | value |
|---|---|
| ` + "`run_commands`" + ` | list of commands; each a line of shell, or a list of words |
| ` + "`pip_install`" + ` | list of packages |
| ` + "`env`" + ` | mapping of environment variables |
| ` + "`workdir`" + ` | path |
| ` + "`entrypoint`, `cmd`" + ` | list of words |

An image is built where it is used: for a snapshot, or for sandboxes that name
it themselves.
`

var sections = []struct {
	kind  spec.Kind
	intro string
}{
	{spec.SandboxKind, "Of a sandbox some attributes can be changed in place. A change of any other\nreplaces the sandbox: it is deleted, with its disk, and created anew."},
	{spec.SnapshotKind, "A change of anything but `active` replaces the snapshot, and then the sandboxes\nof the spec that are made from it."},
	{spec.VolumeKind, "The name is all there is to a volume. Volumes are never deleted for having left\nthe spec, unless `owns` or `removed` says so."},
}

func main() {
	var b strings.Builder
	b.WriteString(head)
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| key | value | changed by | meaning |\n|---|---|---|---|\n", s.kind.Section(), s.intro)
		for _, a := range spec.Tables[s.kind] {
			if a.Role == spec.Derived {
				continue
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.Key, cell(a.Type.Name), changed(a), cell(a.Doc)+newer(a))
		}
	}
	if err := os.WriteFile("docs/spec.md", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// changed says how a difference is put right.
func changed(a *spec.Attribute) string {
	switch {
	case a.Role == spec.Option:
		return "fleet"
	case a.CreateOnly:
		return "the next creation"
	case a.Label != "" || a.Merges:
		return "in place"
	case a.Change.Path == "":
		return "replacement"
	case a.Change.Mode != nil:
		return "in place, if need be with a stop"
	}
	return "in place"
}

// newer tells of the server that an attribute needs.
func newer(a *spec.Attribute) string {
	if a.Since == (spec.Version{}) {
		return ""
	}
	return fmt.Sprintf(" Servers from %s on.", a.Since)
}
