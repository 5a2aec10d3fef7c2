package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"fleet/client"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/spec"
)

// A Process is what a command runs in.
type Process struct {
	Args    []string // without the program's name
	In      io.Reader
	Out     io.Writer // data
	Err     io.Writer // everything else
	Dir     string    // for .env files
	Lookup  func(string) (string, bool)
	Signals <-chan os.Signal // SIGINT and SIGTERM
	Hangups <-chan os.Signal // SIGHUP: the terminal is gone, or a watch is to look again
	Exit    func(code int)   // ends the process at the third signal; nil waits for the command
}

// Main runs one command and returns its exit code.
func Main(p Process) (code int) {
	out := &errWriter{out: p.Out}
	a := &app{Process: p, interrupt: newInterrupt(p.Signals, p.Hangups, p.Exit), rateLimits: &rateLimitNotifier{}, pipes: map[string][]byte{}}
	defer a.interrupt.close()
	stdout, stderr := a.escapingWriter(out), a.escapingWriter(p.Err)
	a.Out, a.Err = stdout, stderr
	defer func() { _ = stderr.Flush() }() // there is nowhere left to tell of it
	defer func() {
		if r := recover(); r != nil { // through the writer that hides what is sensitive
			fmt.Fprintf(a.Err, "fleet: this is a mistake in fleet, please report it: %v\n%s", r, debug.Stack())
			code = codeError
		}
	}()
	root := a.rootCommand()
	root.SetArgs(p.Args)
	root.SetIn(p.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	err := root.ExecuteContext(a.interrupt.ctx)
	if failed := stdout.Flush(); err == nil {
		err = failed
	}
	readerClosed := errors.Is(out.err, syscall.EPIPE) // whoever reads has read enough
	switch {
	case readerClosed && errors.Is(err, syscall.EPIPE):
		return codeSignal + int(syscall.SIGPIPE)
	case err != nil:
		code = a.exitCodeOf(err)
		a.printError(err)
	}
	if readerClosed && (code == codeOK || code == codeDifferences) {
		return codeSignal + int(syscall.SIGPIPE)
	}
	if out.err != nil && (code == codeOK || code == codeDifferences) {
		fmt.Fprintf(a.Err, "fleet: not all of the output could be written: %v\n", out.err)
		return codeError
	}
	return code
}

// Exit codes; see help exit-codes.
const (
	codeOK          = 0
	codeError       = 1
	codeDifferences = 2
	codeInvalid     = 3
	codeAuth        = 4
	codeRefused     = 5
	codeStale       = 6
	codePartly      = 7
	codeSignal      = 128 // plus the number of the signal
)

// An exit is an error with a code of its own. A nil err prints nothing: what
// there was to say was said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func invalid(format string, args ...any) error {
	return &exitError{codeInvalid, fmt.Errorf(format, args...)}
}

func refused(format string, args ...any) error {
	return &exitError{codeRefused, fmt.Errorf(format, args...)}
}

// exitCodeOf is the exit code of an error.
func (a *app) exitCodeOf(err error) int {
	var e *exitError
	var mistakes spec.Diagnostics
	var mistake *spec.Diagnostic
	var config *client.ConfigError
	var large *input.TooLargeError
	var irregular *input.NotRegularError
	if n := a.interrupt.signalNumber(); n != 0 && (errors.Is(err, context.Canceled) || errors.As(err, &e) && e.code == codeError) {
		return codeSignal + n
	}
	switch {
	case errors.As(err, &e):
		return e.code
	case errors.As(err, &mistakes), errors.As(err, &mistake), errors.As(err, &config),
		errors.As(err, &large), errors.As(err, &irregular):
		return codeInvalid
	}
	switch client.ErrorClassOf(err) {
	case client.Unauthorized, client.Forbidden, client.Suspended:
		return codeAuth
	}
	return codeError
}

// printError prints an error for a person.
func (a *app) printError(err error) {
	var e *exitError
	if errors.As(err, &e) && e.err == nil {
		return
	}
	if errors.Is(err, context.Canceled) && a.interrupt.signalNumber() != 0 {
		fmt.Fprintln(a.Err, "fleet: interrupted; nothing more was sent")
		return
	}
	var mistakes spec.Diagnostics
	if errors.As(err, &mistakes) {
		render.Diagnostics(a.Err, mistakes, a.style(a.Err))
		return
	}
	var one *spec.Diagnostic
	if errors.As(err, &one) {
		render.Diagnostics(a.Err, spec.Diagnostics{one}, a.style(a.Err))
		return
	}
	fmt.Fprintf(a.Err, "fleet: %s\n", strings.TrimSpace(err.Error()))
}

