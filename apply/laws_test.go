package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// TestLaws checks what holds for every fleet, from one random spec to the next: planning
// writes nothing, after an apply the plan is empty, a second apply writes nothing, and
// objects of other owners stay unchanged.
//
// It runs on a clock that skips waits.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		newer := rapid.Bool().Draw(rt, "server knows 0.205")
		var specs []string
		for range rapid.IntRange(1, 3).Draw(rt, "specs") {
			specs = append(specs, randomSpec(rt, newer))
		}
		others := randomOthers(rt)
		sharding := rapid.SampledFrom([]client.Sharding{client.ShardLong, client.ShardAll}).Draw(rt, "sharding")
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = laws(t, newer, sharding, specs, others) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

// laws applies one spec after the other and returns which law was broken; empty if none
// was.
func laws(t *testing.T, newer bool, sharding client.Sharding, specs []string, others []map[string]any) string {
	version := map[bool]string{true: emulator.Version205, false: emulator.Version190}[newer]
	if newer && sharding == client.ShardAll {
		version = emulator.Version220 // which has no other list
	}
	d := newShardedDaytona(t, emulator.Options{APIVersion: version}, sharding)
	defer d.close()
	d.settle(newer, others)
	before := d.foreign()
	var created records
	for i, text := range specs {
		f := parseWithFiles(t, text)
		d.log()

		p := d.plan(f, plan.Options{AllowDestroy: 1000, CreateMissing: i%2 == 1, Creations: created.list})
		if _, writing := d.log(); len(writing) > 0 {
			return fmt.Sprintf("planning spec %d wrote %v", i, writing)
		}
		if blocked := p.Blocked(); slices.ContainsFunc(blocked, staysPut) {
			return "" // an object that was removed from the spec and is retained has the name
		} else if len(blocked) > 0 {
			return fmt.Sprintf("spec %d is blocked:\n%s\n%s", i, story(p), text)
		}
		if r := created.run(d, p); !r.OK() {
			return fmt.Sprintf("applying spec %d:\n%s%s\n%s", i, outcome(r), story(p), text)
		}
		d.log()

		again := d.plan(f, plan.Options{Creations: created.list})
		if !again.Empty() {
			return fmt.Sprintf("after spec %d the plan is not empty:\n%s\nfirst plan:\n%s\n%s", i, story(again), story(p), text)
		}
		d.run(again)
		if _, writing := d.log(); len(writing) > 0 {
			return fmt.Sprintf("a second apply of spec %d wrote %v", i, writing)
		}
		if left := d.superfluousVersions(f); left != "" {
			return fmt.Sprintf("after spec %d there are superfluous versions: %s\n%s\n%s", i, left, story(p), text)
		}
		if after := d.foreign(); after != before {
			return fmt.Sprintf("spec %d touched what is not its own:\n%s\n%s", i, before, after)
		}
	}
	return ""
}

// records are the creations of snapshots, as a machine records them.
type records struct {
	mu   sync.Mutex
	list []plan.Creation
}

func (r *records) add(s *plan.Step, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != "" {
		r.list = append(r.list, plan.Creation{Name: s.Name, ID: id})
	}
}

// run executes a plan, and records the creations.
func (r *records) run(d *daytona, p *plan.Plan) *apply.Report {
	return apply.Run(context.Background(), d.api, p, apply.Options{Parallelism: 8, OnSnapshotCreate: r.add}, func(apply.Event) {})
}

// superfluousVersions returns the versions of the fleet's snapshots that no sandbox uses,
// beyond those that the spec keeps; empty if there are none.
func (d *daytona) superfluousVersions(f *spec.Fleet) string {
	used := map[string]bool{}
	for _, s := range d.list("/api/sandbox?limit=200") {
		name, _ := s["snapshot"].(string)
		used[name] = true
	}
	snapshots := d.list("/api/snapshots?limit=200&sort=createdAt&order=desc")
	for _, r := range f.OfKind(spec.SnapshotKind) {
		var unused []string
		for i, former := 0, 0; i < len(snapshots); i++ {
			name, _ := snapshots[i]["name"].(string)
			if _, ok := r.VersionIn(name); !ok || !r.Versioned() || name == r.Name() || name == theirVersion {
				continue
			}
			if former++; former > r.Keep() && !used[name] {
				unused = append(unused, name)
			}
		}
		if len(unused) > 0 {
			return strings.Join(unused, ", ")
		}
	}
	return ""
}

