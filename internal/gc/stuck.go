package gc

import (
	"time"

	"fleet/plan"
)

// stuckAfter are how long the server itself lets a change take before it gives up.
// What takes longer is stuck.
var stuckAfter = map[string]time.Duration{
	"creating": 15 * time.Minute, "starting": 5 * time.Minute, "resuming": 5 * time.Minute,
	"restoring": 30 * time.Minute, "pulling_snapshot": 30 * time.Minute, "pulling": 30 * time.Minute,
	"building_snapshot": time.Hour, "building": time.Hour, "pending_build": time.Hour, "pending": time.Hour,
	"archiving": 2 * time.Hour,
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
