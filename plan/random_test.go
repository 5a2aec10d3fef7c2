package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// secret is part of every secret value of a random spec.
const secret = "hunter2"

// oneOf draws one of some texts.
func oneOf(t *rapid.T, label string, texts ...string) string {
	return rapid.SampledFrom(texts).Draw(t, label)
}

// maybe draws a text or nothing.
func maybe(t *rapid.T, text string) string {
	if rapid.Bool().Draw(t, text) {
		return text
	}
	return ""
}

// randomSpec returns the text of a spec. An old key may have the name of a new one, but no
// two keys can swap their names.
func randomSpec(t *rapid.T, old bool) string {
	var b strings.Builder
	b.WriteString("owns: {volumes: ['tmp-*'], snapshots: ['tmp-*']}\nvolumes:\n  cache: {}\n")
	protect := func() string { return maybe(t, "protect: true") }
	for _, name := range []string{"data", "tmp-v"} {
		if rapid.Bool().Draw(t, name) {
			fmt.Fprintf(&b, "  %s: {%s}\n", name, protect())
		}
	}
	fmt.Fprintf(&b, "snapshots:\n  base: {%s}\n", join("image: 'a:"+oneOf(t, "tag", "1", "2")+"'", protect(), oneOf(t, "active", "", "", "active: true"), oneOf(t, "versioning", "", "versioning: content", "versioning: content, keep: 1")))
	if rapid.Bool().Draw(t, "tmp-s") {
		b.WriteString("  tmp-s: {image: 'b:1'}\n")
	}
	var declared []string
	if old {
		declared = []string{"a", oneOf(t, "b", "b", "gone: name b"), "c", "many", "gone2", "new"}
	} else {
		declared = randomMoves(t, &b)
	}
	b.WriteString("sandboxes:\n")
	for _, key := range declared {
		key, name, _ := strings.Cut(key, ": name ")
		if name != "" {
			fmt.Fprintf(&b, "  %s: {%s}\n", key, join(randomBlock(t, key), "name: "+name))
		} else if key == "a" || rapid.Bool().Draw(t, key) {
			fmt.Fprintf(&b, "  %s: {%s}\n", key, join(randomBlock(t, key), randomName(t, key, old)))
		}
	}
	return b.String()
}

// randomMoves writes moves and releases, and returns the resulting keys.
func randomMoves(t *rapid.T, b *strings.Builder) (declared []string) {
	declared = []string{"a", "b", "c", "many"}
	var moved, removed []string
	switch oneOf(t, "gone2", "", "moved", "renamed", "released") {
	case "moved":
		declared[1] = "front: name gone2"
		moved = append(moved, "{from: sandbox.gone2, to: sandbox.front}")
	case "renamed": // which is blocked
		declared = append(declared, "front: name front")
		moved = append(moved, "{from: sandbox.gone2, to: sandbox.front}")
	case "released":
		removed = append(removed, "{from: sandbox.gone2, destroy: false}")
	}
	if rapid.Bool().Draw(t, "group moves") {
		declared[3] = "pool: name many"
		moved = append(moved, "{from: sandbox.many, to: sandbox.pool}")
	}
	if rapid.Bool().Draw(t, "fleet was renamed") {
		moved = append(moved, "{from: fleet.shop}")
	}
	if rapid.Bool().Draw(t, "tmp-s is let go") {
		removed = append(removed, "{from: snapshot.tmp-z, destroy: false}")
	}
	fmt.Fprintf(b, "moved: [%s]\nremoved: [%s]\n", strings.Join(moved, ", "), strings.Join(removed, ", "))
	return declared
}

// randomName gives the sandbox a of a new spec the name that an old key may
// have.
func randomName(t *rapid.T, key string, old bool) string {
	if key == "a" && !old {
		return oneOf(t, "name", "", "", "name: new")
	}
	return ""
}

