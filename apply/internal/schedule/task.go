package schedule

import (
	"fleet/plan"
	"fleet/spec"
)

// A TaskID identifies a task of one schedule: the number of tasks that were
// added before it.
type TaskID int

// A Task is what the schedule has to know of one step of a plan. It never
// changes.
type Task struct {
	Order int      // position in the plan; of two equal tasks, the lower one starts first
	After []TaskID // tasks that must be done before
	Slot  Slot     // counts from the start of the task to its end
	Turns []Turn   // one for each operation
}

// A Turn is one operation of a task. A task takes a worker for each of its turns
// and holds none while it waits in between.
type Turn struct {
	Class      plan.RequestClass
	FreesQuota bool // it deletes or stops something, which then no longer counts in a quota
}

// TurnsOf returns the turns of a step's operations.
func TurnsOf(s *plan.Step) []Turn {
	turns := make([]Turn, len(s.Ops))
	for i, op := range s.Ops {
		turns[i] = Turn{s.RequestClass(op.Verb), op.Verb.FreesQuota()}
	}
	return turns
}

// A record is where a task stands.
type record struct {
	Task
	id            TaskID
	depth         int // length of the longest chain of tasks that wait for it
	dependents    []TaskID
	pendingDeps   int               // tasks of After that have not ended
	turn          int               // the one that is due
	class         plan.RequestClass // of the turn that a worker was given last
	held          bool              // its rollout has not admitted it
	hasSlot       bool
	started       bool
	ended         bool
	awaitingQuota bool
}

// kind returns the kind of the task's object.
func (r *record) kind() spec.Kind { return r.Slot.Kind }

// runsBefore reports whether the task goes before another one: the one with the
// longer chain of dependents first, then the order of the plan.
func (r *record) runsBefore(other *record) bool {
	if r.depth != other.depth {
		return r.depth > other.depth
	}
	return r.Order < other.Order
}
