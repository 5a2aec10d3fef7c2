package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFullSpec reads a spec that sets every attribute, and prints its resources.
func TestFullSpec(t *testing.T) {
	f, err := Parse(sources(t, "testdata/good/full.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	said := map[*Attribute]bool{ephemeralRow: true} // folded
	fmt.Fprintln(&b, f.Name, f.Files, f.Owns, f.Removed, f.Released, f.Moved, f.FormerNames)
	fmt.Fprintln(&b, f.Parallelism, f.Hooks.BeforeApply, f.Hooks.AfterApply)
	for _, r := range f.Resources {
		fmt.Fprintf(&b, "\n%s %s size=%d needs=%v uses=%v\n", r.Address, r.Pos, r.GroupSize, r.DependsOn, r.ExternalRefs)
		for _, a := range Tables[r.Kind] {
			if v, ok := r.attrs.lookup(a); ok {
				said[a] = true
				fmt.Fprintf(&b, "  %s: %s\n", a.Key, strings.ReplaceAll(a.Format(v), "\n", "\n    "))
			}
		}
	}
	golden(t, "good/full.want", b.String())
	for kind, table := range Tables {
		for _, a := range table {
			if !said[a] && !a.Structural && a.Role != Part && a != entrypointRow { // which went into the Dockerfile
				t.Errorf("full.yaml does not say %s of a %s", a.Key, kind)
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	f := mustParse(t, `
defaults:
  sandboxes:
    env_vars: {A: default, B: default}
    labels: {team: a}
    volumes: [{volume: x, mount_path: /x}]
    domain_allow_list: [a.io, b.io]
    auto_stop_interval: 5
    image: alpine:3.20
    resources: {cpu: 1, memory: 1}
sandboxes:
  own:
    env_vars: {B: own, C: own}
    labels: {}
    volumes: [{volume: y, mount_path: /y}]
    domain_allow_list: [c.io]
    auto_stop_interval: 0
    resources: {memory: 2}
  none:
`)
	image := Image{Name: "alpine:3.20", Dockerfile: "FROM alpine:3.20\n"}
	same(t, "own", byKey(get(t, f, "sandbox.own").attrs), map[string]any{
		"name": "own", "image": image,
		"env_vars":           map[string]string{"A": "default", "B": "own", "C": "own"},
		"labels":             map[string]string{"team": "a"},
		"volumes":            []Mount{{Volume: "y", Path: "/y"}},
		"domain_allow_list":  "c.io",
		"auto_stop_interval": 0,
		"resources.cpu":      1, "resources.memory": 2,
	})
	same(t, "none", byKey(get(t, f, "sandbox.none").attrs), map[string]any{
		"name": "none", "image": image,
		"env_vars":           map[string]string{"A": "default", "B": "default"},
		"labels":             map[string]string{"team": "a"},
		"volumes":            []Mount{{Volume: "x", Path: "/x"}},
		"domain_allow_list":  "a.io,b.io",
		"auto_stop_interval": 5,
		"resources.cpu":      1, "resources.memory": 1,
	})
}

// TestDefaultsAreNotShared: a merge for one resource must not change another one.
func TestDefaultsAreNotShared(t *testing.T) {
	f := mustParse(t, `
defaults: {sandboxes: {labels: {team: a}}}
sandboxes:
  a: {labels: {team: b, x: y}}
  b: {}
`)
	same(t, "labels of b", get(t, f, "sandbox.b").attrs.get(labelsRow), any(map[string]string{"team": "a"}))
}

func TestTarget(t *testing.T) {
	f := mustParse(t, `
target: us
defaults: {snapshots: {target: eu}}
volumes: {v: {}}
snapshots: {s: {image: "alpine:3.20"}}
sandboxes: {a: {}, b: {target: asia}}
`)
	got := map[string]any{}
	for _, r := range f.Resources {
		got[r.String()] = byKey(r.attrs)["target"]
	}
	same(t, "targets", got, map[string]any{"volume.v": nil, "snapshot.s": "eu", "sandbox.a": "us", "sandbox.b": "asia"})
	if !get(t, f, "sandbox.a").HasRegion() || get(t, mustParse(t, "sandboxes: {a: {}}"), "sandbox.a").HasRegion() {
		t.Error("Regional is whether the spec names a region")
	}
}

func TestCount(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  one: {}
  none: {count: 0}
  worker: {count: 11, labels: {x: y}}
  job: {count: 2, name: nightly job}
`)
	var got []string
	for _, r := range f.Resources {
		got = append(got, fmt.Sprintf("%s %q %d", r.Key, r.Name(), r.GroupSize))
	}
	want := []string{`one "one" 0`}
	for i := range 11 {
		want = append(want, fmt.Sprintf(`worker[%d] "worker-%d" 11`, i, i))
	}
	same(t, "replicas", got, append(want, `job[0] "nightly job-0" 2`, `job[1] "nightly job-1" 2`))
}

func TestReferences(t *testing.T) {
	f := mustParse(t, `
images: {py: {debian_slim: "3.12"}}
volumes: {v: {name: volume one}}
snapshots:
  base: {name: demo/base, image: py}
  pulled: {image: "registry.io/a/b@sha256:`+strings.Repeat("0", 64)+`"}
sandboxes:
  by-key: {snapshot: base, volumes: [{volume: v, mount_path: /b}, {volume: v, mount_path: /a}, {volume: foreign, mount_path: /c}]}
  by-name: {snapshot: demo/base, volumes: [{volume: volume one, mount_path: /a}]}
  foreign: {snapshot: elsewhere}
  linked: {linked_sandbox: by-key, ephemeral: true}
  by-id: {linked_sandbox: 0b5f7e9c-27b1-4d41-9d5c-0a4a4a3b7d11, ephemeral: true}
`)
	type refs struct {
		Snapshot any
		Mounts   any
		Needs    []Address
		Uses     []ExternalRef
	}
	base, v := Address{SnapshotKind, "base"}, Address{VolumeKind, "v"}
	got := map[string]refs{}
	for _, r := range f.OfKind(SandboxKind) {
		got[r.Key] = refs{r.attrs.get(snapshotRow), r.attrs.get(mountsRow), r.DependsOn, r.ExternalRefs}
	}
	same(t, "references", got, map[string]refs{
		"by-key": {
			"demo/base",
			[]Mount{{"volume one", "/a", ""}, {"volume one", "/b", ""}, {"foreign", "/c", ""}},
			[]Address{base, v},
			[]ExternalRef{{VolumeKind, "foreign"}},
		},
		"by-name": {"demo/base", []Mount{{"volume one", "/a", ""}}, []Address{base, v}, nil},
		"foreign": {"elsewhere", nil, nil, []ExternalRef{{SnapshotKind, "elsewhere"}}},
		"linked":  {nil, nil, []Address{{SandboxKind, "by-key"}}, nil},
		"by-id":   {nil, nil, nil, nil},
	})
	same(t, "links", get(t, f, "sandbox.linked").Links(), map[string]string{"linkedSandbox": "by-key"})
	same(t, "image", get(t, f, "snapshot.base").attrs.get(snapshotImageRow), any(Image{Name: "py", Dockerfile: builtFrom(t, `debian_slim: "3.12"`)}))
	if pulled := get(t, f, "snapshot.pulled").attrs.get(snapshotImageRow).(Image); pulled.Dockerfile != "" {
		t.Errorf("a registry reference of a snapshot is pulled, not built: %+v", pulled)
	}
}

func TestEphemeralFolds(t *testing.T) {
	for text, want := range map[string]any{
		"":                         nil,
		"ephemeral: true":          0,
		"ephemeral: false":         -1,
		"auto_delete_interval: 0":  0,
		"auto_delete_interval: 30": 30,
		"ephemeral: true, auto_delete_interval: 0":   0,
		"ephemeral: false, auto_delete_interval: 30": 30,
	} {
		r := sandbox(t, text)
		same(t, text, r.attrs.get(autoDeleteRow), want)
		if r.attrs.get(ephemeralRow) != nil {
			t.Errorf("%s: ephemeral is still there", text)
		}
		if r.Ephemeral() != (want == 0) {
			t.Errorf("%s: Ephemeral is %v", text, r.Ephemeral())
		}
	}
}

// TestSnapshotContent checks which attributes change the content of a snapshot: those that
// only a replacement changes.
func TestSnapshotContent(t *testing.T) {
	content := func(snapshot string) any {
		f := mustParse(t, `
images: {py: {base: "a:1"}, py2: {base: "a:1"}, other: {base: "a:2"}}
snapshots: {base: {`+snapshot+`}}
sandboxes: {web: {snapshot: base}}
`)
		return get(t, f, "sandbox.web").attrs.get(contentRow)
	}
	plain := content("name: x, image: py")
	for text, changes := range map[string]bool{
		"name: y, image: py":                              false,
		"name: x, image: py2":                             false,
		"name: x, image: py, timeout: 5m, protect: true":  false,
		"name: x, image: py, active: true":                false,
		"name: x, image: other":                           true,
		"name: x, image: py, entrypoint: [sh]":            true,
		"name: x, image: py, resources: {cpu: 2}":         true,
		"name: x, image: py, target: eu":                  true,
		"name: x, image: py, class: container":            true,
		`name: x, image: "alpine:3.20"`:                   true,
		`name: x, image: "alpine:3.20", entrypoint: [sh]`: true,
	} {
		if got := content(text); (got != plain) != changes {
			t.Errorf("%s: another content is %v, want %v", text, got != plain, changes)
		}
	}
	if sandbox(t, "snapshot: foreign").attrs.get(contentRow) != nil {
		t.Error("the content of a foreign snapshot is not known")
	}
}

func TestEntrypointOfABuild(t *testing.T) {
	r := parseOne(t, `
images: {py: {dockerfile: "FROM a:1\n\n"}}
snapshots: {s: {image: py, entrypoint: [sh, -c, 'echo "x"']}}
`)
	same(t, "attributes", byKey(r.attrs), map[string]any{
		"name": "s", "image": Image{Name: "py", Dockerfile: "FROM a:1\nENTRYPOINT [\"sh\", \"-c\", \"echo \\\"x\\\"\"]\n"},
	})
}

// TestMergeKeys: a mapping's own keys take precedence over merged ones in any order, and
// the first of several sources over later ones.
func TestMergeKeys(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  a: &a {os_user: a, public: true, labels: &labels {x: a}}
  b: &b {os_user: b, auto_stop_interval: 7}
  before: {<<: *a, os_user: own}
  after: {os_user: own, <<: *a}
  both: {<<: [*b, *a]}
  alias: {labels: *labels}
`)
	got := map[string]map[string]any{}
	for _, key := range []string{"before", "after", "both", "alias"} {
		got[key] = byKey(get(t, f, "sandbox."+key).attrs)
		delete(got[key], "name")
	}
	labels := map[string]string{"x": "a"}
	same(t, "merged", got, map[string]map[string]any{
		"before": {"os_user": "own", "public": true, "labels": labels},
		"after":  {"os_user": "own", "public": true, "labels": labels},
		"both":   {"os_user": "b", "public": true, "labels": labels, "auto_stop_interval": 7},
		"alias":  {"labels": labels},
	})
}

// TestScalars: texts are unchanged, sets are sorted.
func TestScalars(t *testing.T) {
	for text, want := range map[string]any{
		"os_user: 0010":                            "0010",
		"os_user: 2020-01-01":                      "2020-01-01",
		"os_user: 1.10":                            "1.10",
		"os_user: no":                              "no",
		"env_vars: {A: 0x10}":                      map[string]string{"A": "0x10"},
		`env_vars: {A: ""}`:                        map[string]string{"A": ""},
		"env_vars: null":                           nil,
		"labels: {}":                               map[string]string{},
		"public: True":                             true,
		"public: FALSE":                            false,
		"auto_delete_interval: -1":                 -1,
		"timeout: 1h30m":                           90 * time.Minute,
		"network_allow_list: []":                   "",
		`network_allow_list: ""`:                   "",
		`domain_allow_list: " b.io,, A.IO,b.io ,"`: "a.io,b.io",
		"network_allow_list: [11.0.0.0/8, 10.0.0.0/8, 11.0.0.0/8]": "10.0.0.0/8,11.0.0.0/8",
		"volumes: []":                              []Mount{},
		"secrets: {B: two, A: one}":                map[string]string{"A": "one", "B": "two"},
		"otel_endpoint_override: http://x:4318/v1": "http://x:4318/v1",
	} {
		key, _, _ := strings.Cut(text, ":")
		r := sandbox(t, text)
		if d := cmp.Diff(want, byKey(r.attrs)[key]); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}
}

// TestParts checks that several files make one fleet, in the order of the
// sources.
func TestParts(t *testing.T) {
	f, err := Parse(
		Source{Name: "b.yaml", Text: []byte("name: demo\nsandboxes: {b: {snapshot: s}}\nowns: {volumes: [x-*]}\n")},
		Source{Name: "a.yaml", Text: []byte("version: 1\r\nname: demo\r\nsnapshots: {s: {image: i}}\r\nowns: {volumes: [y-*]}\r\n")},
		Source{Name: "c.yaml", Text: []byte("version: 1\nimages: {i: {base: 'a:1'}}\ndefaults: {sandboxes: {public: true}}\n")},
	)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "files", f.Files, []string{"b.yaml", "a.yaml", "c.yaml"})
	same(t, "owns", f.Owns, map[Kind][]string{VolumeKind: {"x-*", "y-*"}})
	same(t, "b", byKey(get(t, f, "sandbox.b").attrs), map[string]any{
		"name": "b", "snapshot": "s", "public": true, "snapshot content": get(t, f, "snapshot.s").content(),
	})
	same(t, "position", get(t, f, "snapshot.s").Pos, Position{File: "a.yaml", Line: 3, Column: 13})
}

func TestOwned(t *testing.T) {
	f := mustParse(t, `
owns: {snapshots: ["demo/*", "base-?"]}
removed: [volume.old, snapshot.gone]
`)
	got := map[string]bool{}
	for _, s := range []string{
		"snapshot.demo/x", "snapshot.demo/x/y", "snapshot.base-1", "snapshot.base-12", "snapshot.gone", "snapshot.old",
		"volume.old", "volume.base-1",
	} {
		a, _ := ParseAddress(s)
		if f.Owned(a.Kind, a.Key) {
			got[s] = true
		}
	}
	same(t, "owned", slices.Sorted(maps.Keys(got)), []string{"snapshot.base-1", "snapshot.demo/x", "snapshot.gone", "volume.old"})
}

func TestResourceQuestions(t *testing.T) {
	ephemeral, lasting := sandbox(t, "ephemeral: true"), sandbox(t, "")
	for what, ok := range map[string]bool{
		"ephemeral may vanish":       ephemeral.MayExpire(),
		"a ttl may vanish":           sandbox(t, "ttl_minutes: 5").MayExpire(),
		"auto delete may vanish":     sandbox(t, "auto_delete_interval: 9").MayExpire(),
		"nothing said stays":         !lasting.MayExpire(),
		"never deleted stays":        !sandbox(t, "auto_delete_interval: -1, ttl_minutes: 0").MayExpire(),
		"protected":                  sandbox(t, "protect: true").Protected(),
		"not protected":              !lasting.Protected(),
		"protect: false unprotects":  sandbox(t, "protect: false").Unprotected(),
		"silence does not unprotect": !lasting.Unprotected(),
		"volumes protect locally":    parseOne(t, "volumes: {v: {protect: true}}").Protected(),
		"adopt":                      sandbox(t, "adopt: true").Adopt() && !lasting.Adopt(),
		"state":                      sandbox(t, "state: paused").State() == Paused && lasting.State() == "",
		"timeout":                    sandbox(t, "timeout: 9s").Timeout(true) == 9*time.Second,
		"default timeout":            lasting.Timeout(false) == DefaultTimeout,
		"archives take long":         lasting.Timeout(true) == 2*time.Hour,
		"builds take long":           sandbox(t, `image: "a:1"`).Timeout(false) == time.Hour,
		"object ephemeral":           Object{Attrs: Attrs{set: attributes{{autoDeleteRow, 0}}}}.Ephemeral() && !Object{}.Ephemeral(),
	} {
		if !ok {
			t.Error(what)
		}
	}
	if active, said := parseOne(t, `snapshots: {s: {image: "a:1", active: false}}`).Active(); active || !said {
		t.Error("active: false is said")
	}
	if _, said := parseOne(t, `snapshots: {s: {image: "a:1"}}`).Active(); said {
		t.Error("active is not said")
	}
}

// TestEndOfDocument: a file may end in a document marker.
func TestEndOfDocument(t *testing.T) {
	for _, end := range []string{"...\n", "# end\n", "---\n"} {
		if _, err := Parse(Source{Name: "fleet.yaml", Text: []byte("---\nversion: 1\nname: demo\n" + end)}); err != nil {
			t.Errorf("%q: %v", end, err)
		}
	}
}

// TestOwnWordsOverDefaults: image in a block replaces snapshot of the defaults, and the
// reverse.
func TestOwnWordsOverDefaults(t *testing.T) {
	f := mustParse(t, `
defaults: {sandboxes: {snapshot: base, auto_delete_interval: 30}}
sandboxes:
  built: {image: "a:1"}
  short: {ephemeral: true}
`)
	same(t, "built", byKey(get(t, f, "sandbox.built").attrs)["snapshot"], nil)
	same(t, "short", byKey(get(t, f, "sandbox.short").attrs)["auto_delete_interval"], any(0))
}
