package transport

import (
	"sync"
	"time"
)

// minReportedWait is the shortest wait that is reported.
const minReportedWait = 10 * time.Second

// A WaitReporter reports long waits for the server's rate limits. A wait is reported
// once, even if many requests wait for the same moment.
type WaitReporter struct {
	Notify func(time.Duration) // nil means that waits are not reported

	mu            sync.Mutex
	reportedUntil time.Time // end of the wait that was reported last
}

// report reports the wait of a request for a rate limit, if it is long and new.
func (w *WaitReporter) report(wait time.Duration) {
	if w.Notify == nil || wait < minReportedWait {
		return
	}
	w.mu.Lock()
	until := time.Now().Add(wait)
	isNew := until.Sub(w.reportedUntil) > rounding
	if isNew {
		w.reportedUntil = until
	}
	w.mu.Unlock()
	if isNew {
		w.Notify(wait)
	}
}
