package cli

import (
	"context"
	"fmt"
	"io"

	"fleet/internal/buildcontext"
	"fleet/internal/watch"
	"fleet/internal/watch/files"
	"fleet/spec"
)

// watchedFiles are the files that the spec of fleet watch depends on. A nil one records
// nothing.
type watchedFiles struct {
	dir     files.WorkDir
	set     *files.Set // of the last reading
	watcher *files.Watcher
}

// newWatchedFiles returns the files of a spec that is not read yet.
func newWatchedFiles() (*watchedFiles, error) {
	dir, err := files.CurrentDir()
	if err != nil {
		return nil, fmt.Errorf("finding the working directory: %w", err)
	}
	return &watchedFiles{dir: dir}, nil
}

// record makes the next reading of the spec record what it depends on.
func (w *watchedFiles) record(o *spec.Options, flags globalFlags, inputs *buildcontext.Inputs) {
	if w == nil {
		return
	}
	set, opened := files.NewSet(w.dir.Name(), o.Recursive), o.OnOpen
	for _, list := range [][]string{flags.files, o.VarFiles} {
		for _, path := range list {
			set.AddFile(path)
		}
	}
	o.OnFind, o.OnList = set.AddFile, set.AddDir
	o.OnOpen = func(file string) {
		set.AddFile(file)
		opened(file)
	}
	set.AddLocal(inputs)
	w.set = set
}

// start starts to watch the files of the last reading. Notes are written to errOut.
// stop ends it.
func (w *watchedFiles) start(ctx context.Context, errOut io.Writer) (stop func()) {
	w.watcher = files.Start(ctx, files.Options{Report: func(reason string) { fmt.Fprintf(errOut, "fleet: %s\n", reason) }})
	w.watch(true)
	return w.watcher.Close
}

// causes returns the trigger of file changes.
func (w *watchedFiles) causes() <-chan watch.Cause { return w.watcher.Causes() }

// watch watches the files of the last reading. valid means that the spec was valid.
func (w *watchedFiles) watch(valid bool) { w.watcher.Watch(w.set, valid) }

// returnToDir makes the directory in which the command was started the working
// directory, if it was replaced. If there is none at present, reading the spec fails.
func (w *watchedFiles) returnToDir() { _ = w.dir.Return() }
