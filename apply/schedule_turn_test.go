package apply

import (
	"slices"
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// inLine is a task that starts a sandbox, and takes up a room.
func inLine(index int, r slot) *task {
	return &task{index: index, slot: r, step: &plan.Step{Ops: []plan.Op{{Verb: plan.DoStart}}}}
}

// turns are the tasks that may go now, by their index.
func turns(s *schedule) []int {
	var list []int
	for t := s.next(time.Now()); t != nil; t = s.next(time.Now()) {
		list = append(list, t.index)
	}
	return list
}

// TestScheduleTakesTurns checks that tasks go in the order of the plan, whatever
// line they stand in, and no more than there are workers.
func TestScheduleTakesTurns(t *testing.T) {
	s := newSchedule(&plan.Plan{}, 3)
	boxes, volumes := slot{kind: spec.SandboxKind}, slot{kind: spec.VolumeKind}
	for i, r := range []slot{volumes, boxes, volumes, boxes, boxes} {
		s.add(inLine(4-i, r))
	}
	if len(s.queueOrder) != 2 {
		t.Errorf("%d lines, want one for each kind", len(s.queueOrder))
	}
	if got := s.queued(); len(got) != 5 {
		t.Errorf("%d tasks wait, want 5", len(got))
	}
	if got, want := turns(s), []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("%v go at first, want %v", got, want)
	}
	if s.idle() || s.running != 3 {
		t.Errorf("%d work, idle: %t", s.running, s.idle())
	}
	s.workerDone(lifecycleClass, sample{})
	if got, want := turns(s), []int{3}; !slices.Equal(got, want) {
		t.Errorf("%v go after one was back, want %v", got, want)
	}
}

// TestScheduleIdle checks that a schedule is idle when nobody works and nobody who
// has not ended stands in line.
func TestScheduleIdle(t *testing.T) {
	s := newSchedule(&plan.Plan{}, 1)
	if !s.idle() {
		t.Error("an empty one is not idle")
	}
	a := inLine(0, slot{})
	s.add(a)
	if s.idle() {
		t.Error("it is idle though one stands in line")
	}
	s.next(time.Now())
	if s.idle() {
		t.Error("it is idle though one works")
	}
	s.workerDone(lifecycleClass, sample{})
	s.add(a)
	if a.ended = true; !s.idle() {
		t.Error("it is not idle though the last one has ended")
	}
}

// TestScheduleBoundsRooms checks that a bound holds from the first operation of a
// task to its end, and that a task that is in need not wait for room again.
func TestScheduleBoundsRooms(t *testing.T) {
	s := newSchedule(&plan.Plan{Parallelism: spec.Parallelism{Kinds: map[spec.Kind]int{spec.SandboxKind: 1}}}, 9)
	first, second, other := inLine(0, slot{kind: spec.SandboxKind}), inLine(1, slot{kind: spec.SandboxKind}), inLine(2, slot{kind: spec.VolumeKind})
	if s.add(first); s.hasTasksAtLimit() {
		t.Error("the first lacks room")
	}
	s.add(second)
	s.add(other)
	if got, want := turns(s), []int{0, 2}; !slices.Equal(got, want) {
		t.Fatalf("%v go, want %v", got, want)
	}
	if !s.hasTasksAtLimit() {
		t.Error("the second does not lack room")
	}
	s.workerDone(lifecycleClass, sample{})
	s.add(first) // for its next operation
	if got, want := turns(s), []int{0}; !slices.Equal(got, want) {
		t.Fatalf("%v go though one is in, want %v", got, want)
	}
	s.releaseSlot(first)
	s.releaseSlot(first) // frees nothing twice
	s.releaseSlot(second)
	if s.hasTasksAtLimit() {
		t.Error("the second lacks room still")
	}
	if got, want := turns(s), []int{1}; !slices.Equal(got, want) {
		t.Fatalf("%v go after the first has left, want %v", got, want)
	}
	s.add(inLine(3, slot{kind: spec.SandboxKind}))
	if got := turns(s); got != nil {
		t.Errorf("%v go beyond the bound", got)
	}
}

// TestScheduleRoomInTheQuota checks that no sandbox is risked while another one
// waits for room in the quota, and that nothing else waits for that.
func TestScheduleRoomInTheQuota(t *testing.T) {
	s := newSchedule(&plan.Plan{}, 9)
	risky, harmless := slot{kind: spec.SandboxKind, risks: true}, slot{kind: spec.SandboxKind}
	started := inLine(0, risky)
	s.add(started)
	if got, want := turns(s), []int{0}; !slices.Equal(got, want) {
		t.Fatalf("%v go, want %v", got, want)
	}
	s.quotaWaiters = 1
	s.add(inLine(1, risky))
	s.add(inLine(2, harmless))
	s.add(started)
	if got, want := turns(s), []int{0, 2}; !slices.Equal(got, want) {
		t.Errorf("%v go while one is short of room, want %v", got, want)
	}
	if !s.hasTasksAtLimit() {
		t.Error("the other does not lack room")
	}
	s.quotaWaiters = 0
	if got, want := turns(s), []int{1}; !slices.Equal(got, want) {
		t.Errorf("%v go afterwards, want %v", got, want)
	}
	if s.hasTasksAtLimit() {
		t.Error("an empty line lacks room")
	}
}

// TestScheduleWorkersOfAllSorts checks that the sorts of operations share the
// workers.
func TestScheduleWorkersOfAllSorts(t *testing.T) {
	s := newSchedule(&plan.Plan{}, 2)
	for i, verb := range []plan.Verb{plan.DoStart, plan.DoLabel, plan.DoProbe, plan.DoStart} {
		s.add(&task{index: i, step: &plan.Step{Ops: []plan.Op{{Verb: verb}}}})
	}
	if got, want := turns(s), []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("%v go, want %v", got, want)
	}
}

// TestScheduleNobodyLacksRoom checks that a full room is none that somebody lacks.
func TestScheduleNobodyLacksRoom(t *testing.T) {
	s := newSchedule(&plan.Plan{Parallelism: spec.Parallelism{Kinds: map[spec.Kind]int{spec.SandboxKind: 1}}}, 9)
	s.add(inLine(0, slot{kind: spec.SandboxKind}))
	if s.next(time.Now()) == nil || s.hasTasksAtLimit() {
		t.Error("somebody lacks room, though nobody waits")
	}
}
