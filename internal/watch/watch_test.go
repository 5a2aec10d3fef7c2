package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFirstPass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	h.nothingElse()
}

func TestEdit(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	for range 2 {
		h.write("fleet.yaml", "changed")
		h.whole(FileChange)
	}
	h.nothingElse()
}

// A file that a pass came to know of is watched from then on.
func TestMorePaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	included := filepath.Join(dir, "included.txt")
	asked := 0
	h := startHarness(t, dir, Options{Paths: func() []string {
		if asked++; asked == 1 {
			return []string{filepath.Join(dir, "fleet.yaml")}
		}
		return []string{filepath.Join(dir, "fleet.yaml"), included}
	}})
	h.whole(Start)
	h.must(os.WriteFile(included, []byte("changed"), 0o600))
	h.whole(FileChange)
	h.nothingElse()
}

func TestBurstIsOnePass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "a.yaml", "b.yaml")
	h.whole(Start)
	for i := range 200 {
		h.write([]string{"a.yaml", "b.yaml"}[i%2], fmt.Sprint(i))
	}
	h.whole(FileChange)
	h.nothingElse()
}

// Editors write a new file and rename it over the old one.
func TestRenameOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	for range 3 { // the watch survives it
		h.write("new", "changed")
		h.must(os.Rename(filepath.Join(h.dir, "new"), filepath.Join(h.dir, "fleet.yaml")))
		h.whole(FileChange)
	}
	h.nothingElse()
}

func TestRemovedAndBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	h.must(os.Remove(filepath.Join(h.dir, "fleet.yaml")))
	h.whole(FileChange)
	h.write("fleet.yaml", "back")
	h.whole(FileChange)
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{})
	h.whole(Start)
	for _, file := range []string{"new.yaml", "new.yml"} {
		h.write(file, "new")
		h.whole(FileChange)
	}
	h.must(os.Remove(filepath.Join(h.dir, "new.yaml")))
	h.whole(FileChange)
	h.write("notes.txt", "new")
	h.must(os.Mkdir(filepath.Join(h.dir, "folder"), 0o755))
	h.nothingElse()
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	h.write("other.yaml", "new")
	h.write("fleet.yaml~", "new")
	h.nothingElse()
}

func TestModesAreNoChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	h.must(os.Chmod(filepath.Join(h.dir, "fleet.yaml"), 0o600))
	h.nothingElse()
}

func TestRelativePaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	h := startHarness(t, dir, Options{Paths: only("fleet.yaml")})
	h.whole(Start)
	h.write("fleet.yaml", "it was not there before")
	h.whole(FileChange)
}

func TestSignal(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.whole(Start)
	h.signals <- syscall.SIGHUP
	h.whole(Signal)
}

func TestInterval(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{Interval: testInterval}, "fleet.yaml")
	h.whole(Start)
	for range 5 {
		h.whole(Interval)
	}
}

// A pass that takes longer than the interval is followed by one, not by all
// that were missed.
func TestIntervalCountsFromTheEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{Interval: testInterval}, "fleet.yaml")
	h.starting(Start)
	if h.timers.isArmed(testInterval) {
		t.Error("the interval starts with the run, not at its end")
	}
	h.finish()
	h.starting(Interval)
	if h.timers.isArmed(testInterval) {
		t.Error("the interval starts again before the run has ended")
	}
	h.finish()
}

func TestChangesDuringAPass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.starting(Start)
	for i := range 50 {
		h.write("fleet.yaml", fmt.Sprint(i))
	}
	h.finish()
	h.whole(FileChange)
	h.nothingElse()
}

func TestSignalDuringAPass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.starting(Start)
	h.signals <- syscall.SIGHUP
	h.finish()
	h.whole(Signal)
	h.nothingElse()
}

func TestCancelDuringAPass(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.starting(Start)
	h.write("fleet.yaml", "changed")
	h.end() // the pass sees it, and the loop returns
	h.ended <- nil
}

func TestCancelBetweenPasses(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{Interval: testInterval}, "fleet.yaml")
	h.whole(Start)
	h.end()
	h.ended <- nil
}

// Once the loop was told to end, it begins no pass, whatever else is due.
func TestNoPassAfterTheEnd(t *testing.T) {
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		again := make(chan os.Signal, 1)
		again <- syscall.SIGHUP
		passes := 0
		err := Loop(ctx, Options{Signals: again}, func(context.Context, Trigger) { passes++; cancel() })
		if err != nil || passes != 1 {
			t.Fatalf("%d passes, %v", passes, err)
		}
	}
}

