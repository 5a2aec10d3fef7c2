package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"fleet/internal/render"
)

// waits show that requests wait for a rate limit of the server: in the progress
// of a run while there is one, and as a note otherwise.
type waits struct {
	shown atomic.Pointer[func(time.Duration)] // by what shows a run; nil while none does
}

// over returns what is to be called for each wait. It writes notes to the
// stream as it is now, without what hides secrets: there is none in them.
func (w *waits) over(notes io.Writer) func(time.Duration) {
	return func(wait time.Duration) {
		if show := w.shown.Load(); show != nil {
			(*show)(wait)
			return
		}
		fmt.Fprintln(notes, render.LimitedFor(wait))
	}
}

// show has waits shown by a function until the returned one is called.
func (w *waits) show(f func(time.Duration)) (end func()) {
	w.shown.Store(&f)
	return func() { w.shown.Store(nil) }
}
