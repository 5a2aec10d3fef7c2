package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"fleet/internal/buildcontext"
	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/settings"
	"fleet/plan"
	"fleet/spec"
)

// specFlags are the flags for reading the spec.
type specFlags struct {
	environment   string
	vars          []string // as NAME=VALUE
	varFiles      []string
	root          string
	recursive     bool
	allowCommands bool

	unset spec.Unset // values that the command can do without; not a flag
}

func (s *specFlags) declare(f *pflag.FlagSet) {
	f.StringVarP(&s.environment, "environment", "e", "", "environment of the spec to use")
	f.StringArrayVar(&s.vars, "var", nil, "value of a variable of the spec, as `NAME=VALUE`; repeatable")
	f.StringArrayVar(&s.varFiles, "var-file", nil, "YAML file of values of variables; repeatable")
	f.BoolVarP(&s.recursive, "recursive", "R", false, "read directories recursively")
	f.StringVar(&s.root, "root", "", "directory that confines the files that the spec reads")
	f.BoolVar(&s.allowCommands, "allow-commands", false, "let from_command in the spec run commands")
}

// A specReader remembers what the spec was read from.
type specReader struct {
	reread      bool                  // the spec was read before, with or without success
	opened      []string              // files of the last reading
	inputs      *buildcontext.Inputs  // local files of images of the last reading
	watched     *watchedFiles         // records what the spec depends on; nil records nothing
	pipes       map[string][]byte     // text of pipes, which can be read only once
	environment *settings.Environment // of --env-file; nil until it is read
	digests     *digestReader         // replaced before each reading of the spec: tags may move
}

// environment returns the variables of --env-file. It reads the files once: one
// may be a pipe.
func (a *app) environment() (*settings.Environment, error) {
	if a.specs.environment == nil {
		e, err := settings.ReadFiles(a.interrupt.Context, a.flags.envFiles)
		if err != nil {
			return nil, err
		}
		a.specs.environment = e
	}
	return a.specs.environment, nil
}

// specOptions returns the options for reading the spec.
func (a *app) specOptions() (spec.Options, error) {
	if a.specs.digests == nil {
		a.specs.digests = &digestReader{}
	}
	in := a.flags.spec
	e, err := a.environment()
	if err != nil {
		return spec.Options{}, err
	}
	o := spec.Options{
		Environment: in.environment, VarFiles: in.varFiles, Lookup: e.Variables(a.lookup),
		Decrypt: a.decrypt, Root: in.root, Recursive: in.recursive, Unset: in.unset,
		Context: a.interrupt.Context, Pipes: a.specs.pipes, Stdin: a.in, Hasher: a.hasher(nil), ResolveDigest: a.resolveDigest,
	}
	a.hideCredentials()
	if in.allowCommands {
		o.Run = a.commandOutput
	}
	for _, v := range in.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return o, exit.Invalidf("--var requires NAME=VALUE; the given value is not shown because it may be a secret")
		}
		o.Vars = append(o.Vars, spec.Var{Name: name, Value: value, From: "--var " + name})
	}
	return o, nil
}

// hasher returns what hashes the local files of images. Digests are kept in the
// directory of state, if there is one. The inputs record what is read.
func (a *app) hasher(in *buildcontext.Inputs) *buildcontext.Hasher {
	dir, _ := a.state().Path("contexts")
	return buildcontext.NewHasher(buildcontext.Options{Cache: buildcontext.OpenCache(dir), Inputs: in})
}

// load reads the spec. From then on its secrets are hidden in all output.
func (a *app) load() (*spec.Fleet, error) {
	a.specs.digests = &digestReader{}
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	return a.loadWith(o)
}

// hideCredentials hides the credentials of the connection in all output from now on: commands
// of the spec and hooks can read the files that they come from. It reads them once.
func (a *app) hideCredentials() {
	if a.credentials != nil {
		return
	}
	config, _, err := a.server()
	if err != nil { // it is reported when the connection is opened
		return
	}
	a.credentials = []string{config.Key, config.JWT}
	a.redactSecrets()
}

// loadWith is load with other options.
func (a *app) loadWith(o spec.Options) (*spec.Fleet, error) {
	o.Reread, a.specs.reread = a.specs.reread, true
	a.specs.opened, a.specs.inputs = nil, &buildcontext.Inputs{}
	if o.Hasher != nil {
		o.Hasher = a.hasher(a.specs.inputs)
	}
	o.OnOpen = func(file string) { a.specs.opened = append(a.specs.opened, file) }
	a.specs.watched.record(&o, a.flags, a.specs.inputs)
	f, err := o.Load(a.flags.files...)
	if unreadable := a.specs.environment.UnreadableError(); unreadable != nil {
		return nil, unreadable
	}
	if err != nil {
		return nil, err
	}
	a.redactSecrets(f)
	a.noteUnknownDigests()
	return f, a.checkNotSpec(a.specs.opened)
}

// loadAndOpen reads the spec and connects to the server, in this order: errors
// in the spec are reported even without credentials.
func (a *app) loadAndOpen(ctx context.Context) (*spec.Fleet, *session, error) {
	f, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	a.noteWarnings(f)
	s, err := a.open(ctx)
	return f, s, err
}

// noteWarnings notes that the spec has warnings.
func (a *app) noteWarnings(f *spec.Fleet) {
	if n := f.Warnings.Warnings(); n > 0 {
		a.note("%s in the spec; run `fleet validate` for details.", plan.Plural(n, "warning", "warnings"))
	}
}

// redactSecrets hides the secrets of specs in all output from now on.
func (a *app) redactSecrets(fleets ...*spec.Fleet) {
	values := slices.Clone(a.credentials)
	for _, f := range fleets {
		values = append(values, f.Sensitive()...)
	}
	a.out, a.err = newRedactingWriter(a.out, values), newRedactingWriter(a.err, values)
}

// Limits of commands whose output is a value in the spec.
const (
	commandTimeout   = 30 * time.Second
	maxCommandStderr = 4 << 10 // bytes that are kept for an error
)

// commandOutput runs a command and returns its output. An error has the first
// line that the command printed on standard error.
func (a *app) commandOutput(argv []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(a.interrupt.Context, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = a.dir
	cmd.WaitDelay = time.Second
	out, stderr := input.NewBuffer("the output of "+argv[0], input.MaxOutput, cancel), &input.HeadBuffer{Limit: maxCommandStderr}
	cmd.Stdout, cmd.Stderr = out, stderr
	err := cmd.Run()
	switch {
	case out.Err() != nil:
		return nil, out.Err()
	case ctx.Err() != nil && a.interrupt.Context.Err() == nil:
		return nil, fmt.Errorf("timed out after %v", commandTimeout)
	case err != nil && stderr.String() != "":
		return nil, fmt.Errorf("%w: %s", err, input.FirstLine(stderr.String()))
	}
	return out.Bytes(), err
}

// decrypt returns the plain text of a file that sops encrypted.
func (a *app) decrypt(file string) ([]byte, error) {
	text, err := a.commandOutput([]string{"sops", "--decrypt", file})
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("requires sops, which is not installed")
	}
	return text, err
}
