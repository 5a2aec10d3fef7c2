package cli

import (
	"io"

	"fleet/internal/foreign"
)

// guard puts a barrier before a stream: whatever is printed, nothing that others
// wrote acts on a terminal or on the log of a job.
func (a *app) guard(w io.Writer) *foreign.Writer {
	return foreign.NewWriter(w, foreign.Options{Colors: a.style(w).Color, CI: a.inJob()})
}

// inJob reports whether some service may read the output for its commands.
func (a *app) inJob() bool {
	return a.inCI() || a.inWorkflow() || a.env("TF_BUILD") != "" || a.env("TEAMCITY_VERSION") != ""
}

// beyond is the stream below the barrier, still without what is sensitive. It is
// for what is escaped already, or has to reach a program as it is.
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
