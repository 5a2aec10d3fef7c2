// Package watch calls a function whenever files change, an interval passes or a
// signal arrives.
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

// settleTime is the time without changes that starts a run: editors write a file
// in several steps.
const settleTime = 200 * time.Millisecond

// A Trigger is the cause of a run.
type Trigger string

// The triggers.
const (
	Start      Trigger = "start"
	FileChange Trigger = "file change"
	Interval   Trigger = "interval"
	Signal     Trigger = "signal"
)

// Options configure a [Loop]. The zero Options run once, at the start.
type Options struct {
	Paths     func() []string  // files, and directories of spec files; called before the first run and after each; nil: none
	Local     func() Local     // local files, in addition to Paths and called as often; nil: none
	Recursive bool             // a new directory in one of Paths is a change, too
	Interval  time.Duration    // longest time from the end of a run to the next one; 0: no limit
	Signals   <-chan os.Signal // each value starts a run; nil: none

	after func(time.Duration) <-chan time.Time // nil: time.After
	seen  func(fsnotify.Event)                 // called after each event was handled; nil: not called
}

// withDefaults returns the options with nil functions replaced.
func (o Options) withDefaults() Options {
	if o.Paths == nil {
		o.Paths = func() []string { return nil }
	}
	if o.Local == nil {
		o.Local = func() Local { return nil }
	}
	if o.after == nil {
		o.after = time.After
	}
	if o.seen == nil {
		o.seen = func(fsnotify.Event) {}
	}
	return o
}

// Loop calls run at once and then after each trigger, until ctx ends. Runs
// never overlap; triggers during a run lead to one more. Loop returns an error
// if files cannot be watched; how a run ends is up to run.
func Loop(ctx context.Context, opts Options, run func(context.Context, Trigger)) error {
	w, err := newWatcher(opts.Recursive)
	if err != nil {
		return err
	}
	defer w.Close()
	l := &loop{Options: opts.withDefaults(), watcher: w, run: run}
	if err := l.addAll(); err != nil {
		return err
	}
	l.runOnce(ctx, Start)
	for ctx.Err() == nil && l.err == nil {
		l.next(ctx)
	}
	return l.err
}

// A loop is a running [Loop]. One goroutine owns it.
type loop struct {
	Options
	watcher *watcher
	run     func(context.Context, Trigger)
	quiet   <-chan time.Time // receives once the files have been quiet; nil: nothing changed
	tick    <-chan time.Time // receives at the end of the interval; nil: no interval
	err     error            // ends the loop
}

// next waits for one event and handles it.
func (l *loop) next(ctx context.Context) {
	select {
	case <-ctx.Done():
	case err := <-l.watcher.Errors:
		if !errors.Is(err, fsnotify.ErrEventOverflow) {
			l.err = fmt.Errorf("watching the spec: %w", err)
		}
		l.quiet = l.after(settleTime) // a lost event may have been a change
	case ev := <-l.watcher.Events:
		if l.watcher.isRelevant(ev) {
			l.quiet = l.after(settleTime)
		}
		l.seen(ev)
	case <-l.quiet:
		l.quiet = nil
		l.runOnce(ctx, FileChange)
	case <-l.tick:
		l.runOnce(ctx, Interval)
	case <-l.Signals:
		l.runOnce(ctx, Signal)
	}
}

// runOnce calls run, and watches the files that the run found.
func (l *loop) runOnce(ctx context.Context, t Trigger) {
	if ctx.Err() != nil {
		return
	}
	l.run(ctx, t)
	before := len(l.watcher.WatchList())
	l.err = l.addAll()
	if len(l.watcher.WatchList()) > before {
		l.quiet = l.after(settleTime) // changes in a new directory during the run were not seen
	}
	if l.Interval > 0 {
		l.tick = l.after(l.Interval)
	}
}

// addAll watches the paths and the local files of the last run.
func (l *loop) addAll() error {
	l.watcher.addLocal(l.Local())
	return l.watcher.addAll(l.Paths())
}

// A watcher watches directories for changes of some of their files. Its paths are
// absolute and have no links.
type watcher struct {
	*fsnotify.Watcher
	recursive bool
	files     map[string]bool // including links and watched directories
	dirs      map[string]bool // directories whose spec files are all watched
	local     Local           // nil: none
}

func newWatcher(recursive bool) (*watcher, error) {
	fs, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching the spec: %w", err)
	}
	return &watcher{fs, recursive, map[string]bool{}, map[string]bool{}, nil}, nil
}

// addAll watches more paths, in addition to those watched already.
func (w *watcher) addAll(paths []string) error {
	for _, p := range paths {
		if err := w.add(p); err != nil {
			return fmt.Errorf("watching %s: %w", p, err)
		}
	}
	return nil
}

// add watches a path and the links that lead to it. It watches their directories:
// editors save by renaming a new file over the old one, which would end the watch
// of a file. Links whose directory cannot be watched are skipped.
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
// ConfigMap changes: the files next to it are links into it.
const mountedData = "..data"

// isRelevant reports whether an event is about the content of a watched file.
func (w *watcher) isRelevant(ev fsnotify.Event) bool {
	if w.local != nil && w.local.Relevant(ev.Name) {
		return true
	}
	if ev.Op == fsnotify.Chmod {
		return false
	}
	if filepath.Base(ev.Name) == mountedData || w.files[ev.Name] {
		return true
	}
	return w.dirs[filepath.Dir(ev.Name)] && (specfile.MayBeSpec(ev.Name) || w.recursive && isDirectory(ev.Name))
}

// isDirectory reports whether a path is a directory, or a link to one.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