func randomBlock(t *rapid.T, key string) string {
	parts := []string{
		oneOf(t, "from", "", "snapshot: base", "image: 'i:1'", "image: 'i:1', resources: {cpu: 2, memory: 2}", "image: 'i:1', resources: {cpu: 1, disk: 9}"),
		oneOf(t, "env", "", "env_vars: {A: "+secret+"-1}", "env_vars: {A: "+secret+"-2, B: b}"),
		oneOf(t, "proxy", "", "outbound_proxy_url: 'http://me:"+secret+"@proxy:1'"),
		oneOf(t, "labels", "", "labels: {x: y}", "labels: {}"),
		maybe(t, "public: true"),
		oneOf(t, "autostop", "", "auto_stop_interval: 0", "auto_stop_interval: 7"),
		oneOf(t, "ttl", "", "ttl_minutes: 60"),
		maybe(t, "volumes: [{volume: cache, mount_path: /c}]"),
		oneOf(t, "net", "", "network_block_all: true", "network_allow_list: [10.0.0.0/8]"),
		oneOf(t, "protect", "", "", "protect: true", "protect: false"),
		maybe(t, "adopt: true"),
		oneOf(t, "on missing", "", "", "on_missing: ignore"),
		oneOf(t, "on error", "", "on_error: recover", "on_error: replace", "on_error: report"),
		oneOf(t, "on remove", "", "", "on_remove: delete", "on_remove: stop", "on_remove: archive", "on_remove: release"),
		oneOf(t, "ignore", "", "", "ignore: [public]", "ignore: [labels.x, env_vars.A]", "ignore: [env_vars, labels, auto_stop_interval]", "ignore: [ttl_minutes, resources, snapshot]"),
	}
	if key == "c" {
		return join("snapshot: base, linked_sandbox: a, ephemeral: true", oneOf(t, "protect", "", "protect: true"))
	}
	if key == "a" { // others are linked to it
		parts = append(parts, oneOf(t, "state", "", "state: started", "state: stopped"))
	} else {
		parts = append(parts, oneOf(t, "state", "", "state: started", "state: stopped", "state: archived"))
	}
	if key == "many" || key == "pool" {
		parts = append(parts, "count: "+oneOf(t, "count", "0", "2", "5"))
	}
	return join(parts...)
}

// join returns the parts that are not empty, in flow style.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// randomWorld returns the world of a fleet that once matched its spec, after random
// events.
func randomWorld(t *rapid.T, tb testing.TB, was *spec.Fleet) *World {
	w := newWorld(tb, was)
	w.Facts.Version = spec.ParseVersion(oneOf(t, "version", "0.205.0", "0.230.0"))
	for _, r := range was.Resources {
		o := w.find(tb, r.Kind, r.Name())
		happenings := []string{"", "", "", "", "gone", "error: bad luck"}
		switch r.Kind {
		case spec.SandboxKind:
			happenings = append(happenings, "detailed", "stopped", "archived", "starting>started", "stopping>stopped", "recoverable",
				"of shop", "labelled fleet-protect=true", "labelled fleet-seal=", "is public=true", "forked copy-of-"+r.Name())
			if r.Key != "c" { // a linked one: see TestLinked
				happenings = append(happenings, "unowned")
			}
		case spec.SnapshotKind:
			happenings = append(happenings, "inactive", "building>active", "removing", "shared")
		case spec.VolumeKind:
			happenings = append(happenings, "creating>ready", "deleting")
		}
		if o != nil {
			if event := oneOf(t, r.String(), happenings...); event != "" {
				w.applyEvent(tb, was, r.String()+" "+event)
			}
		}
	}
	return w
}

// unique returns the first sandbox with each name.
func (w *World) unique() {
	seen := map[string]bool{}
	var kept []*Object
	for _, o := range w.Objects[spec.SandboxKind] {
		if !seen[o.Name] {
			kept = append(kept, o)
		}
		seen[o.Name] = true
	}
	w.Objects[spec.SandboxKind] = kept
}

func randomOptions(t *rapid.T) Options {
	return Options{
		AdoptAll:       rapid.Bool().Draw(t, "adopt"),
		AllowDestroy:   rapid.SampledFrom([]int{0, 1, 3, 100}).Draw(t, "allow"),
		NoDestroy:      rapid.IntRange(0, 5).Draw(t, "no destroy") == 0,
		Destroy:        rapid.IntRange(0, 5).Draw(t, "destroy") == 0,
		DestroyVolumes: rapid.Bool().Draw(t, "volumes"),

		CreateMissing: rapid.Bool().Draw(t, "create missing"),
	}
}

// random returns random arguments of Compute.
func random(t *rapid.T, tb testing.TB) (*spec.Fleet, *World, Options) {
	was, wanted := parse(tb, randomSpec(t, true)), parse(tb, randomSpec(t, false))
	w := randomWorld(t, tb, was)
	w.unique()
	w.observe(wanted)
	return wanted, w, randomOptions(t)
}
