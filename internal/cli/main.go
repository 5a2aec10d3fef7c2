package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"fleet/internal/exit"
	"fleet/internal/interrupt"
	"fleet/internal/render"
	"fleet/spec"
)

// A Process is the environment that a command runs in.
type Process struct {
	Args    []string // without the name of the program
	In      io.Reader
	Out     io.Writer                                  // data
	Err     io.Writer                                  // everything else
	Dir     string                                     // where .env files are found; empty reads none
	Lookup  func(name string) (value string, set bool) // reads an environment variable
	Signals <-chan os.Signal                           // SIGINT and SIGTERM; nil if the command cannot be interrupted
	Hangups <-chan os.Signal                           // SIGHUP: ends a command, or makes a watch reload; nil for none
	Exit    func(code int)                             // ends the process at the third signal; nil waits for the command
}

// Main runs one command and returns its exit code. It must not be called
// concurrently with the same Process.
func Main(p Process) (code int) {
	out := &errWriter{out: p.Out}
	a := newApp(p)
	defer a.interrupt.Close()
	stdout, stderr := a.escapingWriter(out), a.escapingWriter(p.Err)
	a.out, a.err = stdout, stderr
	log.SetOutput(io.Discard)             // net/http logs what servers send without being asked
	defer func() { _ = stderr.Flush() }() // an error has nowhere to go
	defer func() {
		if r := recover(); r != nil { // a.err redacts secrets
			fmt.Fprintf(a.err, "fleet: internal error, please report it: %v\n%s", r, debug.Stack())
			code = exit.Failed
		}
	}()
	root := a.rootCommand()
	if isCompletion(p.Args) {
		plainUsages(root)
	}
	root.SetArgs(p.Args)
	root.SetIn(p.In)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(a.interrupt.Context)
	if failed := stdout.Flush(); err == nil {
		err = failed
	}
	return a.exitCode(err, out.err)
}

// exitCode prints the error of a command and returns the exit code. writeErr is
// the first error of writing to standard output; a reader that has closed its
// pipe has read enough.
func (a *app) exitCode(err, writeErr error) int {
	const closedPipe = exit.Signal + int(syscall.SIGPIPE)
	readerClosed := errors.Is(writeErr, syscall.EPIPE)
	if readerClosed && errors.Is(err, syscall.EPIPE) {
		return closedPipe
	}
	code := exit.OK
	if err != nil {
		code = a.exitCodeOf(err)
		a.printError(err)
	}
	switch {
	case code != exit.OK && code != exit.Differences, writeErr == nil:
		return code
	case readerClosed:
		return closedPipe
	}
	fmt.Fprintf(a.err, "fleet: writing the output: %v\n", writeErr)
	return exit.Failed
}

// exitCodeOf returns the exit code of an error. The end of a command by a signal
// has a code of its own.
func (a *app) exitCodeOf(err error) int {
	var own *exit.Error
	ended := errors.Is(err, context.Canceled) || errors.As(err, &own) && own.Code == exit.Failed
	if n := a.interrupt.Signal(); n != 0 && ended {
		return exit.Signal + n
	}
	return exit.Code(err)
}

// printError prints an error, unless the command has printed the reason itself.
func (a *app) printError(err error) {
	var own *exit.Error
	if errors.As(err, &own) && own.Err == nil {
		return
	}
	if errors.Is(err, context.Canceled) && a.interrupt.Signal() != 0 {
		fmt.Fprintln(a.err, "fleet: interrupted; nothing more was sent")
		return
	}
	var list spec.Diagnostics
	if errors.As(err, &list) {
		render.Diagnostics(a.err, list, a.style(a.err))
		return
	}
	var one *spec.Diagnostic
	if errors.As(err, &one) {
		render.Diagnostics(a.err, spec.Diagnostics{one}, a.style(a.err))
		return
	}
	fmt.Fprintf(a.err, "fleet: %s\n", strings.TrimSpace(err.Error()))
}

// newApp returns the state of one command, without its streams.
func newApp(p Process) *app {
	return &app{
		in: p.In, dir: p.Dir, lookup: p.Lookup,
		interrupt: interrupt.New(p.Signals, p.Hangups, p.Exit), rateLimits: &rateLimitNotifier{}, specs: specReader{pipes: map[string][]byte{}},
	}
}
