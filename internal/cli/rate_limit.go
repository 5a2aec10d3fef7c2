package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"fleet/internal/render"
)

// rateLimitNotifier show that requests wait for a rate limit of the server: in the progress
// of a run while there is one, and as a note otherwise.
type rateLimitNotifier struct {
	handler atomic.Pointer[func(time.Duration)] // by what shows a run; nil while none does
}

// notifyFunc returns what is to be called for each wait. It writes notes to the
// stream as it is now, without what hides secrets: there is none in them.
func (w *rateLimitNotifier) notifyFunc(notes io.Writer) func(time.Duration) {
	return func(wait time.Duration) {
		if show := w.handler.Load(); show != nil {
			(*show)(wait)
			return
		}
		fmt.Fprintln(notes, render.RateLimitNotice(wait))
	}
}

// redirect has waits shown by a function until the returned one is called.
func (w *rateLimitNotifier) redirect(f func(time.Duration)) (end func()) {
	w.handler.Store(&f)
	return func() { w.handler.Store(nil) }
}
