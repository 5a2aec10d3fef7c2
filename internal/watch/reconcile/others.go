package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"fleet/apply"
	"fleet/internal/journal"
)

const (
	otherWatch = "other-watch" // the alarm
	staleTime  = time.Hour
	staleLimit = 3 // objects that changed in that time, from which on another watch is likely
)

// watchOthers reports signs that another watch, or a fleet apply, changes the same fleet:
// objects that were changed after they were read and before they were written.
func (x *pass) watchOthers() {
	now := x.Now()
	if x.report != nil {
		for _, r := range x.report.Results {
			if errors.Is(r.Err, apply.ErrStale) {
				x.stale = append(x.stale, now)
			}
		}
	}
	x.stale = slices.DeleteFunc(x.stale, func(t time.Time) bool { return now.Sub(t) > staleTime })
	text := ""
	if len(x.stale) >= staleLimit {
		text = fmt.Sprintf("%d objects changed between plan and execution in the last hour; another fleet watch or fleet apply may change this fleet", len(x.stale))
		x.Journal.Raise(otherWatch, text)
	} else {
		x.Journal.Clear(otherWatch)
	}
	x.Journal.SetHead(func(h *journal.Head) { h.OtherWatch = text })
}
