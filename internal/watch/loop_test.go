package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// deadline is how long a test waits for what must happen. How soon it happens
// is not asserted.
const deadline = 30 * time.Second

// A harness runs a Loop over real files with timers that the test fires. Each
// run of the loop reports its trigger and waits until the test ends it.
type harness struct {
	t       *testing.T
	dir     string
	watched string // a directory that the loop watches
	timers  timers
	starts  chan Trigger
	resume  chan struct{}
	signals chan os.Signal
	seen    chan string // names of marker files whose event was handled
	markers int
	running atomic.Int32
	cancel  context.CancelFunc
	ended   chan error
}

// newHarness starts a loop over files of a fresh directory, which it writes
// first; without files the loop watches the directory itself.
func newHarness(t *testing.T, opts Options, files ...string) *harness {
	t.Helper()
	return startHarness(t, t.TempDir(), opts, files...)
}

// startHarness starts a loop over files of a directory. The directory has to be
// watched, be it through opts.
func startHarness(t *testing.T, dir string, opts Options, files ...string) *harness {
	t.Helper()
	h := &harness{
		t: t, dir: dir, watched: dir, starts: make(chan Trigger), resume: make(chan struct{}),
		signals: make(chan os.Signal, 1), seen: make(chan string, 100), ended: make(chan error, 1),
		timers: timers{armed: make(chan struct{}, 1)},
	}
	var paths []string
	for _, f := range files {
		h.write(f, "first")
		paths = append(paths, filepath.Join(h.dir, f))
	}
	if len(files) == 0 {
		paths = []string{h.dir}
	}
	if opts.Paths == nil {
		opts.Paths = only(paths...)
	}
	opts.Signals, opts.after, opts.seen = h.signals, h.timers.after, h.event
	ctx, cancel := context.WithCancel(t.Context())
	h.cancel = cancel
	go func() { h.ended <- Loop(ctx, opts, h.run) }()
	t.Cleanup(h.end)
	return h
}

// only returns a function that always returns the same paths.
func only(paths ...string) func() []string { return func() []string { return paths } }

// run is what the loop calls.
func (h *harness) run(ctx context.Context, trigger Trigger) {
	if h.running.Add(1) > 1 {
		h.t.Error("two runs at once")
	}
	defer h.running.Add(-1)
	select {
	case h.starts <- trigger:
	case <-ctx.Done():
		return
	}
	select {
	case <-h.resume:
	case <-ctx.Done():
	}
}

// event notes that the loop has handled an event.
func (h *harness) event(ev fsnotify.Event) {
	if ok, _ := filepath.Match(markerPattern, filepath.Base(ev.Name)); ok && ev.Has(fsnotify.Create) {
		h.seen <- filepath.Base(ev.Name)
	}
}

// markerPattern matches the files by which a test waits for events. They are
// no spec files.
const markerPattern = "marker-*~"

// drain returns once the loop has handled all file events so far: events come
// in order, and the last one is that of a marker file.
func (h *harness) drain() {
	h.t.Helper()
	h.markers++
	name := fmt.Sprintf("marker-%d~", h.markers)
	h.must(os.WriteFile(filepath.Join(h.watched, name), nil, 0o644))
	timeout := time.After(deadline)
	for {
		select {
		case seen := <-h.seen:
			if seen == name {
				return
			}
		case <-timeout:
			h.t.Fatal("no event of a marker file")
		}
	}
}

// starting waits for the next run, which must have the given trigger. It fires
// the timer that the trigger needs.
func (h *harness) starting(want Trigger) {
	h.t.Helper()
	switch want {
	case FileChange:
		h.waitArmed(settleTime)
		h.drain()
		h.timers.fire(settleTime)
	case Interval:
		h.waitArmed(testInterval)
		h.timers.fire(testInterval)
	}
	select {
	case got := <-h.starts:
		if got != want {
			h.t.Fatalf("a run because of %q, want %q", got, want)
		}
	case err := <-h.ended:
		h.ended <- err
		h.t.Fatalf("the loop ended instead of a run because of %q: %v", want, err)
	case <-time.After(deadline):
		h.t.Fatalf("no run because of %q", want)
	}
}

// waitArmed waits until the loop has armed a timer.
func (h *harness) waitArmed(d time.Duration) {
	h.t.Helper()
	timeout := time.After(deadline)
	for !h.timers.isArmed(d) {
		select {
		case <-h.timers.armed:
		case <-timeout:
			h.t.Fatalf("no timer of %s was armed", d)
		}
	}
}

// finish ends the current run.
func (h *harness) finish() { h.resume <- struct{}{} }

// whole waits for the next run and ends it.
func (h *harness) whole(want Trigger) {
	h.t.Helper()
	h.starting(want)
	h.finish()
}

// nothingElse checks that no event so far was a change: the timer for file
// changes is not armed, and the next run is one that the test triggers.
func (h *harness) nothingElse() {
	h.t.Helper()
	h.drain()
	if h.timers.isArmed(settleTime) {
		h.t.Fatal("an event was taken for a change of the spec")
	}
	h.signals <- syscall.SIGHUP
	h.whole(Signal)
}

// end cancels the loop and waits for its end.
func (h *harness) end() {
	h.cancel()
	select {
	case err := <-h.ended:
		if err != nil {
			h.t.Errorf("the loop ended with %v", err)
		}
	case <-time.After(deadline):
		h.t.Error("the loop does not end")
	}
}

// write writes a file of the directory in place.
func (h *harness) write(file, text string) {
	h.t.Helper()
	h.must(os.WriteFile(filepath.Join(h.dir, file), []byte(text), 0o644))
}

// replace puts a complete file in place by a rename, which is a single event.
func (h *harness) replace(file, text string) {
	h.t.Helper()
	f, err := os.CreateTemp("", "whole-") // outside of what is watched
	h.must(err)
	_, err = f.WriteString(text)
	h.must(errors.Join(err, f.Close()))
	h.must(os.Rename(f.Name(), filepath.Join(h.dir, file)))
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// testInterval is the interval of tests that have one.
const testInterval = time.Hour

// timers are the timers of a loop, one for each duration. They fire when the
// test says so.
type timers struct {
	mu      sync.Mutex
	pending map[time.Duration]chan time.Time
	armed   chan struct{} // receives after a timer was armed
}

// after arms the timer of a duration. An earlier one no longer fires.
func (f *timers) after(d time.Duration) <-chan time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending == nil {
		f.pending = map[time.Duration]chan time.Time{}
	}
	c := make(chan time.Time, 1)
	f.pending[d] = c
	select {
	case f.armed <- struct{}{}:
	default:
	}
	return c
}

// isArmed reports whether a timer is armed.
func (f *timers) isArmed(d time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pending[d] != nil
}

// fire fires an armed timer.
func (f *timers) fire(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending[d] <- time.Now()
	delete(f.pending, d)
}
