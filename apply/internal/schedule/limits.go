package schedule

import (
	"fleet/plan"
	"fleet/spec"
)

// MaxParallelism is how many operations send requests at once at most, unless
// the caller or the spec sets a number. The client keeps as many connections.
const MaxParallelism = 250

// Limits bound how many tasks run at once.
type Limits struct {
	maxWorkers int
	fixed      bool // the caller set maxWorkers: the limiters do not adapt to the server

	perKind   map[spec.Kind]int
	builds    int            // images that are built; 0: no limit
	regions   map[string]int // by the id of the region
	snapshots map[string]int // by the name of the snapshot
	regionIDs map[string]string
}

// NewLimits returns the limits of a plan. parallelism is the caller's limit; 0
// leaves it to the spec and, without a limit there, to the limiters.
func NewLimits(p *plan.Plan, parallelism int) *Limits {
	l := &Limits{
		maxWorkers: MaxParallelism, fixed: parallelism > 0,
		perKind: p.Parallelism.Kinds, builds: p.Parallelism.Builds,
		regions: map[string]int{}, snapshots: map[string]int{}, regionIDs: p.Facts.Regions,
	}
	switch {
	case parallelism > 0:
		l.maxWorkers = parallelism
	case p.Parallelism.Max > 0:
		l.maxWorkers = p.Parallelism.Max
	}
	for name, n := range p.Parallelism.Regions {
		l.regions[l.regionID(name)] = n
	}
	for name, n := range p.Parallelism.PerSnapshot {
		l.snapshots[name] = n
	}
	for _, step := range p.Steps { // the spec may name a snapshot of its own by its key
		if n, ok := p.Parallelism.PerSnapshot[step.Address.Key]; ok && step.Address.Kind == spec.SnapshotKind {
			l.snapshots[step.Name] = n
		}
	}
	return l
}

// MaxWorkers returns how many tasks send requests at once at most.
func (l *Limits) MaxWorkers() int { return l.maxWorkers }

func (l *Limits) regionID(nameOrID string) string {
	if id, ok := l.regionIDs[nameOrID]; ok {
		return id
	}
	return nameOrID
}

// A Slot is what a task counts as, from its start to its end.
type Slot struct {
	Kind   spec.Kind
	Builds bool // it builds an image
	Risks  bool // a sandbox is lost if the task fails

	// Region and Snapshot are empty if no limit applies to them.
	Region, Snapshot string
}

// SlotOf returns the slot of a step. target is the region of a sandbox for which
// the spec sets none.
func (l *Limits) SlotOf(s *plan.Step, target string) Slot {
	slot := Slot{Kind: s.Address.Kind, Risks: s.RisksLoss()}
	creates := s.Action == plan.Create || s.Action == plan.Replace
	slot.Builds = creates && s.Want.BuildsImage()
	if slot.Kind != spec.SandboxKind {
		return slot
	}
	region := target
	if s.Have != nil {
		region = s.Have.Region()
	}
	if creates && s.Want.Region() != "" {
		region = s.Want.Region()
	}
	if region = l.regionID(region); l.regions[region] > 0 {
		slot.Region = region
	}
	if creates && l.snapshots[s.Want.Snapshot()] > 0 {
		slot.Snapshot = s.Want.Snapshot()
	}
	return slot
}

// A limitKey names one counter, such as the tasks in one region.
type limitKey struct{ dimension, value string }

// of returns the limits that apply to a slot, by the counter that they bound.
func (l *Limits) of(s Slot) map[limitKey]int {
	limits := map[limitKey]int{}
	if n := l.perKind[s.Kind]; n > 0 {
		limits[limitKey{"kind", string(s.Kind)}] = n
	}
	if s.Builds && l.builds > 0 {
		limits[limitKey{"builds", ""}] = l.builds
	}
	if s.Risks { // a task that waits holds no worker, and its sandbox can be lost all the same
		limits[limitKey{"risks", ""}] = l.maxWorkers
	}
	if n := l.regions[s.Region]; s.Region != "" && n > 0 {
		limits[limitKey{"region", s.Region}] = n
	}
	if n := l.snapshots[s.Snapshot]; s.Snapshot != "" && n > 0 {
		limits[limitKey{"snapshot", s.Snapshot}] = n
	}
	return limits
}
