package cli

import (
	"io"

	"fleet/internal/foreign"
)

// guard returns a writer to a stream that escapes what would control a terminal or
// a CI runner.
func (a *app) guard(w io.Writer) *foreign.Writer {
	return foreign.NewWriter(w, foreign.Options{Colors: a.style(w).Color, CI: a.inJob()})
}

// inJob reports whether some service may read the output for its commands.
func (a *app) inJob() bool {
	return a.inCI() || a.inWorkflow() || a.env("TF_BUILD") != "" || a.env("TEAMCITY_VERSION") != ""
}

// beyond returns the stream below the barrier, which still hides secrets. It is for
// output that is escaped already, or that a program needs unchanged.
func beyond(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *masked:
		return &masked{to: beyond(w.to), secrets: w.secrets}
	case *foreign.Writer:
		_ = w.Flush() // the next write tells of the same error
		return w.Unwrap()
	}
	return w
}
