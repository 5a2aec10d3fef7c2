package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// reports are the reasons that a watcher reports.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, reason)
}

// check checks that there is one report, with a text.
func (r *reports) check(t *testing.T, want string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) != 1 || !strings.Contains(r.list[0], want) {
		t.Errorf("reported: %q, want one with %q", r.list, want)
	}
}

// polled waits for the next comparison, and for the cause that it finds.
func (h *harness) polled(want string) {
	h.t.Helper()
	h.waitArmed(pollTime)
	h.timers.fire(pollTime)
	h.waitArmed(pollTime) // the comparison has ended: each change that it finds sets the timer again
	h.waitArmed(settleTime)
	h.timers.fire(settleTime)
	if got := h.received(); !strings.Contains(got, want) {
		h.t.Errorf("changed: %q, want %q", got, want)
	}
	h.read()
}

// notPolled checks that the next comparison finds nothing.
func (h *harness) notPolled() {
	h.t.Helper()
	h.waitArmed(pollTime)
	h.timers.fire(pollTime)
	h.waitArmed(pollTime)
	if h.timers.isArmed(settleTime) {
		h.t.Error("a comparison found a change")
	}
}

// blinds are the reasons why events do not show changes.
var blinds = map[string]struct {
	o      Options
	report string
}{
	"limit of watches": {Options{
		add: func(*fsnotify.Watcher, string) error { return syscall.ENOSPC },
	}, "file changes are found by comparing files every 2s: the system watches no more directories for this user; raise fs.inotify.max_user_watches"},
	"limit of watchers": {Options{
		open: func() (*fsnotify.Watcher, error) { return nil, fmt.Errorf("opening: %w", syscall.EMFILE) },
	}, "the system watches no more directories for this user"},
	"no permission": {Options{
		add: func(_ *fsnotify.Watcher, dir string) error {
			return &os.PathError{Op: "watch", Path: dir, Err: syscall.EACCES}
		},
	}, "permission denied"},
	"network file system": {Options{
		add:    func(*fsnotify.Watcher, string) error { return nil },
		remote: func(string) bool { return true },
	}, "it is on a network file system"},
}

// TestPoll: where there are no events, files are compared, and that is reported once.
func TestPoll(t *testing.T) {
	t.Parallel()
	for name, blind := range blinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r reports
			blind.o.Report = r.add
			h := newHarness(t, blind.o, func(h *harness) {
				h.write("specs/fleet.yaml", "first")
				h.write("rev1/part.yaml", "1")
				h.write("rev2/part.yaml", "2")
				h.link("rev1", "current")
			}, only("specs/", "specs/fleet.yaml", "current/part.yaml", "later/part.yaml"))
			h.notPolled()
			h.write("specs/fleet.yaml", "changed")
			h.polled("specs/fleet.yaml")
			h.write("specs/notes.txt", "of no interest")
			h.write("rev2/part.yaml", "of no interest yet")
			h.notPolled()
			h.write("specs/new.yaml", "new")
			h.polled("specs")
			h.link("rev2", "current")
			h.polled("current/part.yaml")
			h.write("later/part.yaml", "new")
			h.polled("later/part.yaml")
			h.remove("specs")
			h.polled("specs, specs/fleet.yaml")
			h.write("specs/fleet.yaml", "back")
			h.polled("specs, specs/fleet.yaml")
			h.notPolled()
			r.check(t, blind.report)
		})
	}
}

// TestPollLocal: local files are compared, too.
func TestPollLocal(t *testing.T) {
	t.Parallel()
	h := newHarness(t, blinds["limit of watches"].o, func(h *harness) {
		h.write("app/a.src", "first")
		h.mkdir("app/sub.src")
		h.link("app", "link")
	}, func(s *Set) {
		app := filepath.Join(s.base, "app")
		s.AddLocal(localFiles{paths: []string{app, filepath.Join(s.base, "link")}, dirs: []string{app, filepath.Join(app, "sub.src")}})
	})
	h.write("app/notes.txt", "of no interest")
	h.write("app/sub.src/notes.txt", "of no interest")
	h.notPolled()
	h.write("app/a.src", "changed")
	h.polled("app")
	h.must(os.Chmod(h.path("app/a.src"), 0o755))
	h.polled("app")
	h.write("app/sub.src/b.src", "new")
	h.polled("app/sub.src")
	h.link("app/sub.src", "link")
	h.polled("link")
	h.remove("app/a.src")
	h.polled("app")
	h.remove("app")
	h.polled("app")
	h.notPolled()
}

// TestPollEnds: once the system has watches again, files are no longer compared.
func TestPollEnds(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	full := true
	h := newHarness(t, Options{add: func(w *fsnotify.Watcher, dir string) error {
		mu.Lock()
		defer mu.Unlock()
		if full {
			return syscall.ENOSPC
		}
		return w.Add(dir)
	}}, one, only("fleet.yaml"))
	h.notPolled()
	mu.Lock()
	full = false
	mu.Unlock()
	h.write("fleet.yaml", "changed")
	h.polled("fleet.yaml")
	h.write("fleet.yaml", "changed again")
	h.changed("fleet.yaml")
	if h.w.Close(); h.w.polls != nil {
		t.Error("files are compared though there are events")
	}
}

// TestLimitOfBoth: when all directories are watched again, the old watches make room.
func TestLimitOfBoth(t *testing.T) {
	t.Parallel()
	var r reports
	var old *fsnotify.Watcher
	h := newHarness(t, Options{Report: r.add, add: func(w *fsnotify.Watcher, dir string) error {
		if old != nil && w != old && old.WatchList() != nil { // it is not closed
			return syscall.ENOSPC
		}
		old = w
		return w.Add(dir)
	}}, func(h *harness) { h.write("specs/fleet.yaml", "first") }, only("specs/fleet.yaml"))
	for range 2 {
		h.remove("specs")
		h.write("specs/fleet.yaml", "back")
		h.changed("specs")
	}
	h.write("specs/fleet.yaml", "changed")
	h.changed("specs/fleet.yaml")
	if h.w.Close(); len(r.list) != 0 {
		t.Errorf("reported: %q", r.list)
	}
}

// TestSlowPoll: comparing files takes a small part of the time, even if it is slow.
func TestSlowPoll(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	o := blinds["limit of watches"].o
	o.Now = func() time.Time { now = now.Add(time.Second); return now } // each comparison takes a second
	h := newHarness(t, o, one, only("fleet.yaml"))
	h.waitArmed(pollTime)
	h.timers.fire(pollTime)
	h.waitArmed(pollShare * time.Second)
}

func TestRemote(t *testing.T) {
	if isRemote(filepath.Join(t.TempDir(), "no")) {
		t.Error("a directory that does not exist is remote")
	}
}
