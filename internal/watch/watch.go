// Package watch calls a function again whenever files change, time passes or
// somebody asks for it.
package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"fleet/internal/specfile"
)

// settleTime is how long the files must be quiet before a pass: editors write a
// file in several steps.
const settleTime = 200 * time.Millisecond

// A Trigger is what made a pass happen.
type Trigger string

// The causes of a pass.
const (
	Start      Trigger = "start"
	FileChange Trigger = "file change"
	Interval   Trigger = "interval"
	Signal     Trigger = "signal"
)

// Options say when to call. The zero Options call once.
type Options struct {
	Paths     func() []string  // files, and directories of spec files; asked before the first pass and after each; nil: none
	Recursive bool             // a new directory below those of Paths is a change, too
	Interval  time.Duration    // longest time between two passes; 0: no limit
	Signals   <-chan os.Signal // each value asks for a pass; nil: never
}

// Loop calls pass at once, and then whenever there is a cause, until ctx ends.
// Passes never overlap. What happens during a pass leads to one more pass.
// What becomes of a pass is its own business: the loop goes on.
func Loop(ctx context.Context, opts Options, reconcile func(context.Context, Trigger)) error {
	if opts.Paths == nil {
		opts.Paths = func() []string { return nil }
	}
	w, err := newWatcher(opts.Recursive)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.addAll(opts.Paths()); err != nil {
		return err
	}

	quiet := stoppedTimer()
	defer quiet.Stop()
	tick := stoppedTimer()
	defer tick.Stop()
	var failed error
	run := func(c Trigger) {
		if ctx.Err() != nil {
			return
		}
		reconcile(ctx, c)
		before := len(w.WatchList())
		failed = errors.Join(failed, w.addAll(opts.Paths()))
		if len(w.WatchList()) > before {
			quiet.Reset(settleTime) // what changed in a new directory during the pass was not seen
		}
		if opts.Interval > 0 {
			tick.Reset(opts.Interval)
		}
	}
	run(Start)
	for ctx.Err() == nil && failed == nil {
		select {
		case <-ctx.Done():
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watching the spec: %w", err)
			}
			quiet.Reset(settleTime) // what was lost may have been a change
		case ev := <-w.Events:
			if w.isRelevant(ev) {
				quiet.Reset(settleTime)
			}
		case <-quiet.C:
			run(FileChange)
		case <-tick.C:
			run(Interval)
		case <-opts.Signals:
			run(Signal)
		}
	}
	return failed
}

// stoppedTimer is a timer that has yet to be set.
func stoppedTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// A watcher watches directories for changes of some of their files. All paths
// in it are absolute and without links.
type watcher struct {
	*fsnotify.Watcher
	recursive bool
	files     map[string]bool // links and watched directories, too
	dirs      map[string]bool // all of whose spec files count
}

func newWatcher(recursive bool) (*watcher, error) {
	fs, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching the spec: %w", err)
	}
	return &watcher{fs, recursive, map[string]bool{}, map[string]bool{}}, nil
}

// addAll watches more paths; what is watched already stays so.
func (w *watcher) addAll(paths []string) error {
	for _, p := range paths {
		if err := w.add(p); err != nil {
			return fmt.Errorf("watching %s: %w", p, err)
		}
	}
	return nil
}

// add watches a path, and the links that lead to it: always the directory,
// never the file. A rename over a file, which is how editors save, would end
// the watch of it. Links whose directory cannot be watched are not.
func (w *watcher) add(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	links, end := resolveLinks(abs)
	for _, link := range links {
		w.files[link] = true
		_ = w.addDir(filepath.Dir(link))
	}
	w.files[end] = true
	if info, err := os.Stat(end); err == nil && info.IsDir() {
		w.dirs[end] = true
		return w.addDir(end)
	}
	if err := w.addDir(filepath.Dir(end)); err != nil && len(links) == 0 {
		return err
	}
	return nil
}

// addDir watches a directory once.
func (w *watcher) addDir(dir string) error {
	if slices.Contains(w.WatchList(), dir) {
		return nil
	}
	return w.Add(dir)
}

// mountedData is the link that Kubernetes swaps when the content of a mounted
// ConfigMap changes: the files beside it are links into it.
const mountedData = "..data"

// isRelevant reports whether an event is about the content of a watched file.
func (w *watcher) isRelevant(ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod {
		return false
	}
	if filepath.Base(ev.Name) == mountedData || w.files[ev.Name] {
		return true
	}
	return w.dirs[filepath.Dir(ev.Name)] && (specfile.MayBeSpec(ev.Name) || w.recursive && isDirectory(ev.Name))
}

// isDirectory reports whether there is a directory, or a link to one.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
