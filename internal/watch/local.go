package watch

import "slices"

// MaxLocalDirs is how many directories of local files are watched: the kernel limits the
// watches of a user, which other programs need, too.
const MaxLocalDirs = 8192

// Local are files that the spec refers to, such as those that images copy. All their
// changes count, also of their permissions.
type Local interface {
	// Dirs returns the directories of the files, without symbolic links. Those after
	// the first MaxLocalDirs are not watched.
	Dirs() []string

	// Relevant reports whether a change of a path in one of the directories counts.
	Relevant(path string) bool
}

// addLocal watches the directories of local files, instead of earlier ones. Directories
// that cannot be watched are skipped: they are read in each run.
func (w *watcher) addLocal(local Local) {
	w.local = local
	if local == nil {
		return
	}
	dirs := local.Dirs()
	dirs = dirs[:min(len(dirs), MaxLocalDirs)]
	watched := w.WatchList()
	slices.Sort(watched)
	for _, dir := range dirs {
		if _, ok := slices.BinarySearch(watched, dir); !ok {
			_ = w.Add(dir)
		}
	}
}
