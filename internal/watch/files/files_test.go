package files

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// one prepares a spec of one file.
func one(h *harness) { h.write("fleet.yaml", "first") }

func TestEdit(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.unchanged()
	for range 2 {
		h.write("fleet.yaml", "changed")
		h.changed("fleet.yaml")
	}
	h.unchanged()
}

// TestMoreFiles: a file that a reading came to know of is watched from then on.
func TestMoreFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.write("included.txt", "other")
	h.unchanged()
	h.reads = only("fleet.yaml", "included.txt")
	h.read()
	h.write("included.txt", "changed")
	h.changed("included.txt")
	h.reads = only("fleet.yaml")
	h.read()
	h.write("included.txt", "changed again")
	h.unchanged()
}

func TestBurstIsOneCause(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml", "b.yaml"))
	for i := range 200 {
		h.write([]string{"fleet.yaml", "b.yaml"}[i%2], fmt.Sprint(i))
	}
	h.changed("fleet.yaml, b.yaml")
	h.unchanged()
}

// TestNeverQuiet: files that change all the time are reported all the same.
func TestNeverQuiet(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.write("fleet.yaml", "changed")
	h.waitArmed(latestTime)
	h.timers.fire(latestTime)
	if got := h.received(); got != "fleet.yaml" {
		t.Errorf("changed: %q", got)
	}
}

// TestManyNames: a cause names a few files.
func TestManyNames(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("./"))
	for _, name := range []string{"a.yaml", "b.yaml", "c\x1b.yaml", "d.yaml"} {
		h.write(name, "new")
	}
	h.changed(`a.yaml, b.yaml, c\x1b.yaml and others`)
}

// TestRenameOver: editors write a new file and rename it over the old one.
func TestRenameOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	for range 3 { // the watch survives it
		h.write("new", "changed")
		h.rename("new", "fleet.yaml")
		h.changed("fleet.yaml")
	}
	h.unchanged()
}

func TestRemovedAndBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.remove("fleet.yaml")
	h.changed("fleet.yaml")
	h.write("fleet.yaml", "back")
	h.changed("fleet.yaml")
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("./"))
	for _, file := range []string{"new.yaml", "new.yml", "B.JSON"} {
		h.write(file, "new")
		h.changed(file)
	}
	h.remove("new.yaml")
	h.changed("new.yaml")
	h.write("notes.txt", "new")
	h.mkdir("folder")
	for _, hidden := range []string{".a.yaml", "._a.yaml"} {
		h.write(hidden, "hidden")
	}
	h.must(os.Symlink("user@host.1:2", h.path(".#a.yaml")))
	h.unchanged()
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml", "-"))
	h.write("other.yaml", "new")
	h.write("fleet.yaml~", "new")
	h.write("-", "new")
	h.unchanged()
}

func TestModesAreNoChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.must(os.Chmod(h.path("fleet.yaml"), 0o600))
	h.must(os.Chmod(h.dir, 0o700))
	h.unchanged()
}

// TestChangedWhileRead: a change after a file was added to the set, and before it was
// watched, is found.
func TestChangedWhileRead(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*harness){
		"fleet.yaml": func(h *harness) { h.replace("fleet.yaml", "first") }, // of the same size
		"new/a.txt":  func(h *harness) { h.write("new/a.txt", "new") },
		"specs":      func(h *harness) { h.write("specs/a.yaml", "new") },
	} {
		h := newHarness(t, Options{}, one, func(*Set) {})
		h.mkdir("specs")
		h.reads = only("fleet.yaml", "new/a.txt", "specs/")
		h.read(func() { change(h) })
		h.changed(name)
		h.unchanged()
	}
}

// TestChangedDuringPass: changes between a cause and the next reading are one more.
func TestChangedDuringPass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.write("fleet.yaml", "changed")
	h.cause()
	for i := range 50 {
		h.write("fleet.yaml", fmt.Sprint(i))
	}
	h.read()
	h.changed("fleet.yaml")
	h.unchanged()
}

// TestOverflow: more events may happen next to the spec than the system queues.
func TestOverflow(t *testing.T) {
	t.Parallel()
	n := queued(t)
	h := newHarness(t, Options{}, func(h *harness) { h.hold = make(chan struct{}) }, only("fleet.yaml"))
	h.write("hold~", "")
	other := []string{h.path("a"), h.path("b")}
	for i := range 2 * n {
		h.must(os.WriteFile(other[i%2], nil, 0o644))
	}
	h.write("fleet.yaml", "changed")
	close(h.hold)
	h.changed("")
	h.write("fleet.yaml", "again")
	h.changed("fleet.yaml")
}

