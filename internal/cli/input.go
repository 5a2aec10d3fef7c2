package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"fleet/internal/input"
	"fleet/spec"
)

// A reading is what a spec is read with, beside its files.
type specFlags struct {
	environment   string
	vars          []string
	varFiles      []string
	root          string
	recursive     bool
	allowCommands bool
	unset         spec.Unset // what the command does not need a value for
}

func (in *specFlags) flags(f *pflag.FlagSet) {
	f.StringVarP(&in.environment, "environment", "e", "", "environment of the spec to use")
	f.StringArrayVar(&in.vars, "var", nil, "value of a variable of the spec, as `NAME=VALUE`; repeatable")
	f.StringArrayVar(&in.varFiles, "var-file", nil, "YAML file of values of variables; repeatable")
	f.BoolVarP(&in.recursive, "recursive", "R", false, "read directories recursively")
	f.StringVar(&in.root, "root", "", "directory that confines the files that the spec reads")
	f.BoolVar(&in.allowCommands, "allow-commands", false, "let from_command in the spec run commands")
}

// specOptions are the options to read the spec with.
func (a *app) specOptions() (spec.Options, error) {
	in := a.specFlags
	e, err := a.environment()
	if err != nil {
		return spec.Options{}, err
	}
	o := spec.Options{
		Environment: in.environment, VarFiles: in.varFiles, Lookup: e.lookup(a.Lookup),
		Decrypt: a.decrypt, Root: in.root, Recursive: in.recursive, Unset: in.unset,
		Context: a.interrupt.ctx, Pipes: a.pipes, Stdin: a.In,
	}
	if in.allowCommands {
		o.Run = a.commandOutput
	}
	for _, v := range in.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return o, invalid("--var is given as NAME=VALUE; what was given is not shown, since it may be a secret")
		}
		o.Vars = append(o.Vars, spec.Var{Name: name, Value: value, From: "--var " + name})
	}
	return o, nil
}

// load reads the spec. What is sensitive in it is kept out of all that is
// printed from then on.
func (a *app) load() (*spec.Fleet, error) {
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	return a.loadWith(o)
}

// loadWith is load with options of the caller's.
func (a *app) loadWith(o spec.Options) (*spec.Fleet, error) {
	a.openedFiles, a.listedDirs = nil, nil
	o.OnList = func(dir string) { a.listedDirs = append(a.listedDirs, dir) }
	o.OnOpen = func(file string) { a.openedFiles = append(a.openedFiles, file) }
	f, err := o.Load(a.files...)
	if refusal := a.variables.unreadableError(); refusal != nil {
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	a.redactSecrets(f)
	return f, a.checkNotSpec(a.openedFiles)
}

// redactSecrets keeps what is sensitive in specs out of all that is printed from now on.
func (a *app) redactSecrets(fleets ...*spec.Fleet) {
	var values []string
	for _, f := range fleets {
		values = append(values, f.Sensitive()...)
	}
	a.Out, a.Err = newRedactingWriter(a.Out, values), newRedactingWriter(a.Err, values)
}

// commandTimeout is how long a command may take that gives a value.
const commandTimeout = 30 * time.Second

// maxCommandStderr is how much is kept of what a command says on standard error.
const maxCommandStderr = 4 << 10

// Output is what a command prints. What it says on standard error is repeated
// when it fails.
func (a *app) commandOutput(argv []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(a.interrupt.ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = a.Dir
	cmd.WaitDelay = time.Second
	out, stderr := input.NewBuffer("the output of "+argv[0], input.MaxOutput, cancel), &input.HeadBuffer{Limit: maxCommandStderr}
	cmd.Stdout, cmd.Stderr = out, stderr
	err := cmd.Run()
	switch {
	case out.Err() != nil:
		return nil, out.Err()
	case ctx.Err() != nil && a.interrupt.ctx.Err() == nil:
		return nil, fmt.Errorf("it took longer than %v", commandTimeout)
	case err != nil && stderr.String() != "":
		return nil, fmt.Errorf("%w: %s", err, firstLine(stderr.String()))
	}
	return out.Bytes(), err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// decrypt asks sops for the plain text of a file.
func (a *app) decrypt(file string) ([]byte, error) {
	text, err := a.commandOutput([]string{"sops", "--decrypt", file})
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("it needs the program sops, which is not installed")
	}
	return text, err
}
