package spec

import (
	"strings"
	"testing"
)

// TestVersionsNeverChange has golden values: a build of fleet that computes another
// version replaces the sandboxes of all fleets with versioned snapshots.
func TestVersionsNeverChange(t *testing.T) {
	for text, want := range map[string]string{
		`image: "a:1"`: "ef62cc186a15",
		`image: "a:1", resources: {cpu: 1, memory: 1, disk: 3, gpu: 0}, class: container`: "ef62cc186a15", // the defaults
		`image: "a:1", name: other, timeout: 5m, adopt: true, keep: 2, active: true`:      "ef62cc186a15", // not content
		`image: "a:2"`: "c907e3422ddb",
		`image: py`:    "1049df3a505d",
		`image: crlf`:  "1049df3a505d",
		`image: py, entrypoint: [sh, -c, "echo <a>"]`:       "f3b2c279e360",
		`image: "a:1", entrypoint: [sh]`:                    "0f24277753fe",
		`image: "a:1", resources: {cpu: 2}`:                 "b4eee8107d0b",
		`image: "a:1", resources: {memory: 2, disk: 4}`:     "e3aa5dd8536d",
		`image: "a:1", target: us`:                          "f243ffefd9a5",
		`image: "a:1", class: linux-vm`:                     "548495c04c89",
		`image: "a:1", resources: {gpu: 1, gpu_type: H100}`: "140f893f1472",
	} {
		r := versioned(t, text)
		if got := r.Version(); got != want {
			t.Errorf("%s has the version %s, want %s", text, got, want)
		}
	}
}

// versioned returns a snapshot with versioning: content.
func versioned(t *testing.T, text string) *Resource {
	t.Helper()
	f := mustParse(t, `
images:
  py: {dockerfile: "FROM a:1\nRUN echo one\n"}
  crlf: {dockerfile: "FROM a:1\r\nRUN echo one\r\n"}
snapshots: {base: {versioning: content, `+text+`}}
sandboxes: {web: {snapshot: base}}
`)
	base, web := get(t, f, "snapshot.base"), get(t, f, "sandbox.web")
	if web.attrs.text(snapshotRow) != base.Name() || base.Name() != base.VersionBase()+"-"+base.Version() {
		t.Errorf("%s: the sandbox refers to %q, the snapshot is %q, version %q of %q", text, web.attrs.get(snapshotRow), base.Name(), base.Version(), base.VersionBase())
	}
	return base
}

// TestVersionsAreProven checks for every attribute that the server's response for a
// snapshot proves its version, and no other one.
func TestVersionsAreProven(t *testing.T) {
	for _, x := range examples[SnapshotKind] {
		if x.as == "name" || x.key == "name" {
			continue
		}
		parse := func(value string) *Resource {
			with := strings.Trim(strings.ReplaceAll(x.with, "versioning: content", ""), ", ")
			return versioned(t, strings.Trim(with+", "+value, ", "))
		}
		one, other := parse(x.one), parse(x.other)
		f := facts("0.205.0")
		for _, r := range []*Resource{one, other} {
			if !created(t, r, f, true).ProvesVersion(r.Version(), f) {
				t.Errorf("%s: version %s is not that of the created snapshot", x.key, r.Version())
			}
		}
		if one.Version() == other.Version() != (x.mode == nothing) {
			t.Errorf("%s: the versions are %s and %s", x.key, one.Version(), other.Version())
		}
		if x.mode != nothing && x.key != "image" { // the server may choose the value of others
			continue
		}
		if one.Version() != other.Version() && created(t, one, f, true).ProvesVersion(other.Version(), f) {
			t.Errorf("%s: %s proves the version of %s", x.key, x.one, x.other)
		}
	}
	if (Object{}).ProvesVersion("e3b0c44298fc", Facts{}) {
		t.Error("nothing proves a version")
	}
}

// TestPinsLikeNumbers checks that a pin that YAML could read as a number is a text.
func TestPinsLikeNumbers(t *testing.T) {
	for _, pin := range []string{"123456789012", "012345678901", "6789e1234567", "000000000000"} {
		if r := versioned(t, `image: "a:1", pin: `+pin); r.PinnedVersion() != pin {
			t.Errorf("%s is read as %q", pin, r.PinnedVersion())
		}
	}
}

// TestVersionByDefaults checks versioning in defaults, for groups, and a pin.
func TestVersionByDefaults(t *testing.T) {
	f := mustParse(t, `
defaults: {snapshots: {versioning: content, keep: 2}}
snapshots:
  task: {for_each: [a, b], image: "task:${each.key}"}
  old: {versioning: fixed, keep: null, image: "a:1"}
  back: {image: "a:1", pin: 123456789012}
`)
	a, b := get(t, f, "snapshot.task[a]"), get(t, f, "snapshot.task[b]")
	if a.Version() == "" || a.Version() == b.Version() || a.VersionBase() != "task-a" || a.Keep() != 2 {
		t.Errorf("%s and %s, keep %d", a.Name(), b.Name(), a.Keep())
	}
	if old := get(t, f, "snapshot.old"); old.Name() != "old" || old.Versioned() || old.Version() != "" {
		t.Errorf("a fixed snapshot is called %s", old.Name())
	}
	if back := get(t, f, "snapshot.back"); back.Name() != "back-123456789012" || back.PinnedVersion() != back.Version() {
		t.Errorf("a pinned snapshot is called %s", back.Name())
	}
}