// queued returns how many events the system keeps.
func queued(t *testing.T) (n int) {
	t.Helper()
	b, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Skip(err)
	}
	if _, err := fmt.Sscan(string(b), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInvalid: the files of an invalid spec are watched in addition to those of the last
// valid one.
func TestInvalid(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml", "part.yaml"))
	h.reads, h.valid = only("fleet.yaml", "missing.yaml"), false
	h.read()
	h.write("part.yaml", "changed")
	h.changed("part.yaml")
	h.unchanged() // and is not found again
	h.write("missing.yaml", "there")
	h.changed("missing.yaml")
	h.reads, h.valid = only("fleet.yaml", "missing.yaml"), true
	h.read()
	h.write("part.yaml", "of no interest")
	h.unchanged()
}

// TestClose: a watcher with changes that are not received ends.
func TestClose(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.write("fleet.yaml", "changed")
	h.waitArmed(settleTime)
	h.timers.fire(settleTime)
	h.w.Close()
	h.w.Watch(NewSet(h.dir, false), true) // does not wait
}

// TestLocalFiles: a changed local file is a change, also by its permissions. An ignored
// one is not.
func TestLocalFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, func(s *Set) {
		s.AddFile("fleet.yaml")
		s.AddLocal(localFiles{dirs: []string{s.base, filepath.Join(s.base, "gone")}})
	})
	h.write("a.src", "first")
	h.changed("a.src")
	h.must(os.Chmod(h.path("a.src"), 0o755))
	h.changed("a.src")
	h.write("a.log", "ignored")
	h.must(os.Chmod(h.path("a.log"), 0o755))
	h.unchanged()
	h.remove("a.src")
	h.changed("a.src")
	h.unchanged()
}

// TestLocalDirsFound: directories that a later reading found are watched from then on.
// Files in them may have changed during it, which is therefore one more change.
func TestLocalDirsFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml"))
	h.mkdir("found")
	h.reads = func(s *Set) {
		s.AddFile("fleet.yaml")
		s.AddLocal(localFiles{dirs: []string{h.path("found")}})
	}
	h.read()
	h.changed("found")
	h.unchanged()
	h.write("found/a.src", "first")
	h.changed("found/a.src")
	h.unchanged()
}

// TestLocalDirReplaced: a directory of local files, and one above them, is replaced as a
// whole.
func TestLocalDirReplaced(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) { h.write("app/lib/a.src", "first") }, func(s *Set) {
		app := filepath.Join(s.base, "app")
		s.AddLocal(localFiles{paths: []string{app}, dirs: []string{app, filepath.Join(app, "lib")}})
	})
	h.unchanged()
	for range 2 {
		for _, dir := range []string{"app", "app/lib"} {
			h.write("new/lib/a.src", "new")
			h.remove(dir)
			h.changed("app")
			h.rename(filepath.Join("new", dir[len("app"):]), dir)
			h.changed("app")
			h.unchanged()
			h.write("app/lib/a.src", "changed")
			h.changed("app/lib/a.src")
			h.remove("new")
		}
	}
}

// TestLocalLinkSwapped: a link on the way to local files is led elsewhere.
func TestLocalLinkSwapped(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) {
		h.write("rev1/app/a.src", "1")
		h.write("rev2/app/a.src", "2")
		h.link("rev1", "current")
	}, func(s *Set) {
		path := filepath.Join(s.base, "current", "app")
		dir, _ := filepath.EvalSymlinks(path)
		s.AddLocal(localFiles{paths: []string{path}, dirs: []string{dir}})
	})
	for _, rev := range []string{"rev2", "rev1"} {
		h.link(rev, "current")
		h.changed("current")
		h.changed(rev + "/app") // which was not watched when it was read
		h.write(rev+"/app/a.src", "changed")
		h.changed(rev + "/app/a.src")
	}
	h.unchanged()
}

// TestLocalDirsLimit: no more directories are watched than the limit. The others are
// compared.
func TestLocalDirsLimit(t *testing.T) {
	dirs := make([]string, MaxLocalDirs+2)
	for i := range dirs {
		dirs[i] = fmt.Sprintf("/no/%d", i)
	}
	s := NewSet("/", false)
	s.AddLocal(localFiles{dirs: dirs[:MaxLocalDirs]})
	if l := layoutOf(s); len(l.dirs) != MaxLocalDirs || l.unwatched {
		t.Errorf("%d directories are watched, others: %v", len(l.dirs), l.unwatched)
	}
	s.AddLocal(localFiles{dirs: dirs})
	if l := layoutOf(s); len(l.dirs) != MaxLocalDirs || !l.unwatched {
		t.Errorf("%d directories are watched, others: %v", len(l.dirs), l.unwatched)
	}
}