// staysPut reports whether a step is blocked by a retained object, or by a move to an
// existing one.
func staysPut(s *plan.Step) bool { return s.Blocked.Kind == plan.Conflict }

// randomOthers draws sandboxes that do not belong to the fleet.
func randomOthers(rt *rapid.T) []map[string]any {
	var others []map[string]any
	for i := range rapid.IntRange(0, 3).Draw(rt, "others") {
		labels := map[string]string{"team": "other"}
		if rapid.Bool().Draw(rt, "another fleet's") {
			labels = map[string]string{"fleet-name": "another", "fleet-key": "web"}
		}
		others = append(others, map[string]any{"name": fmt.Sprintf("theirs-%d", i), "labels": labels})
	}
	return others
}

// settle creates the objects that exist before the fleet.
func (d *daytona) settle(newer bool, others []map[string]any) {
	d.send("POST", "/api/volumes", map[string]any{"name": "theirs"})
	d.send("POST", "/api/snapshots", map[string]any{"name": "their-snapshot", "imageName": "debian:12"})
	d.send("POST", "/api/snapshots", map[string]any{"name": theirVersion, "imageName": "debian:12"})
	for _, name := range []string{"one", "two"} {
		if newer {
			d.send("POST", "/api/secret", map[string]any{"name": name, "value": "v"})
		}
	}
	for _, body := range others {
		d.send("POST", "/api/sandbox", body)
	}
}

// list returns the objects at a path.
func (d *daytona) list(path string) []map[string]any {
	var page struct{ Items []map[string]any }
	answer := d.send("GET", path, nil)
	if json.Unmarshal(answer, &page) != nil {
		_ = json.Unmarshal(answer, &page.Items)
	}
	return page.Items
}

// theirVersion is a snapshot of others with the name of a version.
const theirVersion = "base-000000000000"

// foreign returns the objects that do not belong to the fleet, as text.
func (d *daytona) foreign() string {
	var text string
	for _, path := range []string{"/api/sandbox?limit=200", "/api/snapshots?limit=200", "/api/volumes"} {
		for _, o := range d.list(path) {
			if name, _ := o["name"].(string); strings.HasPrefix(name, "their") || name == theirVersion {
				text += fmt.Sprintln(name, o["id"], o["state"], o["labels"], o["autoStopInterval"])
			}
		}
	}
	return text
}

