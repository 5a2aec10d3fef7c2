package gc

import (
	"time"

	"fleet/plan"
)

// limits are how long the server itself lets a change take before it gives up.
// What takes longer is stuck.
var limits = map[string]time.Duration{
	"creating": 15 * time.Minute, "starting": 5 * time.Minute, "resuming": 5 * time.Minute,
	"restoring": 30 * time.Minute, "pulling_snapshot": 30 * time.Minute, "pulling": 30 * time.Minute,
	"building_snapshot": time.Hour, "building": time.Hour, "pending_build": time.Hour, "pending": time.Hour,
	"archiving": 2 * time.Hour,
}

// usualLimit is that of all other changes.
const usualLimit = 15 * time.Minute

// Stuck tells for how long an object has been on its way, if that is longer than
// it ever takes.
func Stuck(o *plan.Object, now time.Time) (since time.Duration, stuck bool) {
	if o.Failed || o.Settled() && !o.Leaving() {
		return 0, false
	}
	began := o.Active
	if began.Before(o.Created) {
		began = o.Created
	}
	limit, known := limits[o.State]
	if !known {
		limit = usualLimit
	}
	since = now.Sub(began)
	return since, since > limit
}
