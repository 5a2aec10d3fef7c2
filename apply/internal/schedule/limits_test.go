package schedule

import (
	"maps"
	"testing"

	"fleet/apply/internal/applytest"

	"fleet/plan"
	"fleet/spec"
)

// TestScheduleParallelism checks how many workers there are: the caller's number takes
// precedence over the spec's, and only the caller fixes the limiters.
func TestScheduleParallelism(t *testing.T) {
	for _, c := range []struct {
		caller, spec, want int
		fixed              bool
	}{
		{0, 0, 250, false},
		{0, 1, 1, false},
		{0, 7, 7, false},
		{1, 0, 1, true},
		{1, 7, 1, true},
		{9, 7, 9, true},
	} {
		s := New(NewLimits(&plan.Plan{Parallelism: spec.Parallelism{Max: c.spec}}, c.caller))
		if s.limits.maxWorkers != c.want {
			t.Errorf("%d and %d in the spec: %d workers, want %d", c.caller, c.spec, s.limits.maxWorkers, c.want)
		}
		for _, b := range s.limiters {
			if b.fixed != c.fixed || b.maxLimit != c.want {
				t.Errorf("%d and %d in the spec: a budget of up to %d, fixed: %t", c.caller, c.spec, b.maxLimit, b.fixed)
			}
		}
	}
}

// TestScheduleBoundsByName checks that regions are limited by id and snapshots by name,
// even if the spec refers to them otherwise.
func TestScheduleBoundsByName(t *testing.T) {
	step := func(kind spec.Kind, key, name string) *plan.Step {
		return &plan.Step{Address: spec.Address{Kind: kind, Key: key}, Name: name}
	}
	l := NewLimits(&plan.Plan{
		Facts: spec.Facts{Regions: map[string]string{"eu": "r1"}},
		Parallelism: spec.Parallelism{
			Regions: map[string]int{"eu": 3, "r2": 4}, PerSnapshot: map[string]int{"base": 2, "public": 5, "box": 6},
		},
		Steps: []*plan.Step{
			step(spec.SnapshotKind, "base", "the-base"), step(spec.SnapshotKind, "other", "the-other"), step(spec.SandboxKind, "box", "the-box"),
		},
	}, 0)
	if want := map[string]int{"r1": 3, "r2": 4}; !maps.Equal(l.regions, want) {
		t.Errorf("regions %v, want %v", l.regions, want)
	}
	if want := map[string]int{"base": 2, "the-base": 2, "public": 5, "box": 6}; !maps.Equal(l.snapshots, want) {
		t.Errorf("snapshots %v, want %v", l.snapshots, want)
	}
}

