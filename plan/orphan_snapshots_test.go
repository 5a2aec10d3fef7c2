package plan

import (
	"slices"
	"strings"
	"testing"

	"fleet/spec"
)

// A snapshot is an orphan if the fleet is known to own it and the spec does not mention
// it.
func TestOrphanSnapshots(t *testing.T) {
	const declared = "snapshots: {v1: {image: 'a:1'}}\nsandboxes: {web: {snapshot: v1}}"
	const renamed = "snapshots: {v2: {image: 'a:1'}}\nsandboxes: {web: {snapshot: v2}}"
	record := []Creation{{Name: "v1", ID: "1"}}
	for _, c := range []struct {
		name, was, now string
		change         func(snapshot, web *Object)
		created        []Creation
		want           string
	}{
		{name: "a sandbox was made from it", was: declared, now: renamed, want: "snapshot.v1"},
		{name: "which is a fork", was: declared, now: renamed, change: func(_, web *Object) { web.Name = "fork" }},
		{name: "which another fleet owns", was: declared, now: renamed, change: func(_, web *Object) { web.Labels[spec.FleetLabel] = "other" }},
		{name: "while nobody declared it", was: "sandboxes: {web: {snapshot: v1}}", now: renamed},
		{name: "and the record says so", was: "sandboxes: {web: {snapshot: v1}}", now: renamed, created: record, want: "snapshot.v1"},
		{name: "it is declared", was: declared, now: declared, created: record},
		{name: "it is referred to", was: declared, now: "sandboxes: {web: {snapshot: v1}}", created: record},
		{name: "it is owned", was: declared, now: "owns: {snapshots: ['v1*']}\n" + renamed, created: record},
		{name: "it is removed", was: declared, now: "removed: [snapshot.v1]\n" + renamed, created: record},
		{name: "it is let go", was: declared, now: "removed: [{from: snapshot.v1, destroy: false}]\n" + renamed, created: record},
		{name: "it belongs to the platform", was: declared, now: renamed, change: func(snapshot, _ *Object) { snapshot.Shared = true }, created: record},
		{name: "it is on its way out", was: declared, now: renamed, change: func(snapshot, _ *Object) { snapshot.TargetState = "removing" }, created: record},
	} {
		t.Run(c.name, func(t *testing.T) {
			web := parse(t, c.was).OfKind(spec.SandboxKind)[0]
			snapshot := &Object{ID: "1", Name: "v1", State: "active", TargetState: "active"}
			sandbox := &Object{
				Object: spec.Object{Attrs: web.Attrs(), Labels: web.Labels(fleetName, nil)},
				ID:     "2", Name: "web", State: "started", TargetState: "started",
			}
			if c.change != nil {
				c.change(snapshot, sandbox)
			}
			w := &World{Objects: Objects{spec.SnapshotKind: {snapshot}, spec.SandboxKind: {sandbox}}}
			var got []string
			for _, l := range w.OrphanSnapshots(parse(t, c.now), c.created) {
				got = append(got, l.Address.String())
			}
			if want := strings.Fields(c.want); !slices.Equal(got, want) {
				t.Errorf("left behind are %v, want %v", got, want)
			}
		})
	}
}
