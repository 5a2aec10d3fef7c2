package apply

import (
	"maps"
	"testing"

	"fleet/plan"
	"fleet/spec"
)

// wanted are the resources of a spec, by address.
func wanted(t *testing.T) map[string]*spec.Resource {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
images: {i: {dockerfile: "FROM a:1\n"}}
snapshots:
  base: {name: the-base, image: "a:1"}
  built: {image: i}
sandboxes:
  plain: {snapshot: daytona-small}
  eu: {snapshot: daytona-small, target: eu}
  us: {snapshot: daytona-small, target: us}
  based: {snapshot: base}
  made: {image: i}
  linked: {snapshot: daytona-small, linked_sandbox: plain, ephemeral: true}
`)})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*spec.Resource{}
	for _, r := range f.Resources {
		all[r.String()] = r
	}
	return all
}

// inRegion is a sandbox in a region.
func inRegion(id string) *plan.Object {
	o := &plan.Object{ID: "1", State: spec.Started, TargetState: spec.Started}
	o.Attrs = spec.Attrs{}
	for _, a := range spec.Tables[spec.SandboxKind] {
		if a.Key == "target" {
			o.Attrs[a] = id
		}
	}
	return o
}

// TestScheduleParallelism checks how many workers there are: what the caller
// says counts, then the spec, and only the caller fixes the budgets.
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
		s := newSchedule(&plan.Plan{Parallelism: spec.Parallelism{Max: c.spec}}, c.caller)
		if s.maxWorkers != c.want {
			t.Errorf("%d and %d in the spec: %d workers, want %d", c.caller, c.spec, s.maxWorkers, c.want)
		}
		for _, b := range s.limiters {
			if b.fixed != c.fixed || b.maxLimit != c.want {
				t.Errorf("%d and %d in the spec: a budget of up to %d, fixed: %t", c.caller, c.spec, b.maxLimit, b.fixed)
			}
		}
	}
}

// TestScheduleBoundsByName checks that regions are bounded by id and snapshots by
// name, however the spec calls them.
func TestScheduleBoundsByName(t *testing.T) {
	step := func(kind spec.Kind, key, name string) *plan.Step {
		return &plan.Step{Address: spec.Address{Kind: kind, Key: key}, Name: name}
	}
	s := newSchedule(&plan.Plan{
		Facts: spec.Facts{Regions: map[string]string{"eu": "r1"}},
		Parallelism: spec.Parallelism{
			Regions: map[string]int{"eu": 3, "r2": 4}, PerSnapshot: map[string]int{"base": 2, "public": 5, "box": 6},
		},
		Steps: []*plan.Step{
			step(spec.SnapshotKind, "base", "the-base"), step(spec.SnapshotKind, "other", "the-other"), step(spec.SandboxKind, "box", "the-box"),
		},
	}, 0)
	if want := map[string]int{"r1": 3, "r2": 4}; !maps.Equal(s.regionLimits, want) {
		t.Errorf("regions %v, want %v", s.regionLimits, want)
	}
	if want := map[string]int{"base": 2, "the-base": 2, "public": 5, "box": 6}; !maps.Equal(s.snapshotLimits, want) {
		t.Errorf("snapshots %v, want %v", s.snapshotLimits, want)
	}
}

// TestScheduleBoundsOfARoom checks which bounds apply to what a task takes up.
func TestScheduleBoundsOfARoom(t *testing.T) {
	bounded := &schedule{
		maxWorkers: 9, regionLimits: map[string]int{"r1": 1, "": 7}, snapshotLimits: map[string]int{"base": 1, "": 7},
		limits: spec.Parallelism{Kinds: map[spec.Kind]int{spec.SandboxKind: 1}, Builds: 1},
	}
	free := &schedule{maxWorkers: 9, regionLimits: map[string]int{}, snapshotLimits: map[string]int{}}
	kind, risks := limitKey{"kind", "sandbox"}, limitKey{"risks", ""}
	region, snapshot, building := limitKey{"region", "r1"}, limitKey{"snapshot", "base"}, limitKey{"builds", ""}
	all := slot{spec.SandboxKind, true, true, "r1", "base"}
	for name, c := range map[string]struct {
		*schedule
		slot
		want map[limitKey]int
	}{
		"nothing":         {bounded, slot{}, nil},
		"kind":            {bounded, slot{kind: spec.SandboxKind}, map[limitKey]int{kind: 1}},
		"another kind":    {bounded, slot{kind: spec.VolumeKind}, nil},
		"build":           {bounded, slot{builds: true}, map[limitKey]int{building: 1}},
		"risk":            {bounded, slot{risks: true}, map[limitKey]int{risks: 9}},
		"region":          {bounded, slot{region: "r1"}, map[limitKey]int{region: 1}},
		"other region":    {bounded, slot{region: "r2"}, nil},
		"snapshot":        {bounded, slot{snapshot: "base"}, map[limitKey]int{snapshot: 1}},
		"other snapshot":  {bounded, slot{snapshot: "x"}, nil},
		"everything":      {bounded, all, map[limitKey]int{kind: 1, building: 1, risks: 9, region: 1, snapshot: 1}},
		"without a bound": {free, all, map[limitKey]int{risks: 9}},
	} {
		if got := c.limitsOf(c.slot); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestScheduleRoomOfAStep checks what a step takes up: a region and a snapshot
// where they are bounded, and a build where something is made.
func TestScheduleRoomOfAStep(t *testing.T) {
	p := &plan.Plan{
		Facts:       spec.Facts{Regions: map[string]string{"eu": "r1", "us": "r2"}},
		Parallelism: spec.Parallelism{Regions: map[string]int{"eu": 1}, PerSnapshot: map[string]int{"the-base": 1}},
	}
	s, all := newSchedule(p, 0), wanted(t)
	box, snapshot := spec.SandboxKind, spec.SnapshotKind
	again := []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}}
	for _, c := range []struct {
		name, of string
		action   plan.Action
		have     *plan.Object
		ops      []plan.Op
		target   string
		want     slot
	}{
		{"created in a bounded region", "sandbox.eu", plan.Create, nil, nil, "us", slot{kind: box, region: "r1"}},
		{"created in another region", "sandbox.us", plan.Create, nil, nil, "eu", slot{kind: box}},
		{"created in the usual region", "sandbox.plain", plan.Create, nil, nil, "eu", slot{kind: box, region: "r1"}},
		{"created in the usual region, by id", "sandbox.plain", plan.Create, nil, nil, "r1", slot{kind: box, region: "r1"}},
		{"created nowhere in particular", "sandbox.plain", plan.Create, nil, nil, "", slot{kind: box}},
		{"changed where it is", "sandbox.us", plan.Update, inRegion("r1"), nil, "us", slot{kind: box, region: "r1"}},
		{"changed where it is, though wanted elsewhere", "sandbox.eu", plan.Update, inRegion("r2"), nil, "eu", slot{kind: box}},
		{"replaced elsewhere", "sandbox.eu", plan.Replace, inRegion("r2"), again, "us", slot{kind: box, region: "r1", risks: true}},
		{"replaced where it is", "sandbox.plain", plan.Replace, inRegion("r1"), again, "us", slot{kind: box, region: "r1", risks: true}},
		{"deleted where it is", "", plan.Delete, inRegion("r1"), nil, "us", slot{kind: box, region: "r1"}},
		{"made from a bounded snapshot", "sandbox.based", plan.Create, nil, nil, "", slot{kind: box, snapshot: "the-base"}},
		{"replaced from a bounded snapshot", "sandbox.based", plan.Replace, inRegion("r2"), again, "", slot{kind: box, snapshot: "the-base", risks: true}},
		{"changed, and made from a bounded snapshot", "sandbox.based", plan.Update, inRegion("r2"), nil, "", slot{kind: box}},
		{"built", "sandbox.made", plan.Create, nil, nil, "", slot{kind: box, builds: true}},
		{"replaced by what is built", "sandbox.made", plan.Replace, inRegion("r2"), again, "", slot{kind: box, builds: true, risks: true}},
		{"changed, and built before", "sandbox.made", plan.Update, inRegion("r2"), nil, "", slot{kind: box}},
		{"a snapshot", "snapshot.base", plan.Create, nil, nil, "eu", slot{kind: snapshot}},
		{"a snapshot that is built", "snapshot.built", plan.Create, nil, nil, "eu", slot{kind: snapshot, builds: true}},
	} {
		step := &plan.Step{Address: spec.Address{Kind: c.want.kind, Key: "x"}, Action: c.action, Want: all[c.of], Have: c.have, Ops: c.ops}
		if got := s.slotFor(p, step, c.target); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
