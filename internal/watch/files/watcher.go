package files

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"

	"fleet/internal/watch"
)

// Times of a watcher.
const (
	settleTime = 200 * time.Millisecond  // without changes, after which a change is reported: editors write a file in several steps
	latestTime = 1500 * time.Millisecond // after the first change, at which it is reported in any case; not pollTime, by which tests distinguish the timers
)

// Options configure a [Watcher].
type Options struct {
	// Report is called with the reason why changes are found by comparing files, once
	// for each reason. It is called by a goroutine of the watcher. Nil is not called.
	Report func(reason string)

	Now   func() time.Time                     // nil: time.Now
	After func(time.Duration) <-chan time.Time // nil: time.After

	open   func() (*fsnotify.Watcher, error)           // nil: fsnotify.NewWatcher
	add    func(w *fsnotify.Watcher, dir string) error // nil: that of the watcher
	remote func(dir string) bool                       // whether a directory is on a network file system; nil: isRemote
	seen   func(fsnotify.Event)                        // is called after each event was handled; nil: not called
}

// withDefaults returns the options with nil functions replaced.
func (o Options) withDefaults() Options {
	if o.Report == nil {
		o.Report = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.open == nil {
		o.open = fsnotify.NewWatcher
	}
	if o.add == nil {
		o.add = (*fsnotify.Watcher).Add
	}
	if o.remote == nil {
		o.remote = isRemote
	}
	if o.seen == nil {
		o.seen = func(fsnotify.Event) {}
	}
	return o
}

// A Watcher is a trigger of file changes. It must be made by [Start].
type Watcher struct {
	Options
	updates chan update
	causes  chan watch.Cause
	ended   chan struct{}
	cancel  context.CancelFunc

	// One goroutine owns the rest.
	set      *Set
	valid    *Set // of the last reading without errors; nil: none
	layout   *layout
	system   *fsnotify.Watcher // nil: the system reports no events
	stale    bool              // a watched directory may be another one by now
	blind    bool              // not all changes lead to events
	reported map[string]bool
	prints   localPrints
	polls    <-chan time.Time

	changes names
	quiet   <-chan time.Time // receives once the files have been quiet; nil: nothing changed
	latest  <-chan time.Time // receives when changes are reported, quiet or not
	ready   bool             // changes are to be reported
}

// An update is a call of Watch.
type update struct {
	set   *Set
	valid bool
	armed chan struct{}
}

// Start starts a watcher that watches nothing yet. It ends with ctx; the caller must
// call Close.
func Start(ctx context.Context, o Options) *Watcher {
	ctx, cancel := context.WithCancel(ctx)
	w := &Watcher{
		Options: o.withDefaults(), updates: make(chan update), causes: make(chan watch.Cause), ended: make(chan struct{}), cancel: cancel,
		set: NewSet("", false), reported: map[string]bool{},
	}
	w.layout = layoutOf(w.set)
	go w.run(ctx)
	return w
}

// Close ends the watcher and waits for its end.
func (w *Watcher) Close() {
	w.cancel()
	<-w.ended
}

// Causes returns the trigger. Changes that follow each other closely are one cause.
func (w *Watcher) Causes() <-chan watch.Cause { return w.causes }

// Watch watches the files of a set, which must not be used otherwise any more, instead
// of those of earlier ones. valid means that the spec was read to its end: what an
// invalid one depends on is not all known, so that files of the last valid one are
// watched, too. Watch returns when all of it is watched. Files that have changed since
// they were added to the set are reported.
func (w *Watcher) Watch(set *Set, valid bool) {
	u := update{set, valid, make(chan struct{})}
	select {
	case w.updates <- u:
		<-u.armed
	case <-w.ended:
	}
}

// run handles events until ctx ends.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.ended)
	defer w.closeSystem()
	for ctx.Err() == nil {
		w.next(ctx)
	}
}

// next waits for one event and handles it.
func (w *Watcher) next(ctx context.Context) {
	var causes chan<- watch.Cause
	var cause watch.Cause
	if w.ready {
		causes, cause = w.causes, w.changes.cause(w.set.base)
	}
	events, failures := w.channels()
	select {
	case <-ctx.Done():
	case u := <-w.updates:
		w.update(u)
		close(u.armed)
	case ev := <-events:
		w.event(ev)
		w.seen(ev)
	case err := <-failures:
		w.lost(err)
	case <-w.quiet:
		w.settle()
	case <-w.latest:
		w.settle()
	case <-w.polls:
		w.poll()
	case causes <- cause:
		w.changes, w.ready = names{}, false
	}
}

// event handles an event of the system.
func (w *Watcher) event(ev fsnotify.Event) {
	switch w.layout.meaningOf(ev) {
	case structure:
		w.stale = true
		w.changed(ev.Name)
		if ev.Has(fsnotify.Create) { // files in it may be written already
			w.arm()
		}
	case content:
		w.changed(ev.Name)
	}
}

// lost handles an error of the system: events may have been lost, such as after
// [fsnotify.ErrEventOverflow].
func (w *Watcher) lost(err error) {
	if err != nil {
		w.stale = true
		w.changed("")
	}
}

// changed notes a change of a path; the path "" is unknown.
func (w *Watcher) changed(path string) {
	w.changes.add(path)
	w.quiet = w.After(settleTime)
	if w.latest == nil {
		w.latest = w.After(latestTime)
	}
}

// settle makes the changes so far a cause. It watches what they brought before that is
// read.
func (w *Watcher) settle() {
	w.quiet, w.latest, w.ready = nil, nil, true
	w.arm()
}

// update watches a set.
func (w *Watcher) update(u update) {
	first := w.valid == nil
	if w.set = u.set; u.valid {
		w.valid = u.set
	} else if w.valid != nil {
		w.set = w.valid.with(u.set)
	}
	before := w.layout.localDirs
	w.arm()
	for _, path := range w.set.changed() {
		w.changed(path)
	}
	if first {
		return
	}
	for dir := range w.layout.localDirs {
		if !before[dir] {
			w.changed(dir) // since what was in it when it was read is not known
			return
		}
	}
}