// More may happen beside the spec during a long pass than the system keeps.
func TestOverflowIsAChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, "fleet.yaml")
	h.starting(Start)
	other := []string{filepath.Join(h.dir, "a"), filepath.Join(h.dir, "b")}
	for i := range 2 * queued(t) {
		h.must(os.WriteFile(other[i%2], nil, 0o644))
	}
	h.write("fleet.yaml", "changed")
	h.finish()
	h.whole(FileChange)
}

// queued is how many events the system keeps.
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

// A mounted configuration is a link to a link to a file: what changes is the
// link in between.
func TestLinkedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []string{"..1", "..2"} {
		must(os.Mkdir(filepath.Join(dir, v), 0o755))
		must(os.WriteFile(filepath.Join(dir, v, "fleet.yaml"), []byte(v), 0o644))
	}
	must(os.Symlink("..1", filepath.Join(dir, "..data")))
	must(os.Symlink("..data/fleet.yaml", filepath.Join(dir, "fleet.yaml")))
	h := startHarness(t, dir, Options{Paths: only(filepath.Join(dir, "fleet.yaml"))})
	h.whole(Start)
	must(os.Symlink("..2", filepath.Join(dir, "..tmp")))
	must(os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	h.whole(FileChange)
}

func TestNoSuchDirectory(t *testing.T) {
	err := Loop(t.Context(), Options{Paths: only(filepath.Join(t.TempDir(), "no", "fleet.yaml"))}, func(context.Context, Trigger) { t.Error("a pass") })
	if err == nil {
		t.Error("a directory that is not there is watched")
	}
}

// linkedSpecs is a directory of which one file and one directory are links.
func linkedSpecs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"specs", "teams", "files", "other"} {
		must(os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	must(os.Symlink("../teams", filepath.Join(dir, "specs", "teams")))
	must(os.Symlink("../files/one.yaml", filepath.Join(dir, "specs", "one.yaml")))
	must(os.WriteFile(filepath.Join(dir, "files", "one.yaml"), nil, 0o644))
	return dir
}

// A linked directory and a linked file are watched in their real place, and the
// links where they are.
func TestLinkedDirectory(t *testing.T) {
	t.Parallel()
	dir := linkedSpecs(t)
	specs := filepath.Join(dir, "specs")
	h := startHarness(t, dir, Options{Paths: only(specs, filepath.Join(specs, "teams"), filepath.Join(specs, "one.yaml"))})
	h.watched = specs
	h.whole(Start)
	h.replace("teams/a.yaml", "new")
	h.whole(FileChange)
	h.replace("teams/B.JSON", "new")
	h.whole(FileChange)
	h.replace("files/one.yaml", "changed")
	h.starting(FileChange)
	// Within a pass: what leads to a new directory after one leads to two more.
	h.must(os.Symlink("../other", filepath.Join(dir, "new")))
	h.must(os.Rename(filepath.Join(dir, "new"), filepath.Join(specs, "teams")))
	h.finish()
	h.whole(FileChange)
	h.replace("files/two.yaml", "not linked")
	h.replace("teams/.a.yaml", "hidden")
	h.replace("teams/._a.yaml", "hidden")
	h.must(os.Symlink("user@host.1:2", filepath.Join(specs, ".#a.yaml")))
	h.nothingElse()
}

// With Recursive, a directory that appears in a watched one is a change.
func TestNewDirectory(t *testing.T) {
	t.Parallel()
	dir := linkedSpecs(t)
	specs := filepath.Join(dir, "specs")
	h := startHarness(t, specs, Options{Paths: only(specs), Recursive: true})
	h.whole(Start)
	h.must(os.Symlink("../other", filepath.Join(specs, "more")))
	h.whole(FileChange)
	h.must(os.Mkdir(filepath.Join(specs, "again"), 0o755))
	h.whole(FileChange)
	h.must(os.WriteFile(filepath.Join(specs, "notes.txt"), nil, 0o644))
	h.nothingElse()
}

// What a pass has found to be a directory may have changed during the pass.
func TestFoundDirectory(t *testing.T) {
	t.Parallel()
	dir := linkedSpecs(t)
	asked := 0
	h := startHarness(t, filepath.Join(dir, "specs"), Options{Paths: func() []string {
		if asked++; asked == 1 {
			return []string{filepath.Join(dir, "specs")}
		}
		return []string{filepath.Join(dir, "specs"), filepath.Join(dir, "specs", "teams")}
	}})
	h.whole(Start)
	h.whole(FileChange)
	h.nothingElse()
}
