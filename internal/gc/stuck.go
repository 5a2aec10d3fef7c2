package gc

import (
	"time"

	"fleet/internal/state"
	"fleet/plan"
)

// stuckAfter holds the time after which the server itself gives up a transition, by
// state. An object that stays in the state for longer is stuck.
var stuckAfter = map[string]time.Duration{
	state.Creating: 15 * time.Minute, state.Starting: 5 * time.Minute, state.Resuming: 5 * time.Minute,
	state.Restoring: 30 * time.Minute, state.PullingSnapshot: 30 * time.Minute, state.Pulling: 30 * time.Minute,
	state.BuildingSnapshot: time.Hour, state.Building: time.Hour, state.PendingBuild: time.Hour, state.Pending: time.Hour,
	state.Archiving: 2 * time.Hour,
}

// defaultStuckAfter is the time for all other states.
const defaultStuckAfter = 15 * time.Minute

// Stuck reports whether an object has been in a transition for longer than the server
// allows, and for how long.
func Stuck(o *plan.Object, now time.Time) (elapsed time.Duration, stuck bool) {
	if o.Failed || o.Settled() && !o.Deleting() {
		return 0, false
	}
	start := o.LastActive // a new object may report none, or an earlier one
	if start.Before(o.Created) {
		start = o.Created
	}
	limit, known := stuckAfter[o.State]
	if !known {
		limit = defaultStuckAfter
	}
	elapsed = now.Sub(start)
	return elapsed, elapsed > limit
}
