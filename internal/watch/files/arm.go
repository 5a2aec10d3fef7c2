package files

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"github.com/fsnotify/fsnotify"

	"fleet/internal/foreign"
)

// maxArms is how often the directories are watched again if they change meanwhile. Each
// further change leads to an event.
const maxArms = 3

// arm watches the directories of the set as they are now.
func (w *Watcher) arm() {
	for range maxArms {
		old := w.layout
		w.layout = layoutOf(w.set)
		if !w.stale && slices.Equal(old.dirs, w.layout.dirs) {
			break
		}
		if w.stale || w.blind || w.system == nil {
			w.watchAll()
		} else {
			w.watchOthers(old.dirs)
		}
	}
	switch {
	case !w.blind:
		w.polls = nil
	case w.polls == nil:
		w.startPolls()
	}
}

// watchAll watches the directories with a new watcher of the system: an old one may
// watch directories that have moved or that exist no more. Events of the old one that
// were not handled yet are lost. The caller has noted a change, or compares the files.
func (w *Watcher) watchAll() {
	old := w.system
	system, err := w.open()
	if w.stale, w.blind, w.system = false, !parentsWatched, system; err != nil {
		w.system = nil
		w.pollBecause("", err)
	}
	for _, dir := range w.layout.dirs {
		err := w.watchDir(dir)
		if old != nil && errors.Is(err, syscall.ENOSPC) { // the old watches count, too
			old.Close()
			old, err = nil, w.watchDir(dir)
		}
		if err != nil {
			w.pollBecause(dir, err)
		}
	}
	if old != nil {
		old.Close()
	}
	w.findRemote()
}

// watchOthers watches the directories instead of others.
func (w *Watcher) watchOthers(others []string) {
	for _, dir := range others {
		if _, found := slices.BinarySearch(w.layout.dirs, dir); !found {
			_ = w.system.Remove(dir) // it may have ended already
		}
	}
	for _, dir := range w.layout.dirs {
		if _, found := slices.BinarySearch(others, dir); found {
			continue
		}
		if err := w.watchDir(dir); err != nil {
			w.pollBecause(dir, err)
		}
	}
	w.findRemote()
}

// findRemote makes the watcher compare files if events do not show all changes.
func (w *Watcher) findRemote() {
	if w.layout.unwatched {
		w.pollBecause("", errTooMany)
	}
	for place := range w.layout.places {
		if w.remote(place) {
			w.pollBecause(place, errRemote)
		}
	}
}

// errTooMany and errRemote are why events do not show all changes.
var (
	errTooMany = fmt.Errorf("the local files of the images are in more than %d directories", MaxLocalDirs)
	errRemote  = errors.New("it is on a network file system")
)

// watchDir watches a directory. A missing one is no error: its parent is watched.
func (w *Watcher) watchDir(dir string) error {
	if w.system == nil {
		return nil
	}
	err := w.add(w.system, dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return err
}

// pollBecause makes the watcher compare files, and reports why, once for each error.
// dir may be empty.
func (w *Watcher) pollBecause(dir string, err error) {
	w.blind = true
	if errno := syscall.Errno(0); errors.As(err, &errno) { // without the path
		err = errno
	}
	reason := err.Error()
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EMFILE):
		reason = "the system watches no more directories for this user; raise fs.inotify.max_user_watches or fs.inotify.max_user_instances"
	case dir != "":
		reason = fmt.Sprintf("%s: %v", foreign.Escape(dir), err)
	}
	if id := err.Error(); !w.reported[id] {
		w.reported[id] = true
		w.Report(fmt.Sprintf("file changes are found by comparing files every %v: %s", pollTime, reason))
	}
}

// channels returns the channels of the system's watcher; nil if there is none.
func (w *Watcher) channels() (<-chan fsnotify.Event, <-chan error) {
	if w.system == nil {
		return nil, nil
	}
	return w.system.Events, w.system.Errors
}

func (w *Watcher) closeSystem() {
	if w.system != nil {
		w.system.Close()
	}
}
