package schedule

import (
	"container/heap"
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A Schedule decides which of the tasks that are ready starts next. It must not be
// used by several goroutines at once.
type Schedule struct {
	limits       *Limits
	tasks        []*record               // by id
	running      int                     // tasks that a worker has
	quotaWaiters int                     // sandbox tasks that wait for quota
	freedAt      map[spec.Kind]time.Time // when a task last freed quota for a kind
	limiters     [plan.NumRequestClasses]*limiter
	queues       map[queueKey]*queue
	queueOrder   []*queue // in the order of their first tasks, so that runs are repeatable
	used         map[limitKey]int
}

// New returns a schedule without tasks.
func New(limits *Limits) *Schedule {
	s := &Schedule{limits: limits, queues: map[queueKey]*queue{}, used: map[limitKey]int{}, freedAt: map[spec.Kind]time.Time{}}
	for i := range s.limiters {
		s.limiters[i] = newLimiter(limits.maxWorkers, limits.fixed)
	}
	return s
}

// Enqueue lets a task wait for a worker. The caller enqueues a task once all tasks
// that it depends on are done, and again after each of its waits.
func (s *Schedule) Enqueue(id TaskID) {
	t := s.tasks[id]
	key := queueKey{t.Turns[t.turn].Class, t.hasSlot, t.Slot}
	q := s.queues[key]
	if q == nil {
		q = &queue{queueKey: key, limits: s.limits.of(key.slot)}
		s.queues[key] = q
		s.queueOrder = append(s.queueOrder, q)
	}
	heap.Push(&q.recordHeap, t)
}

// Next removes the task that starts next from its queue and counts it as running.
// ok is false if no task may start now.
func (s *Schedule) Next(now time.Time) (id TaskID, ok bool) {
	if s.running >= s.limits.maxWorkers {
		return 0, false
	}
	var chosen *queue
	for _, q := range s.queueOrder {
		if q.hasTasks() && s.canStart(q) && (chosen == nil || q.recordHeap[0].runsBefore(chosen.recordHeap[0])) {
			chosen = q
		}
	}
	if chosen == nil {
		return 0, false
	}
	t := heap.Pop(&chosen.recordHeap).(*record)
	if !t.hasSlot {
		t.hasSlot = true
		for key := range chosen.limits {
			s.used[key]++
		}
	}
	t.started, t.class = true, chosen.class
	s.running++
	s.limiters[t.class].acquire(now)
	return t.id, true
}

// canStart reports whether the first task of a queue may start.
func (s *Schedule) canStart(q *queue) bool { return s.limiters[q.class].available() && !s.atLimit(q) }

// atLimit reports whether the tasks of a queue have to wait until others end.
func (s *Schedule) atLimit(q *queue) bool {
	if q.hasSlot {
		return false
	}
	if q.slot.Risks && s.quotaWaiters > 0 {
		return true
	}
	for key, limit := range q.limits {
		if s.used[key] >= limit {
			return true
		}
	}
	return false
}

// Returned records that the worker of a task is free again, and how the server took
// its operations.
func (s *Schedule) Returned(id TaskID, now time.Time, sample Sample) {
	s.running--
	s.limiters[s.tasks[id].class].release(now, sample)
}

// SetTurn records how far a task has come: turn is the turn that is due now, or the
// number of turns if all are done. freedAt is when the task last freed quota; zero
// for never.
func (s *Schedule) SetTurn(id TaskID, turn int, freedAt time.Time) {
	t := s.tasks[id]
	t.turn = turn
	if freedAt.After(s.freedAt[t.kind()]) {
		s.freedAt[t.kind()] = freedAt
	}
}

// Idle reports whether no task runs or is queued.
func (s *Schedule) Idle() bool {
	return s.running == 0 && !slices.ContainsFunc(s.queueOrder, (*queue).hasTasks)
}

// HasTasksAtLimit reports whether a queued task has to wait until others end.
func (s *Schedule) HasTasksAtLimit() bool {
	return slices.ContainsFunc(s.queueOrder, func(q *queue) bool { return q.hasTasks() && s.atLimit(q) })
}

// Queued returns the tasks that wait for a worker.
func (s *Schedule) Queued() []TaskID {
	var ids []TaskID
	for _, q := range s.queueOrder {
		for _, t := range q.recordHeap {
			ids = append(ids, t.id)
		}
	}
	return ids
}
