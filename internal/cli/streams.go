package cli

import (
	"cmp"
	"io"
	"os"

	"golang.org/x/term"

	"fleet/internal/foreign"
	"fleet/internal/redact"
	"fleet/internal/render"
	"fleet/internal/render/ci"
)

// An errWriter remembers the first error of writing: text is printed in many
// pieces whose errors are not checked, and its reader must not take a part for
// the whole.
type errWriter struct {
	out io.Writer
	err error // nil until a write fails
}

func (c *errWriter) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// A redactingWriter hides secret values in the text that is written through it.
// It is the last barrier: code that prints a value known to be secret hides it
// by its place already.
type redactingWriter struct {
	out     io.Writer
	secrets *redact.Redactor
}

// newRedactingWriter returns a writer that hides values, instead of those that to
// hides. It returns the writer below if there is nothing to hide.
func newRedactingWriter(to io.Writer, values []string) io.Writer {
	if m, again := to.(*redactingWriter); again {
		to = m.out
	}
	secrets := redact.New(values)
	if secrets.Empty() {
		return to
	}
	return &redactingWriter{to, secrets}
}

// Write returns the length of p if all of the redacted text was written.
func (m *redactingWriter) Write(p []byte) (int, error) {
	if _, err := m.out.Write(m.redact(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (m *redactingWriter) redact(text []byte) []byte { return m.secrets.Bytes(text) }

// escapingWriter returns a writer that escapes what would control a terminal or
// a CI runner.
func (a *app) escapingWriter(w io.Writer) *foreign.Writer {
	return foreign.NewWriter(w, foreign.Options{Colors: a.style(w).Color, CI: a.readByRunner()})
}

// runnerWriter returns a writer that escapes commands to a CI runner if the command runs
// in a job: a later step of the job may print the file.
func (a *app) runnerWriter(w io.Writer) io.Writer {
	if !a.readByRunner() {
		return w
	}
	return foreign.NewWriter(w, foreign.Options{CI: true})
}

// forRunner returns what writes an output in a format to a file as it would write it to
// the log of a CI job.
func (a *app) forRunner(format string, write func(io.Writer) error) func(io.Writer) error {
	if f, _ := render.FindFormat(format); f.Escaped {
		return write
	}
	return func(w io.Writer) error {
		to := a.runnerWriter(w)
		if err := write(to); err != nil {
			return err
		}
		if f, escapes := to.(*foreign.Writer); escapes {
			return f.Flush()
		}
		return nil
	}
}

// readByRunner reports whether a CI runner may search the output for commands.
func (a *app) readByRunner() bool {
	return a.inCI() || a.inGitHubActions() || a.env("TF_BUILD") != "" || a.env("TEAMCITY_VERSION") != ""
}

// inCI reports whether the command runs in a CI job. All CI services set CI.
func (a *app) inCI() bool {
	ci := a.env("CI")
	return ci != "" && ci != "false"
}

// inGitHubActions reports whether the command runs in a job of GitHub Actions.
func (a *app) inGitHubActions() bool { return a.env("GITHUB_ACTIONS") == "true" }

// workspace returns the directory that reports for a CI job name files in.
func (a *app) workspace() ci.Workspace {
	w := ci.Workspace{Root: cmp.Or(a.env("GITHUB_WORKSPACE"), a.env("CI_PROJECT_DIR")), Jenkins: a.env("JENKINS_URL") != ""}
	if dir, err := os.Getwd(); err == nil {
		w.Dir = dir
	} else {
		w.Root = "" // names stay relative to the working directory
	}
	return w
}

// unescapedWriter returns the stream below the escaping writer. It still hides
// secrets. It is for output that is escaped already, or that a program needs
// unchanged.
func unescapedWriter(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *redactingWriter:
		return &redactingWriter{out: unescapedWriter(w.out), secrets: w.secrets}
	case *foreign.Writer:
		_ = w.Flush() // the next write has the same error
		return w.Unwrap()
	}
	return w
}

// terminalWidth returns the number of columns of the terminal behind a stream,
// or false if the stream is no terminal.
func (a *app) terminalWidth(stream any) (width int, ok bool) {
	width, _, ok = a.terminalSize(stream)
	return width, ok
}

// terminalSize returns the size of the terminal behind a stream, or false if the
// stream is no terminal.
func (a *app) terminalSize(stream any) (columns, rows int, ok bool) {
	if m, is := stream.(*redactingWriter); is {
		stream = m.out
	}
	if f, is := stream.(*foreign.Writer); is {
		stream = f.Unwrap()
	}
	if c, is := stream.(*errWriter); is {
		stream = c.out
	}
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, 0, false
	}
	if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
		return columns, rows, true
	}
	return 80, 24, true // the terminal does not know its size
}
