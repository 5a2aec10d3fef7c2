package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

func (a *app) validateCommand() *cobra.Command {
	var format string
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the spec without a server",
		Long: `Reads the spec and tells all that is wrong with it, each mistake with its place,
and what is legal and unwise. Without -e it checks the spec by itself and with
each of its environments. It needs no credentials and sends nothing.`,
		Example: `  fleet validate -f specs/
  fleet validate -e prod --strict
  fleet validate -o sarif > fleet.sarif`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.validate(format, strict) },
	}
	a.formatFlag(cmd, &format, "text", "json", "sarif", "github")
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 3 for warnings, too")
	return cmd
}

// validate checks the spec and tells of what it found.
func (a *app) validate(format string, strict bool) error {
	f, found, err := a.check()
	if err != nil {
		return err
	}
	warnings := found.Warnings()
	switch format {
	case "json":
		err = render.MistakesJSON(a.Out, found)
	case "sarif":
		err = render.MistakesSARIF(a.Out, found, Version())
	case "github":
		err = render.MistakesGitHub(a.Out, found)
	default:
		render.Mistakes(a.Err, found, a.style(a.Err))
		if len(found) == warnings {
			fmt.Fprintf(a.Out, "The spec of fleet %s is valid: %s, %s, %s.\n", f.Name,
				plan.Plural(len(f.Of(spec.SandboxKind)), "sandbox", "sandboxes"),
				plan.Plural(len(f.Of(spec.SnapshotKind)), "snapshot", "snapshots"),
				plan.Plural(len(f.Of(spec.VolumeKind)), "volume", "volumes"))
		}
	}
	if err == nil && (len(found) > warnings || strict && warnings > 0) {
		return &exit{codeInvalid, nil}
	}
	return err
}

// check reads the spec with the chosen environment, or without one and with
// each. It returns the fleet without, nil when it is not valid, and all that
// was found.
func (a *app) check() (*spec.Fleet, spec.Mistakes, error) {
	o, err := a.options()
	if err != nil {
		return nil, nil, err
	}
	f, found, err := checkOnce(o, a.files)
	if f != nil {
		a.hide(f)
	}
	if err != nil || o.Environment != "" || f == nil || slices.Contains(a.files, spec.Stdin) {
		return f, found, err
	}
	for _, name := range f.Environments {
		o.Environment = name
		_, more, err := checkOnce(o, a.files)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, more...)
	}
	return f, found.Sorted(), nil
}

// checkOnce reads the spec; what is wrong with it is no error.
func checkOnce(o spec.Options, files []string) (*spec.Fleet, spec.Mistakes, error) {
	f, err := o.Load(files...)
	var found spec.Mistakes
	var one *spec.Mistake
	switch {
	case err == nil:
		return f, f.Warnings, nil
	case errors.As(err, &found):
		return nil, found, nil
	case errors.As(err, &one):
		return nil, spec.Mistakes{one}, nil
	}
	return nil, nil, err
}