// TestScheduleBoundsOfARoom checks which limits apply to a slot.
func TestScheduleBoundsOfARoom(t *testing.T) {
	bounded := &Limits{
		maxWorkers: 9, regions: map[string]int{"r1": 1, "": 7}, snapshots: map[string]int{"base": 1, "": 7},
		perKind: map[spec.Kind]int{spec.SandboxKind: 1}, builds: 1,
	}
	free := &Limits{maxWorkers: 9}
	kind, risks := limitKey{"kind", "sandbox"}, limitKey{"risks", ""}
	region, snapshot, building := limitKey{"region", "r1"}, limitKey{"snapshot", "base"}, limitKey{"builds", ""}
	all := Slot{spec.SandboxKind, true, true, "r1", "base"}
	for name, c := range map[string]struct {
		*Limits
		Slot
		want map[limitKey]int
	}{
		"nothing":         {bounded, Slot{}, nil},
		"kind":            {bounded, Slot{Kind: spec.SandboxKind}, map[limitKey]int{kind: 1}},
		"another kind":    {bounded, Slot{Kind: spec.VolumeKind}, nil},
		"build":           {bounded, Slot{Builds: true}, map[limitKey]int{building: 1}},
		"risk":            {bounded, Slot{Risks: true}, map[limitKey]int{risks: 9}},
		"region":          {bounded, Slot{Region: "r1"}, map[limitKey]int{region: 1}},
		"other region":    {bounded, Slot{Region: "r2"}, nil},
		"snapshot":        {bounded, Slot{Snapshot: "base"}, map[limitKey]int{snapshot: 1}},
		"other snapshot":  {bounded, Slot{Snapshot: "x"}, nil},
		"everything":      {bounded, all, map[limitKey]int{kind: 1, building: 1, risks: 9, region: 1, snapshot: 1}},
		"without a bound": {free, all, map[limitKey]int{risks: 9}},
	} {
		if got := c.of(c.Slot); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestScheduleRoomOfAStep checks the slot of a step: a region and a snapshot if they are
// limited, and a build if an image is built.
func TestScheduleRoomOfAStep(t *testing.T) {
	p := &plan.Plan{
		Facts:       spec.Facts{Regions: map[string]string{"eu": "r1", "us": "r2"}},
		Parallelism: spec.Parallelism{Regions: map[string]int{"eu": 1}, PerSnapshot: map[string]int{"the-base": 1}},
	}
	l, all := NewLimits(p, 0), applytest.Resources(t)
	box, snapshot := spec.SandboxKind, spec.SnapshotKind
	again := []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}}
	for _, c := range []struct {
		name, of string
		action   plan.Action
		have     *plan.Object
		ops      []plan.Op
		target   string
		want     Slot
	}{
		{"created in a bounded region", "sandbox.eu", plan.Create, nil, nil, "us", Slot{Kind: box, Region: "r1"}},
		{"created in another region", "sandbox.us", plan.Create, nil, nil, "eu", Slot{Kind: box}},
		{"created in the usual region", "sandbox.plain", plan.Create, nil, nil, "eu", Slot{Kind: box, Region: "r1"}},
		{"created in the usual region, by id", "sandbox.plain", plan.Create, nil, nil, "r1", Slot{Kind: box, Region: "r1"}},
		{"created nowhere in particular", "sandbox.plain", plan.Create, nil, nil, "", Slot{Kind: box}},
		{"changed where it is", "sandbox.us", plan.Update, applytest.InRegion("r1"), nil, "us", Slot{Kind: box, Region: "r1"}},
		{"changed where it is, though wanted elsewhere", "sandbox.eu", plan.Update, applytest.InRegion("r2"), nil, "eu", Slot{Kind: box}},
		{"replaced elsewhere", "sandbox.eu", plan.Replace, applytest.InRegion("r2"), again, "us", Slot{Kind: box, Region: "r1", Risks: true}},
		{"replaced where it is", "sandbox.plain", plan.Replace, applytest.InRegion("r1"), again, "us", Slot{Kind: box, Region: "r1", Risks: true}},
		{"deleted where it is", "", plan.Delete, applytest.InRegion("r1"), nil, "us", Slot{Kind: box, Region: "r1"}},
		{"made from a bounded snapshot", "sandbox.based", plan.Create, nil, nil, "", Slot{Kind: box, Snapshot: "the-base"}},
		{"replaced from a bounded snapshot", "sandbox.based", plan.Replace, applytest.InRegion("r2"), again, "", Slot{Kind: box, Snapshot: "the-base", Risks: true}},
		{"changed, and made from a bounded snapshot", "sandbox.based", plan.Update, applytest.InRegion("r2"), nil, "", Slot{Kind: box}},
		{"built", "sandbox.made", plan.Create, nil, nil, "", Slot{Kind: box, Builds: true}},
		{"replaced by what is built", "sandbox.made", plan.Replace, applytest.InRegion("r2"), again, "", Slot{Kind: box, Builds: true, Risks: true}},
		{"changed, and built before", "sandbox.made", plan.Update, applytest.InRegion("r2"), nil, "", Slot{Kind: box}},
		{"a snapshot", "snapshot.base", plan.Create, nil, nil, "eu", Slot{Kind: snapshot}},
		{"a snapshot that is built", "snapshot.built", plan.Create, nil, nil, "eu", Slot{Kind: snapshot, Builds: true}},
	} {
		step := &plan.Step{Address: spec.Address{Kind: c.want.Kind, Key: "x"}, Action: c.action, Want: all[c.of], Have: c.have, Ops: c.ops}
		if got := l.SlotOf(step, c.target); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
