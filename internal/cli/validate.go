package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	fleets, found, err := a.checkSpec(strict)
	if err != nil {
		return err
	}
	warnings := found.Warnings()
	switch format {
	case "json":
		err = render.DiagnosticsJSON(a.Out, found)
	case "sarif":
		err = render.DiagnosticsSARIF(a.Out, found, Version())
	case "github":
		err = render.DiagnosticsGitHub(unescapedWriter(a.Out), found)
	default:
		render.Diagnostics(a.Err, found, a.style(a.Err))
		if len(found) == warnings {
			a.printValid(fleets)
		}
	}
	if err == nil && (len(found) > warnings || strict && warnings > 0) {
		return &exitError{codeInvalid, nil}
	}
	return err
}

// printValid tells of a spec that is valid, by what it was read as first.
func (a *app) printValid(fleets []*spec.Fleet) {
	f := fleets[0]
	var counts []string
	for _, k := range slices.Backward(spec.ObjectKinds) {
		counts = append(counts, plan.Plural(len(f.OfKind(k)), string(k), k.Section()))
	}
	fmt.Fprintf(a.Out, "The spec of fleet %s is valid: %s.\n", f.Name, strings.Join(counts, ", "))
	if n := f.ShortSecretCount(); n > 0 {
		a.note("%s shorter than %d bytes, and hidden only where the spec has %s: a message of the server may show %s.",
			plan.Plural(n, "secret value is", "secret values are"), redact.MinLength, plan.PluralWord(n, "it", "them"), plan.PluralWord(n, "it", "them"))
	}
	if names := f.UnsetSummary(); names != "" {
		a.note("Not set: %s. apply needs these values.", names)
	}
	if slices.ContainsFunc(fleets, (*spec.Fleet).HasGeneratedNames) {
		fmt.Fprintln(a.Out, "name_prefix and name_suffix are parts of names: changing one replaces every sandbox that it names, with its disk.")
	}
}

// checkSpec reads the spec with the chosen environment, or without one and with
// each, and compares these. It returns the fleets that are valid, in this order,
// none when the first is not, and all that was found.
func (a *app) checkSpec(strict bool) ([]*spec.Fleet, spec.Diagnostics, error) {
	a.specFlags.unset = spec.UnsetAll
	o, err := a.specOptions()
	if err != nil {
		return nil, nil, err
	}
	f, found, err := loadForCheck(o, a.files)
	if refusal := a.variables.unreadableError(); refusal != nil {
		return nil, nil, refusal
	}
	if f == nil || err != nil {
		return nil, found, err
	}
	a.redactSecrets(f)
	fleets := []*spec.Fleet{f}
	if o.Environment != "" || slices.Contains(a.files, spec.Stdin) {
		return fleets, found, nil
	}
	for _, name := range f.Environments {
		o.Environment = name
		f, more, err := loadForCheck(o, a.files)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, more...)
		if f != nil {
			fleets = append(fleets, f)
		}
	}
	a.redactSecrets(fleets...)
	found = append(found, spec.Collisions(fleets, strict)...)
	return fleets, found.Sorted(), nil
}

// loadForCheck reads the spec; what is wrong with it is no error.
func loadForCheck(o spec.Options, files []string) (*spec.Fleet, spec.Diagnostics, error) {
	f, err := o.Load(files...)
	var found spec.Diagnostics
	var one *spec.Diagnostic
	switch {
	case err == nil:
		return f, f.Warnings, nil
	case errors.As(err, &found):
		return nil, found, nil
	case errors.As(err, &one):
		return nil, spec.Diagnostics{one}, nil
	}
	return nil, nil, err
}
