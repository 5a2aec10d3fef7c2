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
type reading struct {
	environment   string
	vars          []string
	varFiles      []string
	root          string
	recursive     bool
	allowCommands bool
	unset         spec.Unset // what the command does not need a value for
}

func (in *reading) flags(f *pflag.FlagSet) {
	f.StringVarP(&in.environment, "environment", "e", "", "environment of the spec to use")
	f.StringArrayVar(&in.vars, "var", nil, "value of a variable of the spec, as `NAME=VALUE`; repeatable")
	f.StringArrayVar(&in.varFiles, "var-file", nil, "YAML file of values of variables; repeatable")
	f.BoolVarP(&in.recursive, "recursive", "R", false, "read directories recursively")
	f.StringVar(&in.root, "root", "", "directory that confines the files that the spec reads")
	f.BoolVar(&in.allowCommands, "allow-commands", false, "let from_command in the spec run commands")
}

// options are the options to read the spec with.
func (a *app) options() (spec.Options, error) {
	in := a.input
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
		o.Run = a.output
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
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	return a.loadWith(o)
}

// loadWith is load with options of the caller's.
func (a *app) loadWith(o spec.Options) (*spec.Fleet, error) {
	a.opened, a.listed = nil, nil
	o.Listed = func(dir string) { a.listed = append(a.listed, dir) }
	o.Opened = func(file string) { a.opened = append(a.opened, file) }
	f, err := o.Load(a.files...)
	if refusal := a.variables.refusal(); refusal != nil {
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	a.hide(f)
	return f, a.sparesSpec(a.opened)
}

// hide keeps what is sensitive in specs out of all that is printed from now on.
func (a *app) hide(fleets ...*spec.Fleet) {
	var values []string
	for _, f := range fleets {
		values = append(values, f.Sensitive()...)
	}
	a.Out, a.Err = mask(a.Out, values), mask(a.Err, values)
}

// commandTime is how long a command may take that gives a value.
const commandTime = 30 * time.Second

// maxComplaint is how much is kept of what a command says on standard error.
const maxComplaint = 4 << 10

// output is what a command prints. What it says on standard error is repeated
// when it fails.
func (a *app) output(argv []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(a.interrupt.ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = a.Dir
	cmd.WaitDelay = time.Second
	out, complaint := input.NewBuffer("the output of "+argv[0], input.MaxOutput, cancel), &input.Head{Most: maxComplaint}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Run()
	switch {
	case out.Err() != nil:
		return nil, out.Err()
	case ctx.Err() != nil && a.interrupt.ctx.Err() == nil:
		return nil, fmt.Errorf("it took longer than %v", commandTime)
	case err != nil && complaint.String() != "":
		return nil, fmt.Errorf("%w: %s", err, firstLine(complaint.String()))
	}
	return out.Bytes(), err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// decrypt asks sops for the plain text of a file.
func (a *app) decrypt(file string) ([]byte, error) {
	text, err := a.output([]string{"sops", "--decrypt", file})
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("it needs the program sops, which is not installed")
	}
	return text, err
}
