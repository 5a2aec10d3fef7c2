package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen. Nothing is asserted
// about how soon it does.
const patience = 30 * time.Second

// A loop is a Loop under test. Each of its passes tells its cause and then
// waits until the test lets it go on.
type loop struct {
	t       *testing.T
	dir     string
	causes  chan Trigger
	goOn    chan struct{}
	again   chan os.Signal
	running atomic.Int32
	cancel  context.CancelFunc
	ended   chan error
}

// begin starts a loop over files of a fresh directory, which are written
// first; without files it watches the directory itself.
func begin(t *testing.T, opts Options, files ...string) *loop {
	t.Helper()
	l := &loop{
		t: t, dir: t.TempDir(), causes: make(chan Trigger), goOn: make(chan struct{}),
		again: make(chan os.Signal, 1), ended: make(chan error, 1),
	}
	var paths []string
	for _, f := range files {
		l.write(f, "first")
		paths = append(paths, filepath.Join(l.dir, f))
	}
	if len(files) == 0 {
		paths = []string{l.dir}
	}
	if opts.Paths == nil {
		opts.Paths = only(paths...)
	}
	opts.Signals = l.again
	ctx, cancel := context.WithCancel(t.Context())
	l.cancel = cancel
	go func() { l.ended <- Loop(ctx, opts, l.pass) }()
	t.Cleanup(l.end)
	return l
}

// only are paths that never change.
func only(paths ...string) func() []string { return func() []string { return paths } }

func (l *loop) pass(ctx context.Context, c Trigger) {
	if l.running.Add(1) > 1 {
		l.t.Error("two passes at once")
	}
	defer l.running.Add(-1)
	select {
	case l.causes <- c:
	case <-ctx.Done():
		return
	}
	select {
	case <-l.goOn:
	case <-ctx.Done():
	}
}

// begins waits for the next pass, whose cause must be the given one.
func (l *loop) begins(want Trigger) {
	l.t.Helper()
	select {
	case c := <-l.causes:
		if c != want {
			l.t.Fatalf("a pass because of %q, want %q", c, want)
		}
	case err := <-l.ended:
		l.ended <- err
		l.t.Fatalf("the loop ended instead of a pass because of %q: %v", want, err)
	case <-time.After(patience):
		l.t.Fatalf("no pass because of %q", want)
	}
}

// ends lets the pass end.
func (l *loop) ends() { l.goOn <- struct{}{} }

// passes is a whole pass.
func (l *loop) passes(want Trigger) {
	l.t.Helper()
	l.begins(want)
	l.ends()
}

// nothingElse checks that nothing before it was a cause: the next pass is one
// that the test asks for, long after files would have settled.
func (l *loop) nothingElse() {
	l.t.Helper()
	select {
	case c := <-l.causes:
		l.t.Fatalf("a pass too many, because of %q", c)
	case <-time.After(2 * settleTime):
	}
	l.again <- syscall.SIGHUP
	l.passes(Signal)
}

func (l *loop) end() {
	l.cancel()
	select {
	case err := <-l.ended:
		if err != nil {
			l.t.Errorf("the loop ended with %v", err)
		}
	case <-time.After(patience):
		l.t.Error("the loop does not end")
	}
}

func (l *loop) write(file, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, file), []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// put writes a file at once: one event tells of it, however slow the machine is.
func (l *loop) put(file, text string) {
	l.t.Helper()
	f, err := os.CreateTemp("", "whole-") // not below what is watched
	l.must(err)
	_, err = f.WriteString(text)
	l.must(errors.Join(err, f.Close()))
	l.must(os.Rename(f.Name(), filepath.Join(l.dir, file)))
}

func (l *loop) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}