// randomSpec draws a valid spec of a few objects, so that two of them differ in many
// ways and share many names.
func randomSpec(rt *rapid.T, newer bool) string {
	names := rapid.Permutation([]string{"laws", "rules"}).Draw(rt, "names")
	s := map[string]any{"version": 1, "name": names[0]}
	draw := func(name string) bool { return rapid.Bool().Draw(rt, name) }
	// There is always one: a snapshot keeps its region when the target is removed from
	// the spec, and sandboxes elsewhere cannot be created from it.
	s["target"] = rapid.SampledFrom([]string{"us", "eu"}).Draw(rt, "target")
	volumes := map[string]any{"cache": nil}
	if draw("data") {
		volumes["data"] = map[string]any{"name": "the-data"}
	}
	s["volumes"] = volumes
	s["images"] = map[string]any{"py": map[string]any{
		"debian_slim": rapid.SampledFrom([]string{"3.11", "3.12"}).Draw(rt, "python"),
		"steps":       []any{map[string]any{"pip_install": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"numpy", "scipy", "flask"}), 1, 2, rapid.ID).Draw(rt, "packages")}},
	}}
	s["snapshots"] = map[string]any{
		"base": randomVersioning(rt, map[string]any{"image": "py", "adopt": true, "resources": map[string]any{"cpu": rapid.IntRange(1, 2).Draw(rt, "snapshot cpu")}}),
		"slim": map[string]any{"image": rapid.SampledFrom([]string{"debian:12", "alpine:3.20"}).Draw(rt, "image"), "entrypoint": []string{"sleep", "infinity"}, "adopt": true},
	}
	sandboxes := map[string]any{}
	for _, key := range []string{"web", "worker", "box"} {
		if draw(key) {
			sandboxes[key] = randomSandbox(rt, newer)
		}
	}
	if _, ok := sandboxes["web"]; ok && draw("linked") {
		sandboxes["tail"] = map[string]any{"snapshot": "slim", "linked_sandbox": first(sandboxes["web"]), "ephemeral": true}
	}
	if draw("regional") {
		regional := randomSandbox(rt, newer)
		delete(regional, "count")
		regional["for_each"] = rapid.SampledFrom([]any{[]string{"a", "b"}, map[string]string{"b": "1", "c": "2"}, []string{}}).Draw(rt, "copies")
		regional["auto_archive_interval"] = "1${index}"
		regional["labels"] = map[string]any{"value": "${each.value}", "shell": "$${HOME}"}
		sandboxes["regional"] = regional
	}
	s["sandboxes"] = sandboxes
	randomMoves(rt, s, sandboxes, names[1], newer)
	text, err := yaml.Marshal(s)
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}

// randomVersioning gives a snapshot versions, and keeps some of them.
func randomVersioning(rt *rapid.T, snapshot map[string]any) map[string]any {
	if rapid.Bool().Draw(rt, "versioned") {
		snapshot["versioning"] = "content"
		snapshot["keep"] = rapid.IntRange(0, 2).Draw(rt, "keep")
	}
	return snapshot
}

// randomMoves gives the fleet a former name and a sandbox under one of two keys, and
// releases one.
func randomMoves(rt *rapid.T, s, sandboxes map[string]any, former string, newer bool) {
	moved := []any{map[string]any{"from": "fleet." + former}}
	keys := rapid.Permutation([]string{"case", "crate"}).Draw(rt, "keys")
	if rapid.Bool().Draw(rt, keys[0]) {
		b := randomSandbox(rt, newer)
		delete(b, "count")
		b["name"] = "the-case"
		sandboxes[keys[0]] = b
		moved = append(moved, map[string]any{"from": "sandbox." + keys[1], "to": "sandbox." + keys[0]})
	}
	s["moved"] = moved
	if sandboxes["worker"] == nil && rapid.IntRange(0, 3).Draw(rt, "lets go") == 0 {
		s["removed"] = []any{map[string]any{"from": "sandbox.worker", "destroy": false}}
	}
}

func first(sandbox any) string {
	// Nothing can be linked to an archived sandbox. One with run_state stopped may be
	// archived.
	sandbox.(map[string]any)["state"] = "started"
	delete(sandbox.(map[string]any), "on_missing") // a link to one that is omitted is not possible, either
	if _, counted := sandbox.(map[string]any)["count"]; counted {
		return "web[0]"
	}
	return "web"
}

// An option is one attribute of a sandbox, and how to draw its value. A server of
// version 0.190 ignores newer attributes.
type option struct {
	key   string
	draw  func(rt *rapid.T) any
	newer bool
}

func oneOf(values ...any) func(*rapid.T) any {
	return func(rt *rapid.T) any { return rapid.SampledFrom(values).Draw(rt, "value") }
}

