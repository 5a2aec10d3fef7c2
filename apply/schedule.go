package apply

import (
	"container/heap"
	"context"
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// MaxParallelism is how many operations send requests at once at the most,
// where neither the caller nor the spec says. It is how many connections the
// client keeps.
const MaxParallelism = 250

// A schedule decides which of the ready tasks is begun next. Tasks that are
// held up by the same things stand in one line, so that none waits behind one
// that may not go.
type schedule struct {
	maxWorkers   int // workers in all
	quotaWaiters int // tasks that wait for room in the quota
	running      int
	limiters     [plan.NumRequestClasses]*limiter
	queues       map[queueKey]*taskQueue
	queueOrder   []*taskQueue

	limits         spec.Parallelism
	regionLimits   map[string]int // bounds by the id of the region
	snapshotLimits map[string]int // bounds by the name of the snapshot
	used           map[limitKey]int
}

// newSchedule is a schedule for a plan. parallelism is what the caller says; 0
// leaves it to the spec, and to what the server bears.
func newSchedule(p *plan.Plan, maxWorkers int) *schedule {
	s := &schedule{
		maxWorkers: MaxParallelism, queues: map[queueKey]*taskQueue{}, limits: p.Parallelism, used: map[limitKey]int{},
		regionLimits: map[string]int{}, snapshotLimits: map[string]int{},
	}
	switch {
	case maxWorkers > 0:
		s.maxWorkers = maxWorkers
	case p.Parallelism.Max > 0:
		s.maxWorkers = p.Parallelism.Max
	}
	for i := range s.limiters {
		s.limiters[i] = newLimiter(s.maxWorkers, maxWorkers > 0)
	}
	for name, n := range p.Parallelism.Regions {
		s.regionLimits[regionID(p, name)] = n
	}
	for name, n := range p.Parallelism.PerSnapshot {
		s.snapshotLimits[name] = n
	}
	for _, step := range p.Steps {
		if n, ok := p.Parallelism.PerSnapshot[step.Address.Key]; ok && step.Address.Kind == spec.SnapshotKind {
			s.snapshotLimits[step.Name] = n
		}
	}
	return s
}

func regionID(p *plan.Plan, nameOrID string) string {
	if id, ok := p.Facts.Regions[nameOrID]; ok {
		return id
	}
	return nameOrID
}

// A place is all that decides whether a task may go, and so the line that it
// stands in.
type queueKey struct {
	class   plan.RequestClass
	hasSlot bool // it takes up its room already
	slot    slot
}

// A room is what a task takes up from its beginning to its end.
type slot struct {
	kind             spec.Kind
	builds           bool
	risks            bool   // a sandbox is lost if it does not end well
	region, snapshot string // empty where no bound speaks of it
}

// An occupancy is one of the things that are counted.
type limitKey struct{ dimension, value string }

// limitsOf returns the limits that apply to a room, by what they count.
func (s *schedule) limitsOf(r slot) map[limitKey]int {
	limits := map[limitKey]int{}
	if n := s.limits.Kinds[r.kind]; n > 0 {
		limits[limitKey{"kind", string(r.kind)}] = n
	}
	if r.builds && s.limits.Builds > 0 {
		limits[limitKey{"builds", ""}] = s.limits.Builds
	}
	if r.risks { // what waits holds no worker, and could be lost all the same
		limits[limitKey{"risks", ""}] = s.maxWorkers
	}
	if n := s.regionLimits[r.region]; r.region != "" && n > 0 {
		limits[limitKey{"region", r.region}] = n
	}
	if n := s.snapshotLimits[r.snapshot]; r.snapshot != "" && n > 0 {
		limits[limitKey{"snapshot", r.snapshot}] = n
	}
	return limits
}

// slotFor is the room that a step takes up.
func (s *schedule) slotFor(p *plan.Plan, step *plan.Step, target string) slot {
	r := slot{kind: step.Address.Kind, risks: step.RisksLoss()}
	creates := step.Action.Creates()
	r.builds = creates && step.Want.BuildsImage()
	if r.kind != spec.SandboxKind {
		return r
	}
	region := target
	if step.Have != nil {
		region = step.Have.Region()
	}
	if step.Want != nil && step.Want.Region() != "" && creates {
		region = step.Want.Region()
	}
	if region = regionID(p, region); s.regionLimits[region] > 0 {
		r.region = region
	}
	if creates && s.snapshotLimits[step.Want.Snapshot()] > 0 {
		r.snapshot = step.Want.Snapshot()
	}
	return r
}

// add lets a task wait for its turn.
func (s *schedule) add(t *task) {
	key := queueKey{t.step.RequestClass(t.verb()), t.hasSlot, t.slot}
	l := s.queues[key]
	if l == nil {
		l = &taskQueue{queueKey: key, limits: s.limitsOf(key.slot)}
		s.queues[key] = l
		s.queueOrder = append(s.queueOrder, l)
	}
	heap.Push(&l.taskHeap, t)
}

// next takes out the task that goes next; nil when none may.
func (s *schedule) next(now time.Time) *task {
	if s.running >= s.maxWorkers {
		return nil
	}
	var chosen *taskQueue
	for _, l := range s.queueOrder {
		l.dropEnded()
		if len(l.taskHeap) > 0 && s.canStart(l) && (chosen == nil || l.taskHeap[0].runsBefore(chosen.taskHeap[0])) {
			chosen = l
		}
	}
	if chosen == nil {
		return nil
	}
	t := heap.Pop(&chosen.taskHeap).(*task)
	if !t.hasSlot {
		t.hasSlot = true
		for o := range chosen.limits {
			s.used[o]++
		}
	}
	s.running++
	s.limiters[chosen.class].acquire(now)
	return t
}

// canStart reports whether the first of a line may go.
func (s *schedule) canStart(l *taskQueue) bool {
	if !s.limiters[l.class].available() {
		return false
	}
	return !s.atLimit(l)
}

// atLimit reports whether the tasks of a line find no room.
func (s *schedule) atLimit(l *taskQueue) bool {
	if l.hasSlot {
		return false
	}
	if l.slot.risks && s.quotaWaiters > 0 {
		return true
	}
	for o, limit := range l.limits {
		if s.used[o] >= limit {
			return true
		}
	}
	return false
}

// hasTasksAtLimit reports whether a task waits for others to end.
func (s *schedule) hasTasksAtLimit() bool {
	return slices.ContainsFunc(s.queueOrder, func(l *taskQueue) bool {
		l.dropEnded()
		return len(l.taskHeap) > 0 && s.atLimit(l)
	})
}

// workerDone takes in what a worker did.
func (s *schedule) workerDone(class plan.RequestClass, sample sample) {
	s.running--
	s.limiters[class].release(sample)
}

// releaseSlot frees the room of a task that has ended.
func (s *schedule) releaseSlot(t *task) {
	if !t.hasSlot {
		return
	}
	t.hasSlot = false
	for o := range s.limitsOf(t.slot) {
		s.used[o]--
	}
}

// idle reports whether no task is being worked at, and none may be.
func (s *schedule) idle() bool {
	if s.running > 0 {
		return false
	}
	for _, l := range s.queueOrder {
		if l.dropEnded(); len(l.taskHeap) > 0 {
			return false
		}
	}
	return true
}

// queued lists the tasks that stand in line.
func (s *schedule) queued() []*task {
	var list []*task
	for _, l := range s.queueOrder {
		list = append(list, l.taskHeap...)
	}
	return list
}

// launch gives ready tasks to workers as long as they may go.
func (r *runner) launch(ctx context.Context) {
	for {
		now := time.Now()
		t := r.schedule.next(now)
		if t == nil {
			return
		}
		if t.start.IsZero() {
			t.start = now
			t.deadline = now.Add(t.step.Timeout)
			t.links = r.resolveLinks(t)
		} else { // standing in line does not count
			t.deadline = t.deadline.Add(now.Sub(t.queuedAt))
		}
		t.lastEvent = Event{Phase: Working, Step: t.step, Verb: t.verb(), ID: t.id}
		if t.attempt == 0 {
			r.notify(t.lastEvent)
		}
		class := t.step.RequestClass(t.verb())
		r.workers.Go(func() error {
			before := t.recorder.Log()
			r.work(ctx, t)
			t.sample = newSample(t.lastEvent.Verb, now, before, t.recorder.Log())
			r.results <- workerResult{t, class}
			return nil
		})
	}
}

// newSample is what a budget learns of an operation that was begun at a time.
func newSample(verb plan.Verb, start time.Time, before, after client.RequestLog) sample {
	return sample{
		verb: verb, start: start, latency: time.Since(start) - (after.Wait - before.Wait),
		refused: after.RateLimited > before.RateLimited || after.Unavailable > before.Unavailable,
	}
}
