package files

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is how long a test waits for what must happen. How soon it happens
// is not asserted.
const deadline = 30 * time.Second

// A harness has a watcher of real files with timers that the test fires. Its paths are
// relative to a directory of its own.
type harness struct {
	t       *testing.T
	dir     string
	w       *Watcher
	timers  timers
	reads   func(*Set) // adds what a reading of the spec depends on
	valid   bool       // the reading has no errors
	seen    chan string
	hold    chan struct{} // the watcher waits for its end when it sees a file called hold~; nil: it does not
	watched string        // a directory that is watched
	markers int
}

// newHarness starts a watcher. prepare writes the first files.
func newHarness(t *testing.T, o Options, prepare func(*harness), reads func(*Set)) *harness {
	t.Helper()
	h := &harness{t: t, dir: realTempDir(t), reads: reads, valid: true, seen: make(chan string, 1000), timers: timers{armed: make(chan struct{}, 1)}}
	h.watched = h.dir
	prepare(h)
	o.After, o.seen = h.timers.after, h.event
	h.w = Start(t.Context(), o)
	t.Cleanup(h.w.Close)
	h.read()
	return h
}

// realTempDir returns a directory by its real path.
func realTempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// only returns a function that adds the same files, and directories, which end in a
// slash.
func only(paths ...string) func(*Set) {
	return func(s *Set) {
		for _, p := range paths {
			if dir, ok := strings.CutSuffix(p, "/"); ok {
				s.AddDir(dir)
			} else {
				s.AddFile(p)
			}
		}
	}
}

// read does what a reading of the spec does. between, if any, run after the files were
// added to the set.
func (h *harness) read(between ...func()) {
	h.t.Helper()
	s := NewSet(h.dir, false)
	h.reads(s)
	for _, f := range between {
		f()
	}
	h.w.Watch(s, h.valid)
}

// event notes that the watcher has handled an event.
func (h *harness) event(ev fsnotify.Event) {
	if filepath.Base(ev.Name) == "hold~" {
		<-h.hold
	}
	if name := filepath.Base(ev.Name); strings.HasPrefix(name, "marker-") && ev.Has(fsnotify.Create) {
		h.seen <- name
	}
}

// drain returns once the watcher has handled all events so far: events come in order,
// and the last one is that of a marker file. It is written again if its event gets lost.
func (h *harness) drain() {
	h.t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	timeout := time.After(deadline)
	for first := h.markers; ; {
		h.markers++
		h.must(os.WriteFile(filepath.Join(h.watched, fmt.Sprintf("marker-%d~", h.markers)), nil, 0o600))
		for waiting := true; waiting; {
			select {
			case name := <-h.seen:
				var n int
				if fmt.Sscanf(name, "marker-%d~", &n); n > first {
					return
				}
			case <-again.C:
				waiting = false
			case <-timeout:
				h.t.Fatal("no event of a marker file")
			}
		}
	}
}

// cause waits for the next cause and returns its detail.
func (h *harness) cause() string {
	h.t.Helper()
	h.waitArmed(settleTime)
	h.drain()
	h.timers.fire(settleTime)
	return h.received()
}

// received returns the detail of a cause that is due.
func (h *harness) received() string {
	h.t.Helper()
	select {
	case c := <-h.w.Causes():
		return c.Detail
	case <-time.After(deadline):
		h.t.Fatal("no cause")
		return ""
	}
}

// changed waits for a cause that contains a text, and reads the files again.
func (h *harness) changed(want string) {
	h.t.Helper()
	if got := h.cause(); !strings.Contains(got, want) {
		h.t.Errorf("changed: %q, want %q", got, want)
	}
	h.read()
}

// unchanged checks that no event so far was a change.
func (h *harness) unchanged() {
	h.t.Helper()
	h.drain()
	if h.timers.isArmed(settleTime) {
		h.t.Fatalf("an event was taken for a change: %q", h.cause())
	}
}

// waitArmed waits until the watcher has set a timer.
func (h *harness) waitArmed(d time.Duration) {
	h.t.Helper()
	timeout := time.After(deadline)
	for !h.timers.isArmed(d) {
		select {
		case <-h.timers.armed:
		case <-timeout:
			h.t.Fatalf("no timer of %s was set", d)
		}
	}
}

func (h *harness) path(name string) string { return filepath.Join(h.dir, name) }

// write writes a file in place, and its directories if there are none.
func (h *harness) write(name, text string) {
	h.t.Helper()
	h.must(os.MkdirAll(filepath.Dir(h.path(name)), 0o755))
	h.must(os.WriteFile(h.path(name), []byte(text), 0o644))
}

// replace puts a complete file in place by a rename, which is a single event.
func (h *harness) replace(name, text string) {
	h.t.Helper()
	whole := filepath.Join(h.t.TempDir(), "whole") // outside of the watched directories
	h.must(os.WriteFile(whole, []byte(text), 0o644))
	h.rename(whole, name)
}

// rename renames a file or directory. Names may be absolute.
func (h *harness) rename(from, to string) {
	h.t.Helper()
	if !filepath.IsAbs(from) {
		from = h.path(from)
	}
	h.must(os.Rename(from, h.path(to)))
}

func (h *harness) mkdir(name string) { h.t.Helper(); h.must(os.MkdirAll(h.path(name), 0o755)) }

func (h *harness) remove(name string) { h.t.Helper(); h.must(os.RemoveAll(h.path(name))) }

// link makes a link, or leads one elsewhere in one step, as deployments do.
func (h *harness) link(target, name string) {
	h.t.Helper()
	other := filepath.Join(h.t.TempDir(), "link")
	h.must(os.Symlink(target, other))
	h.rename(other, name)
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// timers are the timers of a watcher, one for each duration. The test fires them.
type timers struct {
	mu      sync.Mutex
	pending map[time.Duration]chan time.Time
	armed   chan struct{} // receives after a timer was set
}

// after sets the timer of a duration. An earlier one no longer fires.
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

// isArmed reports whether a timer is set.
func (f *timers) isArmed(d time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pending[d] != nil
}

// fire fires a timer that is set.
func (f *timers) fire(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending[d] <- time.Now()
	delete(f.pending, d)
}

// localFiles are directories in which files called *.src count.
type localFiles struct {
	paths, dirs []string
}

func (l localFiles) Paths() []string { return l.paths }

func (l localFiles) Dirs() []string { return l.dirs }

func (l localFiles) Relevant(path string) bool {
	return slices.Contains(l.dirs, filepath.Dir(path)) && strings.HasSuffix(path, ".src")
}