var options = []option{
	{"language", oneOf("python", "typescript"), false},
	{"os_user", oneOf("dev", "root"), false},
	{"env_vars", oneOf(map[string]any{"A": "1"}, map[string]any{"A": 2, "B": ""}, map[string]any{}), false},
	{"labels", oneOf(map[string]any{"team": "a"}, map[string]any{"team": "b", "odd, key=": "x"}, map[string]any{}), false},
	{"public", oneOf(true, false), false},
	{"auto_stop_interval", oneOf(0, 15, 60), false},
	{"auto_archive_interval", oneOf(0, 60, 99999), false},
	{"ttl_minutes", oneOf(600, 1200), true},
	{"volumes", oneOf([]any{map[string]any{"volume": "cache", "mount_path": "/data"}}, []any{map[string]any{"volume": "cache", "mount_path": "/data", "subpath": "a/b"}}, []any{}), false},
	{"network_block_all", oneOf(true, false), false},
	{"domain_allow_list", oneOf([]any{"example.com"}, []any{"*.example.com", "a.org"}, []any{}), false},
	{"outbound_proxy_url", oneOf("http://proxy:3128"), true},
	{"otel_endpoint_override", oneOf("https://otel.example.com"), true},
	{"secrets", oneOf(map[string]any{"TOKEN": "one"}, map[string]any{"TOKEN": "two"}), true},
	{"timeout", oneOf("1m"), false},
	{"files", oneOf(map[string]any{"/opt/a": "doc.go"}, map[string]any{"/opt/a": map[string]any{"source": "laws_test.go", "mode": "0755"}, "/opt/b": "../spec/testdata/good"}, map[string]any{}), false},
	{"protect", oneOf(false), false},
	{"ignore", oneOf([]any{"public"}, []any{"labels.team", "env_vars.A"}, []any{"labels", "auto_stop_interval", "language"}, []any{"env_vars", "secrets"}, []any{"files"}, []any{"resources", "ttl_minutes"}, []any{"snapshot", "image", "os_user"}), false},
	{"on_missing", oneOf("ignore", "recreate"), false},
	{"on_error", oneOf("recover", "replace", "report"), false},
	{"on_remove", oneOf("delete", "stop", "archive", "release"), false},
	{"rollout", oneOf(map[string]any{"surge": true}, map[string]any{"max_unavailable": 1, "on_failure": "rollback"}, map[string]any{"waves": []any{1, "50%"}, "pause": "1m"}), false},
	{"ready", oneOf(map[string]any{"exec": "true"}, map[string]any{"port": 80, "for": "3s"}), false},
	{"hooks", oneOf(map[string]any{"after_create": map[string]any{"exec": "true"}}, map[string]any{"before_destroy": map[string]any{"exec": "true"}}), false},
	{"timeouts", oneOf(map[string]any{"create": "10m"}, map[string]any{"delete": "2m", "update": "2m"}), false},
}

func randomSandbox(rt *rapid.T, newer bool) map[string]any {
	b := map[string]any{}
	switch rapid.IntRange(0, 3).Draw(rt, "made of") {
	case 0:
		b["snapshot"] = rapid.SampledFrom([]string{"base", "slim"}).Draw(rt, "snapshot")
	case 1:
		b["image"] = rapid.SampledFrom([]string{"py", "debian:12"}).Draw(rt, "image")
		b["resources"] = map[string]any{"cpu": rapid.IntRange(1, 4).Draw(rt, "cpu"), "disk": rapid.IntRange(3, 6).Draw(rt, "disk")}
	case 2:
		b["snapshot"] = "daytona-small"
	}
	for _, o := range options {
		if (newer || !o.newer) && rapid.IntRange(0, 2).Draw(rt, o.key) == 0 {
			b[o.key] = o.draw(rt)
		}
	}
	if rapid.Bool().Draw(rt, "has a state") {
		b["state"] = rapid.SampledFrom([]string{"started", "stopped", "archived"}).Draw(rt, "state")
	}
	if b["network_block_all"] == nil && rapid.Bool().Draw(rt, "allow list") {
		b["network_allow_list"] = rapid.SampledFrom([]any{[]any{"10.0.0.0/8"}, []any{"10.0.0.0/8", "192.168.0.0/16"}, []any{}}).Draw(rt, "networks")
	}
	if rapid.Bool().Draw(rt, "counted") {
		b["count"] = rapid.IntRange(1, 3).Draw(rt, "count")
	}
	return b
}