// rootCommand is the command that holds all others.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "fleet",
		Short: "Reconcile Daytona sandboxes with a YAML spec",
		Long: `fleet reconciles sandboxes, snapshots and volumes on Daytona with a YAML spec.
It lists what exists, shows the difference as a plan, and applies the plan
concurrently. There is no state file: ownership is stored in labels.

  fleet init          write a first spec
  fleet export        write what exists as a spec
  fleet plan          show the changes that the spec requires
  fleet apply         make these changes, after a confirmation
  fleet drift         report drift by exit code
  fleet watch         apply again when the spec changes, and correct drift

Credentials come from DAYTONA_API_KEY, or from DAYTONA_JWT_TOKEN and
DAYTONA_ORGANIZATION_ID, in the environment, in .env.local or .env of the current
directory, or in the files of --env-file. To try fleet without an account, add
--local to any command: it then uses the embedded Daytona, a simulation.`,
		Example: `  fleet apply --local -f examples/minimal.yaml
  DAYTONA_API_KEY=... fleet plan -f fleet.yaml`,
		Version:       Version(),
		Args:          cobra.ArbitraryArgs, // told below, with the nearest command
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			hint := "see fleet --help"
			if meant := suggestedCommands[args[0]]; meant != "" {
				hint = "did you mean " + meant + "?"
			} else if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, " or ") + "?"
			}
			return invalid("unknown command %q; %s", args[0], hint)
		},
	}
	root.SetVersionTemplate("fleet {{.Version}}\n")
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return invalid("%w; see %s --help", err, cmd.CommandPath())
	})
	root.PersistentPreRunE = a.checkOverwrites
	a.flags(root.PersistentFlags())
	root.AddCommand(
		a.planCommand(), a.showCommand(), a.applyCommand(), a.destroyCommand(), a.driftCommand(), a.watchCommand(), a.statusCommand(),
		a.gcCommand(), a.doctorCommand(),
		a.initCommand(), a.exportCommand(), a.adoptCommand(), a.validateCommand(), a.configCommand(), a.fmtCommand(), a.explainCommand(), a.schemaCommand(),
		a.emulatorCommand(), a.versionCommand(), exitCodesTopic(),
	)
	for _, cmd := range root.Commands() {
		strictArgs(cmd)
	}
	return root
}

// suggestedCommands are commands of terraform, compose and kubectl, with those of fleet
// that do the same.
var suggestedCommands = map[string]string{
	"ls": "status", "list": "status", "ps": "status", "get": "status", "state": "status", "describe": "status",
	"up": "apply", "create": "apply", "deploy": "apply", "sync": "apply", "update": "apply", "start": "apply",
	"rm": "destroy", "down": "destroy", "delete": "destroy", "remove": "destroy",
	"diff": "plan", "preview": "plan", "import": "export", "lint": "validate", "check": "validate", "format": "fmt", "new": "init",
}

// strictArgs makes wrong arguments a mistake of the caller's.
func strictArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return invalid("%w; see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "List the exit codes",
		Long: `Exit codes:

    0  done, or nothing to do
    1  error
    2  there are differences (drift, fmt --check, plan --detailed-exitcode) or
       findings (doctor), and nothing worse
    3  the spec, the flags or the configuration are wrong; nothing was sent
    4  the credentials are refused or not sufficient
    5  refused by a guard: conflict, protect, blast radius, quota, no approval
    6  a saved plan or an approval no longer holds: a step is stale, the spec,
       the server or the organisation is another one, the file was edited
    7  partly applied: some steps were done and some were not, such as the
       blocked ones that --skip-blocked leaves, or a step failed after it had
       deleted something
  130  interrupted by Ctrl-C
  143  interrupted by SIGTERM
  129  interrupted, for the terminal was closed
  141  whoever read the output left before its end

An error outranks a difference: drift exits with 2 when any difference is
unexpected, whatever its class, and with 0 when there is none; -o json counts
the classes. Output that cannot be written, as to a full disk, is an error.`,
	}
}
