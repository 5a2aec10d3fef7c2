package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"fleet/internal/redact"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

func (a *app) validateCommand() *cobra.Command {
	var format string
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Validate the spec without a server",
		Long: `Reads the spec and tells all that is wrong with it, each mistake with its place,
and what is legal and unwise. Without -e it checks the spec by itself and with
each of its environments, and warns of environments that want the same names;
with --strict, too, of those that differ and are one fleet. It needs no
credentials and sends nothing.`,
		Example: `  fleet validate -f specs/
  fleet validate -e prod --strict
  fleet validate -o sarif > fleet.sarif`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.validate(format, strict) },
	}
	a.formatFlag(cmd, &format, "text", "json", "sarif", "github")
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 3 for warnings as well")
	return cmd
}

// validate checks the spec and tells of what it found.
func (a *app) validate(format string, strict bool) error {
	fleets, found, err := a.check(strict)
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
		err = render.MistakesGitHub(beyond(a.Out), found)
	default:
		render.Mistakes(a.Err, found, a.style(a.Err))
		if len(found) == warnings {
			a.valid(fleets)
		}
	}
	if err == nil && (len(found) > warnings || strict && warnings > 0) {
		return &exit{codeInvalid, nil}
	}
	return err
}

// valid tells of a spec that is valid, by what it was read as first.
func (a *app) valid(fleets []*spec.Fleet) {
	f := fleets[0]
	fmt.Fprintf(a.Out, "The spec of fleet %s is valid: %s, %s, %s.\n", f.Name,
		plan.Plural(len(f.Of(spec.SandboxKind)), "sandbox", "sandboxes"),
		plan.Plural(len(f.Of(spec.SnapshotKind)), "snapshot", "snapshots"),
		plan.Plural(len(f.Of(spec.VolumeKind)), "volume", "volumes"))
	if n := f.ShortSecrets(); n > 0 {
		a.note("%s shorter than %d bytes, and hidden only where the spec has %s: a message of the server may show %s.",
			plan.Plural(n, "secret value is", "secret values are"), redact.Shortest, plan.Agree(n, "it", "them"), plan.Agree(n, "it", "them"))
	}
	if names := f.UnsetNames(); names != "" {
		a.note("Not set: %s. apply needs these values.", names)
	}
	if slices.ContainsFunc(fleets, (*spec.Fleet).NamedByRule) {
		fmt.Fprintln(a.Out, "name_prefix and name_suffix are parts of names: changing one replaces every sandbox that it names, with its disk.")
	}
}

// check reads the spec with the chosen environment, or without one and with
// each, and compares these. It returns the fleets that are valid, in this order,
// none when the first is not, and all that was found.
func (a *app) check(strict bool) ([]*spec.Fleet, spec.Mistakes, error) {
	a.input.unset = spec.UnsetAll
	o, err := a.options()
	if err != nil {
		return nil, nil, err
	}
	f, found, err := checkOnce(o, a.files)
	if refusal := a.variables.refusal(); refusal != nil {
		return nil, nil, refusal
	}
	if f == nil || err != nil {
		return nil, found, err
	}
	a.hide(f)
	fleets := []*spec.Fleet{f}
	if o.Environment != "" || slices.Contains(a.files, spec.Stdin) {
		return fleets, found, nil
	}
	for _, name := range f.Environments {
		o.Environment = name
		f, more, err := checkOnce(o, a.files)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, more...)
		if f != nil {
			fleets = append(fleets, f)
		}
	}
	a.hide(fleets...)
	found = append(found, spec.Collisions(fleets, strict)...)
	return fleets, found.Sorted(), nil
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
