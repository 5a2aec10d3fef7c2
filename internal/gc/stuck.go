package gc

import (
	"time"

	"fleet/internal/state"
	"fleet/plan"
)

// stuckAfter are how long the server itself lets a change take before it gives up.
// What takes longer is stuck.
var stuckAfter = map[string]time.Duration{
	state.Creating: 15 * time.Minute, state.Starting: 5 * time.Minute, state.Resuming: 5 * time.Minute,
	state.Restoring: 30 * time.Minute, state.PullingSnapshot: 30 * time.Minute, state.Pulling: 30 * time.Minute,
	state.BuildingSnapshot: time.Hour, state.Building: time.Hour, state.PendingBuild: time.Hour, state.Pending: time.Hour,
	state.Archiving: 2 * time.Hour,
}

// defaultStuckAfter is that of all other changes.
const defaultStuckAfter = 15 * time.Minute

// Stuck tells for how long an object has been on its way, if that is longer than
// it ever takes.
func Stuck(o *plan.Object, now time.Time) (elapsed time.Duration, stuck bool) {
	if o.Failed || o.Settled() && !o.Deleting() {
		return 0, false
	}
	start := o.LastActive
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
