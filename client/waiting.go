package client

import (
	"sync"
	"time"
)

// longWait is the shortest wait that is reported.
const longWait = 10 * time.Second

// A waiting reports long waits for the server's rate limits. A wait is reported
// once, even if many requests wait for the same moment.
type waiting struct {
	tell func(time.Duration) // nil means that waits are not reported

	mu    sync.Mutex
	until time.Time // end of the wait that was reported last
}

// begins reports the wait of a request for a rate limit, if it is long and new.
func (w *waiting) begins(wait time.Duration) {
	if w.tell == nil || wait < longWait {
		return
	}
	w.mu.Lock()
	until := time.Now().Add(wait)
	news := until.Sub(w.until) > rounding
	if news {
		w.until = until
	}
	w.mu.Unlock()
	if news {
		w.tell(wait)
	}
}
