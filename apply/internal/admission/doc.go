// Package admission decides which tasks may start although nothing that they depend
// on is missing: the waves of rollouts, and the trials of create requests.
//
// [Rollout] and [Trials] are state machines. The caller reports what happened and
// carries out the decision that is returned. They send nothing, start no goroutine
// and read no clock.
package admission

import "fleet/apply/internal/schedule"

// A TaskID identifies a task, as in the schedule.
type TaskID = schedule.TaskID

// An Outcome is how a task ended.
type Outcome int

// The outcomes. The zero Outcome is that of a task that has not ended.
const (
	Done    Outcome = iota + 1
	Failed          // it started, and something went wrong
	NotDone         // it never started, or was interrupted
)
