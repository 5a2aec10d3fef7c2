package schedule

import (
	"slices"
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// queued adds a task that starts a sandbox to a schedule, and enqueues it.
func queued(s *Schedule, order int, slot Slot) TaskID {
	id := s.Add(Task{Order: order, Slot: slot, Turns: []Turn{{Class: plan.LifecycleRequests}}})
	s.Enqueue(id)
	return id
}

// back records that the worker of a task is free again.
func back(s *Schedule, id TaskID) { s.Returned(id, time.Now(), Sample{}) }

// turns returns the tasks that may start now, by their order.
func turns(s *Schedule) []int {
	var list []int
	for id, ok := s.Next(time.Now()); ok; id, ok = s.Next(time.Now()) {
		list = append(list, s.tasks[id].Order)
	}
	return list
}

// TestScheduleTakesTurns checks that tasks start in the order of the plan, across
// queues, and no more than there are workers.
func TestScheduleTakesTurns(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 3))
	boxes, volumes := Slot{Kind: spec.SandboxKind}, Slot{Kind: spec.VolumeKind}
	for i, r := range []Slot{volumes, boxes, volumes, boxes, boxes} {
		queued(s, 4-i, r)
	}
	if len(s.queueOrder) != 2 {
		t.Errorf("%d lines, want one for each kind", len(s.queueOrder))
	}
	if got := s.Queued(); len(got) != 5 {
		t.Errorf("%d tasks wait, want 5", len(got))
	}
	if got, want := turns(s), []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("%v go at first, want %v", got, want)
	}
	if s.Idle() || s.running != 3 {
		t.Errorf("%d work, idle: %t", s.running, s.Idle())
	}
	back(s, 4)
	if got, want := turns(s), []int{3}; !slices.Equal(got, want) {
		t.Errorf("%v go after one was back, want %v", got, want)
	}
}

// TestScheduleIdle checks that a schedule is idle if no task runs, and none that has not
// ended is queued.
func TestScheduleIdle(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 1))
	if !s.Idle() {
		t.Error("an empty one is not idle")
	}
	a := queued(s, 0, Slot{})
	if s.Idle() {
		t.Error("it is idle though one stands in line")
	}
	turns(s)
	if s.Idle() {
		t.Error("it is idle though one works")
	}
	back(s, a)
	s.Enqueue(a)
	if s.End(a, true); !s.Idle() {
		t.Error("it is not idle though the last one has ended")
	}
}

// TestScheduleBoundsRooms checks that a limit holds from the first operation of a task
// to its end, and that a task with a slot does not wait for one again.
func TestScheduleBoundsRooms(t *testing.T) {
	s := New(NewLimits(&plan.Plan{Parallelism: spec.Parallelism{Kinds: map[spec.Kind]int{spec.SandboxKind: 1}}}, 9))
	first := queued(s, 0, Slot{Kind: spec.SandboxKind})
	if s.HasTasksAtLimit() {
		t.Error("the first lacks room")
	}
	queued(s, 1, Slot{Kind: spec.SandboxKind})
	queued(s, 2, Slot{Kind: spec.VolumeKind})
	if got, want := turns(s), []int{0, 2}; !slices.Equal(got, want) {
		t.Fatalf("%v go, want %v", got, want)
	}
	if !s.HasTasksAtLimit() {
		t.Error("the second does not lack room")
	}
	back(s, first)
	s.Enqueue(first) // for its next operation
	if got, want := turns(s), []int{0}; !slices.Equal(got, want) {
		t.Fatalf("%v go though one is in, want %v", got, want)
	}
	s.End(first, true)
	s.End(first, true) // releases nothing twice
	if s.HasTasksAtLimit() {
		t.Error("the second lacks room still")
	}
	if got, want := turns(s), []int{1}; !slices.Equal(got, want) {
		t.Fatalf("%v go after the first has left, want %v", got, want)
	}
	queued(s, 3, Slot{Kind: spec.SandboxKind})
	if got := turns(s); got != nil {
		t.Errorf("%v go beyond the bound", got)
	}
}

// TestScheduleRoomInTheQuota checks that no sandbox is risked while another one waits
// for quota, and that no other task waits for that.
func TestScheduleRoomInTheQuota(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 9))
	risky, harmless := Slot{Kind: spec.SandboxKind, Risks: true}, Slot{Kind: spec.SandboxKind}
	started := queued(s, 0, risky)
	if got, want := turns(s), []int{0}; !slices.Equal(got, want) {
		t.Fatalf("%v go, want %v", got, want)
	}
	s.quotaWaiters = 1
	queued(s, 1, risky)
	queued(s, 2, harmless)
	s.Enqueue(started)
	if got, want := turns(s), []int{0, 2}; !slices.Equal(got, want) {
		t.Errorf("%v go while one is short of room, want %v", got, want)
	}
	if !s.HasTasksAtLimit() {
		t.Error("the other does not lack room")
	}
	s.quotaWaiters = 0
	if got, want := turns(s), []int{1}; !slices.Equal(got, want) {
		t.Errorf("%v go afterwards, want %v", got, want)
	}
	if s.HasTasksAtLimit() {
		t.Error("an empty line lacks room")
	}
}

// TestScheduleWorkersOfAllSorts checks that all classes of operations share the workers.
func TestScheduleWorkersOfAllSorts(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 2))
	for i, verb := range []plan.Verb{plan.DoStart, plan.DoLabel, plan.DoProbe, plan.DoStart} {
		step := &plan.Step{Ops: []plan.Op{{Verb: verb}}}
		s.Enqueue(s.Add(Task{Order: i, Turns: TurnsOf(step)}))
	}
	if got, want := turns(s), []int{0, 1}; !slices.Equal(got, want) {
		t.Errorf("%v go, want %v", got, want)
	}
}

// TestScheduleNobodyLacksRoom checks that a limit that is reached holds up no task if
// none is queued.
func TestScheduleNobodyLacksRoom(t *testing.T) {
	s := New(NewLimits(&plan.Plan{Parallelism: spec.Parallelism{Kinds: map[spec.Kind]int{spec.SandboxKind: 1}}}, 9))
	queued(s, 0, Slot{Kind: spec.SandboxKind})
	if len(turns(s)) == 0 || s.HasTasksAtLimit() {
		t.Error("somebody lacks room, though nobody waits")
	}
}
