package cli

import (
	"io"

	"fleet/internal/foreign"
)

// escapingWriter returns a writer to a stream that escapes what would control a terminal or
// a CI runner.
func (a *app) escapingWriter(w io.Writer) *foreign.Writer {
	return foreign.NewWriter(w, foreign.Options{Colors: a.style(w).Color, CI: a.inCIRunner()})
}

// inCIRunner reports whether some service may read the output for its commands.
func (a *app) inCIRunner() bool {
	return a.inCI() || a.inGitHubActions() || a.env("TF_BUILD") != "" || a.env("TEAMCITY_VERSION") != ""
}

// unescapedWriter returns the stream below the barrier, which still hides secrets. It is for
// output that is escaped already, or that a program needs unchanged.
func unescapedWriter(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *redactingWriter:
		return &redactingWriter{out: unescapedWriter(w.out), secrets: w.secrets}
	case *foreign.Writer:
		_ = w.Flush() // the next write tells of the same error
		return w.Unwrap()
	}
	return w
}
