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
	most    int // workers in all
	short   int // tasks that wait for room in the quota
	working int
	budgets [loads]*budget
	lanes   map[place]*lane
	order   []*lane

	bounds   spec.Parallelism
	regions  map[string]int // bounds by the id of the region
	sources  map[string]int // bounds by the name of the snapshot
	occupied map[occupancy]int
}

// newSchedule is a schedule for a plan. parallelism is what the caller says; 0
// leaves it to the spec, and to what the server bears.
func newSchedule(p *plan.Plan, parallelism int) *schedule {
	s := &schedule{
		most: MaxParallelism, lanes: map[place]*lane{}, bounds: p.Parallelism, occupied: map[occupancy]int{},
		regions: map[string]int{}, sources: map[string]int{},
	}
	switch {
	case parallelism > 0:
		s.most = parallelism
	case p.Parallelism.Max > 0:
		s.most = p.Parallelism.Max
	}
	for i := range s.budgets {
		s.budgets[i] = newBudget(s.most, parallelism > 0)
	}
	for name, n := range p.Parallelism.Regions {
		s.regions[regionID(p, name)] = n
	}
	for name, n := range p.Parallelism.PerSnapshot {
		s.sources[name] = n
	}
	for _, step := range p.Steps {
		if n, ok := p.Parallelism.PerSnapshot[step.Address.Key]; ok && step.Address.Kind == spec.SnapshotKind {
			s.sources[step.Name] = n
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
type place struct {
	load    load
	entered bool // it takes up its room already
	room    room
}

// A room is what a task takes up from its beginning to its end.
type room struct {
	kind             spec.Kind
	builds           bool
	risks            bool   // a sandbox is lost if it does not end well
	region, snapshot string // empty where no bound speaks of it
}

// An occupancy is one of the things that are counted.
type occupancy struct{ what, which string }

// boundsOf returns the limits that apply to a room, by what they count.
func (s *schedule) boundsOf(r room) map[occupancy]int {
	bounds := map[occupancy]int{}
	if n := s.bounds.Kinds[r.kind]; n > 0 {
		bounds[occupancy{"kind", string(r.kind)}] = n
	}
	if r.builds && s.bounds.Builds > 0 {
		bounds[occupancy{"builds", ""}] = s.bounds.Builds
	}
	if r.risks { // what waits holds no worker, and could be lost all the same
		bounds[occupancy{"risks", ""}] = s.most
	}
	if n := s.regions[r.region]; r.region != "" && n > 0 {
		bounds[occupancy{"region", r.region}] = n
	}
	if n := s.sources[r.snapshot]; r.snapshot != "" && n > 0 {
		bounds[occupancy{"snapshot", r.snapshot}] = n
	}
	return bounds
}

// roomFor is the room that a step takes up.
func (s *schedule) roomFor(p *plan.Plan, step *plan.Step, target string) room {
	r := room{kind: step.Address.Kind, risks: step.Risks()}
	creates := step.Action == plan.Create || step.Action == plan.Replace
	r.builds = creates && step.Want.Builds()
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
	if region = regionID(p, region); s.regions[region] > 0 {
		r.region = region
	}
	if creates && s.sources[step.Want.Snapshot()] > 0 {
		r.snapshot = step.Want.Snapshot()
	}
	return r
}

// add lets a task wait for its turn.
func (s *schedule) add(t *task) {
	at := place{loadOf(t.step, t.verb()), t.entered, t.room}
	l := s.lanes[at]
	if l == nil {
		l = &lane{place: at, bounds: s.boundsOf(at.room)}
		s.lanes[at] = l
		s.order = append(s.order, l)
	}
	heap.Push(&l.queue, t)
}

// next takes out the task that goes next; nil when none may.
func (s *schedule) next(now time.Time) *task {
	if s.working >= s.most {
		return nil
	}
	var best *lane
	for _, l := range s.order {
		l.drop()
		if len(l.queue) > 0 && s.may(l) && (best == nil || l.queue[0].before(best.queue[0])) {
			best = l
		}
	}
	if best == nil {
		return nil
	}
	t := heap.Pop(&best.queue).(*task)
	if !t.entered {
		t.entered = true
		for o := range best.bounds {
			s.occupied[o]++
		}
	}
	s.working++
	s.budgets[best.load].take(now)
	return t
}

// may reports whether the first of a line may go.
func (s *schedule) may(l *lane) bool {
	if !s.budgets[l.load].free() {
		return false
	}
	return !s.crowded(l)
}

// crowded reports whether the tasks of a line find no room.
func (s *schedule) crowded(l *lane) bool {
	if l.entered {
		return false
	}
	if l.room.risks && s.short > 0 {
		return true
	}
	for o, bound := range l.bounds {
		if s.occupied[o] >= bound {
			return true
		}
	}
	return false
}

// lacksRoom reports whether a task waits for others to end.
func (s *schedule) lacksRoom() bool {
	return slices.ContainsFunc(s.order, func(l *lane) bool {
		l.drop()
		return len(l.queue) > 0 && s.crowded(l)
	})
}

// back takes in what a worker did.
func (s *schedule) back(l load, a answer) {
	s.working--
	s.budgets[l].done(a)
}

// left frees the room of a task that has ended.
func (s *schedule) left(t *task) {
	if !t.entered {
		return
	}
	t.entered = false
	for o := range s.boundsOf(t.room) {
		s.occupied[o]--
	}
}

// idle reports whether no task is being worked at, and none may be.
func (s *schedule) idle() bool {
	if s.working > 0 {
		return false
	}
	for _, l := range s.order {
		if l.drop(); len(l.queue) > 0 {
			return false
		}
	}
	return true
}

// waiting lists the tasks that stand in line.
func (s *schedule) waiting() []*task {
	var list []*task
	for _, l := range s.order {
		list = append(list, l.queue...)
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
		if t.began.IsZero() {
			t.began = now
			t.deadline = now.Add(t.step.Timeout)
			t.links = r.linksOf(t)
		} else { // standing in line does not count
			t.deadline = t.deadline.Add(now.Sub(t.lined))
		}
		t.told = Event{Phase: Working, Step: t.step, Verb: t.verb(), ID: t.id}
		if t.attempt == 0 {
			r.notify(t.told)
		}
		load := loadOf(t.step, t.verb())
		r.workers.Go(func() error {
			before := t.tracker.Trail()
			r.work(ctx, t)
			t.answer = answered(t.told.Verb, now, before, t.tracker.Trail())
			r.returned <- returned{t, load}
			return nil
		})
	}
}

// answered is what a budget learns of an operation that was begun at a time.
func answered(verb plan.Verb, began time.Time, before, after client.Trail) answer {
	return answer{
		verb: verb, began: began, took: time.Since(began) - (after.Waited - before.Waited),
		refused: after.Limited > before.Limited || after.Failing > before.Failing,
	}
}
