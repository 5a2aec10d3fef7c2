package systemd

import (
	"context"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A Watchdog notifies systemd at half of its timeout, but only while the loop of the
// service turns: a loop that hangs is ended and started again by systemd. The nil
// *Watchdog does nothing.
//
// The loop receives from [Watchdog.Asks] in its select, which shows that it is idle. Work
// that keeps it from there for longer calls [Watchdog.Beat] for each step, or bounds
// itself with [Watchdog.During].
type Watchdog struct {
	timeout time.Duration
	asks    chan struct{}
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	notify  func() error

	mu    sync.Mutex
	beats int       // calls of Beat since the last notification
	until time.Time // the work that runs may take until then
}

// WatchdogOptions configure [NewWatchdog]. The zero WatchdogOptions are those of a
// service.
type WatchdogOptions struct {
	Now   func() time.Time                     // nil means time.Now
	After func(time.Duration) <-chan time.Time // nil means time.After
}

// NewWatchdog returns the watchdog that the environment asks for with WATCHDOG_USEC, or
// nil if it asks for none. An error means that the variable is not valid.
func NewWatchdog(o WatchdogOptions) (*Watchdog, error) {
	timeout, err := watchdogTimeout()
	if err != nil || timeout == 0 {
		return nil, err
	}
	w := &Watchdog{
		timeout: timeout, asks: make(chan struct{}), now: o.Now, after: o.After,
		notify: func() error { return notify(daemon.SdNotifyWatchdog) },
	}
	if w.now == nil {
		w.now = time.Now
	}
	if w.after == nil {
		w.after = time.After
	}
	return w, nil
}

// Asks returns the channel that the loop receives from when it is idle. It is nil for a
// nil *Watchdog.
func (w *Watchdog) Asks() <-chan struct{} {
	if w == nil {
		return nil
	}
	return w.asks
}

// Beat shows that work which keeps the loop advances. Any goroutine may call it.
func (w *Watchdog) Beat() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beats++
}

// During allows the work that starts now to take up to limit without a call of Beat. The
// returned function ends the work.
func (w *Watchdog) During(limit time.Duration) (end func()) {
	if w == nil {
		return func() {}
	}
	set := func(until time.Time) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.until = until
	}
	set(w.now().Add(limit))
	return func() { set(time.Time{}) }
}

// Run notifies systemd until ctx ends.
func (w *Watchdog) Run(ctx context.Context) {
	if w == nil {
		return
	}
	for next := w.after(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-next:
		}
		next = w.after(w.timeout / 2)
		if w.isAlive(ctx) {
			_ = w.notify() // it is tried again at the next turn
		}
	}
}

// isAlive reports whether the loop turns. It waits for an idle loop to answer, for a
// quarter of the timeout at most.
func (w *Watchdog) isAlive(ctx context.Context) bool {
	if w.advances() {
		return true
	}
	select {
	case w.asks <- struct{}{}:
		return true
	case <-w.after(w.timeout / 4):
		return w.advances()
	case <-ctx.Done():
		return false
	}
}

// advances reports whether work advanced since the last call, or may still take time.
func (w *Watchdog) advances() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	beats := w.beats
	w.beats = 0
	return beats > 0 || w.now().Before(w.until)
}
