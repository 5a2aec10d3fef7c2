package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFirstPass(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	l.nothingElse()
}

func TestEdit(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	for range 2 {
		l.write("fleet.yaml", "changed")
		l.passes(FileChange)
	}
	l.nothingElse()
}

// A file that a pass came to know of is watched from then on.
func TestMorePaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	included := filepath.Join(dir, "included.txt")
	asked := 0
	l := begin(t, Options{Paths: func() []string {
		if asked++; asked == 1 {
			return []string{filepath.Join(dir, "fleet.yaml")}
		}
		return []string{filepath.Join(dir, "fleet.yaml"), included}
	}}, "unused.yaml")
	l.passes(Start)
	l.must(os.WriteFile(included, []byte("changed"), 0o600))
	l.passes(FileChange)
	l.nothingElse()
}

func TestBurstIsOnePass(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "a.yaml", "b.yaml")
	l.passes(Start)
	for i := range 200 {
		l.write([]string{"a.yaml", "b.yaml"}[i%2], fmt.Sprint(i))
	}
	l.passes(FileChange)
	l.nothingElse()
}

// Editors write a new file and rename it over the old one.
func TestRenameOver(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	for range 3 { // the watch survives it
		l.write("new", "changed")
		l.must(os.Rename(filepath.Join(l.dir, "new"), filepath.Join(l.dir, "fleet.yaml")))
		l.passes(FileChange)
	}
	l.nothingElse()
}

func TestRemovedAndBack(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	l.must(os.Remove(filepath.Join(l.dir, "fleet.yaml")))
	l.passes(FileChange)
	l.write("fleet.yaml", "back")
	l.passes(FileChange)
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{})
	l.passes(Start)
	for _, file := range []string{"new.yaml", "new.yml"} {
		l.write(file, "new")
		l.passes(FileChange)
	}
	l.must(os.Remove(filepath.Join(l.dir, "new.yaml")))
	l.passes(FileChange)
	l.write("notes.txt", "new")
	l.must(os.Mkdir(filepath.Join(l.dir, "folder"), 0o755))
	l.nothingElse()
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	l.write("other.yaml", "new")
	l.write("fleet.yaml~", "new")
	l.nothingElse()
}

func TestModesAreNoChange(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	l.must(os.Chmod(filepath.Join(l.dir, "fleet.yaml"), 0o600))
	l.nothingElse()
}

func TestRelativePaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	l := begin(t, Options{Paths: only("fleet.yaml")}, "unused.yaml")
	l.dir = dir
	l.passes(Start)
	l.write("fleet.yaml", "it was not there before")
	l.passes(FileChange)
}

func TestSignal(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.passes(Start)
	l.again <- syscall.SIGHUP
	l.passes(Signal)
}

func TestInterval(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{Interval: time.Millisecond}, "fleet.yaml")
	l.passes(Start)
	for range 5 {
		l.passes(Interval)
	}
}

// A pass that takes longer than the interval is followed by one, not by all
// that were missed.
func TestIntervalCountsFromTheEnd(t *testing.T) {
	t.Parallel()
	const interval = settleTime
	l := begin(t, Options{Interval: interval}, "fleet.yaml")
	l.begins(Start)
	<-time.After(3 * interval)
	ended := time.Now()
	l.ends()
	l.begins(Interval)
	if time.Since(ended) < interval {
		t.Error("the interval did not start anew")
	}
	l.ends()
}

func TestChangesDuringAPass(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.begins(Start)
	for i := range 50 {
		l.write("fleet.yaml", fmt.Sprint(i))
	}
	l.ends()
	l.passes(FileChange)
	l.nothingElse()
}

func TestSignalDuringAPass(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.begins(Start)
	l.again <- syscall.SIGHUP
	l.ends()
	l.passes(Signal)
	l.nothingElse()
}

func TestCancelDuringAPass(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{}, "fleet.yaml")
	l.begins(Start)
	l.write("fleet.yaml", "changed")
	l.end() // the pass sees it, and the loop returns
	l.ended <- nil
}

func TestCancelBetweenPasses(t *testing.T) {
	t.Parallel()
	l := begin(t, Options{Interval: time.Hour}, "fleet.yaml")
	l.passes(Start)
	l.end()
	l.ended <- nil
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
	l := begin(t, Options{}, "fleet.yaml")
	l.begins(Start)
	other := []string{filepath.Join(l.dir, "a"), filepath.Join(l.dir, "b")}
	for i := range 2 * queued(t) {
		l.must(os.WriteFile(other[i%2], nil, 0o644))
	}
	l.write("fleet.yaml", "changed")
	l.ends()
	l.passes(FileChange)
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
	l := begin(t, Options{Paths: only(filepath.Join(dir, "fleet.yaml"))}, "unused.yaml")
	l.passes(Start)
	must(os.Symlink("..2", filepath.Join(dir, "..tmp")))
	must(os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	l.passes(FileChange)
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
	l := begin(t, Options{Paths: only(specs, filepath.Join(specs, "teams"), filepath.Join(specs, "one.yaml"))}, "unused.yaml")
	l.dir = dir
	l.passes(Start)
	l.put("teams/a.yaml", "new")
	l.passes(FileChange)
	l.put("teams/B.JSON", "new")
	l.passes(FileChange)
	l.put("files/one.yaml", "changed")
	l.begins(FileChange)
	// Within a pass: what leads to a new directory after one leads to two more.
	l.must(os.Symlink("../other", filepath.Join(dir, "new")))
	l.must(os.Rename(filepath.Join(dir, "new"), filepath.Join(specs, "teams")))
	l.ends()
	l.passes(FileChange)
	l.put("files/two.yaml", "not linked")
	l.put("teams/.a.yaml", "hidden")
	l.put("teams/._a.yaml", "hidden")
	l.must(os.Symlink("user@host.1:2", filepath.Join(specs, ".#a.yaml")))
	l.nothingElse()
}

// With Recursive, a directory that appears in a watched one is a change.
func TestNewDirectory(t *testing.T) {
	t.Parallel()
	dir := linkedSpecs(t)
	specs := filepath.Join(dir, "specs")
	l := begin(t, Options{Paths: only(specs), Recursive: true}, "unused.yaml")
	l.passes(Start)
	l.must(os.Symlink("../other", filepath.Join(specs, "more")))
	l.passes(FileChange)
	l.must(os.Mkdir(filepath.Join(specs, "again"), 0o755))
	l.passes(FileChange)
	l.must(os.WriteFile(filepath.Join(specs, "notes.txt"), nil, 0o644))
	l.nothingElse()
}

// What a pass has found to be a directory may have changed during the pass.
func TestFoundDirectory(t *testing.T) {
	t.Parallel()
	dir := linkedSpecs(t)
	asked := 0
	l := begin(t, Options{Paths: func() []string {
		if asked++; asked == 1 {
			return []string{filepath.Join(dir, "specs")}
		}
		return []string{filepath.Join(dir, "specs"), filepath.Join(dir, "specs", "teams")}
	}}, "unused.yaml")
	l.passes(Start)
	l.passes(FileChange)
	l.nothingElse()
}
