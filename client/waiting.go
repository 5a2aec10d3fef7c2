package client

import (
	"sync"
	"time"
)

// longWait is the shortest wait that a person is told of.
const longWait = 10 * time.Second

// A waiting tells of the long waits that a server's rate limits cause: each once,
// however many requests wait for the same moment.
type waiting struct {
	tell func(time.Duration) // nil: nobody is told

	mu    sync.Mutex
	until time.Time // the end of the wait that was told last
}

// begins takes in that a request waits for a rate limit.
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
