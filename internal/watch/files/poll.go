package files

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"time"
)

const (
	pollTime  = 2 * time.Second // between two comparisons
	pollShare = 20              // the time between two comparisons is at least this many times as long as one takes
)

// localPrints are digests of local files.
type localPrints map[printed]uint64

// A printed is what has a digest: the local files in a directory, by their names, sizes,
// times and permissions, or the end of the links on the way to a path.
type printed struct {
	path string
	dir  bool
}

// startPolls schedules the first comparison. Local files are compared with their
// present state.
func (w *Watcher) startPolls() {
	w.prints = w.localPrints()
	w.polls = w.After(pollTime)
}

// poll compares all files with their last known state.
func (w *Watcher) poll() {
	start := w.Now()
	for _, path := range w.set.changed() {
		w.stale = true
		w.changed(path)
	}
	before := w.prints
	w.prints = w.localPrints()
	for p, digest := range w.prints {
		if old, known := before[p]; known && old != digest {
			w.stale = true
			w.changed(p.path)
		}
	}
	w.polls = w.After(max(pollTime, pollShare*w.Now().Sub(start)))
}

// localPrints returns the digests of all local files, watched or not.
func (w *Watcher) localPrints() localPrints {
	prints := localPrints{}
	for _, local := range w.set.local {
		for _, dir := range local.Dirs() {
			if p := (printed{dir, true}); prints[p] == 0 {
				prints[p] = printOf(local, dir)
			}
		}
		for _, path := range local.Paths() {
			sum := fnv.New64a()
			end, err := filepath.EvalSymlinks(path)
			fmt.Fprint(sum, end, err == nil)
			prints[printed{path, false}] = sum.Sum64()
		}
	}
	return prints
}

// printOf returns the digest of the local files in a directory; 0 if there is none.
func printOf(local Local, dir string) uint64 {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	sum := fnv.New64a()
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !local.Relevant(path) {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			fmt.Fprintf(sum, "%q gone\n", e.Name())
		case info.IsDir(): // its files are in a directory of their own
			fmt.Fprintf(sum, "%q\n", e.Name())
		default:
			fmt.Fprintf(sum, "%q %d %d %d\n", e.Name(), info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
	}
	return sum.Sum64()
}
