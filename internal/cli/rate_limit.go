package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"fleet/internal/render/progress"
)

// A rateLimitNotifier shows that requests wait for a rate limit of the server:
// in the progress of a run, or as a note if no run is shown.
type rateLimitNotifier struct {
	handler atomic.Pointer[func(time.Duration)] // nil while no run is shown
}

// notifyFunc returns the function to call for each wait, from any goroutine.
// Notes go to the given stream; they hold no secrets.
func (w *rateLimitNotifier) notifyFunc(notes io.Writer) func(time.Duration) {
	return func(wait time.Duration) {
		if show := w.handler.Load(); show != nil {
			(*show)(wait)
			return
		}
		fmt.Fprintln(notes, progress.RateLimitNotice(wait))
	}
}

// redirect shows waits with a function until end is called.
func (w *rateLimitNotifier) redirect(f func(time.Duration)) (end func()) {
	w.handler.Store(&f)
	return func() { w.handler.Store(nil) }
}
