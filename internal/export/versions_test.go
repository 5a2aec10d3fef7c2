package export

import (
	"strings"
	"testing"

	"fleet/plan"
	"fleet/spec"
)

func parse(t *testing.T, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Text: []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFixVersions checks that a version is pinned if its content is not the one that the
// draft has, and that it is dropped if this does not help.
func TestFixVersions(t *testing.T) {
	drafted := parse(t, `snapshots: {base: {image: "a:1", resources: {cpu: 2}, versioning: content}, other: {image: "a:1", versioning: content}}`)
	d := &draft{selection: &selection{notes: &notes{}}, world: &plan.World{}, resources: drafted.Resources}
	base, other := drafted.Resources[0], drafted.Resources[1]
	name, otherName := base.Name(), other.Name()
	if d.fixVersions(drafted) {
		t.Error("what is equal was changed")
	}
	without := parse(t, `snapshots: {base: {image: "a:1", versioning: content}, other: {image: "a:1", versioning: content}}`)
	if !d.fixVersions(without) || base.Name() != name || base.PinnedVersion() == "" || other.PinnedVersion() != "" || other.Name() != otherName {
		t.Errorf("%s has the pin %q, %s has %q", base.Name(), base.PinnedVersion(), other.Name(), other.PinnedVersion())
	}
	d.notePinned()
	if !d.fixVersions(without) || len(d.resources) != 1 || d.resources[0] != other {
		t.Errorf("%d resources remain", len(d.resources))
	}
	lines := strings.Join(d.notes.lines(), "\n")
	if !strings.Contains(lines, "snapshot \""+name+"\": the spec pins the version") || !strings.Contains(lines, "snapshot \""+name+"\": left out: a spec would give it the name") {
		t.Errorf("the notes are\n%s", lines)
	}
	if d.fixVersions(without) {
		t.Error("it does not end")
	}
}
