package plan

import (
	"testing"
	"time"

	"fleet/spec"
)

// A record proves the owner of a snapshot by its id or, if the response was lost, by its
// name, recipe and age.
func TestCreations(t *testing.T) {
	f := parse(t, "snapshots: {base: {image: 'a:1'}, other: {image: 'a:2'}}")
	recipe := f.OfKind(spec.SnapshotKind)[0].SourceDigest()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	have := &Object{Object: spec.Object{Attrs: f.OfKind(spec.SnapshotKind)[0].Attrs()}, ID: "1", Name: "base", Created: at}
	for name, c := range map[string]struct {
		record Creation
		want   bool
	}{
		"the same id":           {Creation{Name: "base", ID: "1"}, true},
		"another id":            {Creation{Name: "base", ID: "2", Recipe: recipe, At: at}, false},
		"no answer":             {Creation{Name: "base", Recipe: recipe, At: at}, true},
		"sent right before":     {Creation{Name: "base", Recipe: recipe, At: at.Add(-time.Hour)}, true},
		"a clock that is ahead": {Creation{Name: "base", Recipe: recipe, At: at.Add(maxClockSkew)}, true},
		"older than the record": {Creation{Name: "base", Recipe: recipe, At: at.Add(maxClockSkew + 1)}, false},
		"another name":          {Creation{Name: "other", Recipe: recipe, At: at}, false},
		"another content":       {Creation{Name: "base", Recipe: f.OfKind(spec.SnapshotKind)[1].SourceDigest(), At: at}, false},
		"no content":            {Creation{Name: "base", At: at}, false},
		"nothing":               {Creation{}, false},
	} {
		if got := isRecorded([]Creation{c.record}, have); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

// Only snapshots that the fleet is known to own are replaced.
func TestOwnedSnapshots(t *testing.T) {
	const was = "snapshots: {base: {image: 'a:1'}}"
	const now = "snapshots: {base: {image: 'a:2'}}"
	const replaced = "replace snapshot.base [image a:1 -> a:2] | delete create"
	made := parse(t, was).OfKind(spec.SnapshotKind)[0].SourceDigest()
	runStories(t, []story{
		{name: "a record without an answer proves it", was: was, spec: now, opts: Options{Creations: []Creation{{Name: "base", Recipe: made}}}, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			` + whileReplaced},
		{name: "one of another snapshot does not", was: was, spec: now, opts: Options{Creations: []Creation{{Name: "base", ID: "elsewhere", Recipe: made}}}, want: replaced + " | " + notOurs},
		{name: "owns says it", was: was, spec: "owns: {snapshots: ['ba*']}\n" + now, want: `
			replace snapshot.base [image a:1 -> a:2] | try delete create drop
			` + whileReplaced},
		{name: "of other names it says nothing", was: was, spec: "owns: {snapshots: ['xy*']}\n" + now, want: replaced + " | " + notOurs},
		{name: "a record does not lift what others use", was: was, then: "snapshot.base used by x", spec: now, opts: Options{Creations: []Creation{{Name: "base", Recipe: made}}}, want: replaced + " | " + snapshotInUse +
			" (write versioning: content in snapshots.base, and they keep the old one; or write adopt: true in snapshots.base to replace it under them)"},
	})
}
