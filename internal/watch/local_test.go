package watch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// localFiles are directories in which files called *.src count.
type localFiles []string

func (l localFiles) Dirs() []string { return l }

func (l localFiles) Relevant(path string) bool { return strings.HasSuffix(path, ".src") }

// TestLocalFiles: a changed local file starts a run, also by its permissions. An ignored
// one does not.
func TestLocalFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := startHarness(t, dir, Options{
		Paths: only(filepath.Join(dir, "fleet.yaml")),
		Local: func() Local { return localFiles{dir, filepath.Join(dir, "gone")} },
	})
	h.whole(Start)
	h.write("a.src", "first")
	h.whole(FileChange)
	h.must(os.Chmod(filepath.Join(dir, "a.src"), 0o755))
	h.whole(FileChange)
	h.write("a.log", "ignored")
	h.must(os.Chmod(filepath.Join(dir, "a.log"), 0o755))
	h.nothingElse()
	h.must(os.Remove(filepath.Join(dir, "a.src")))
	h.whole(FileChange)
	h.nothingElse()
}

// TestLocalDirsOfRun: directories that a run found are watched from then on. Files in
// them may have changed during the run, which therefore runs again.
func TestLocalDirsOfRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	found := filepath.Join(dir, "found")
	if err := os.Mkdir(found, 0o700); err != nil {
		t.Fatal(err)
	}
	asked := 0
	h := startHarness(t, dir, Options{Paths: only(dir), Local: func() Local {
		if asked++; asked == 1 {
			return nil
		}
		return localFiles{found}
	}})
	h.whole(Start)
	h.whole(FileChange)
	h.write("found/a.src", "first")
	h.whole(FileChange)
	h.nothingElse()
}

// TestLocalDirsLimit: no more directories are watched than the limit.
func TestLocalDirsLimit(t *testing.T) {
	w, err := newWatcher(false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first, last := t.TempDir(), t.TempDir()
	dirs := make(localFiles, MaxLocalDirs+1)
	for i := range dirs {
		dirs[i] = first
	}
	dirs[MaxLocalDirs] = last
	w.addLocal(dirs)
	if list := w.WatchList(); len(list) != 1 || list[0] != first {
		t.Errorf("watched: %v", list)
	}
}
