package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/redact"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// validateOptions are the flags of fleet validate.
type validateOptions struct {
	output outputFlag[render.Validation]
	strict bool
}

func (o *validateOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Validation] { return f.Validate })
	f.BoolVar(&o.strict, "strict", false, "exit with 3 for warnings as well")
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Validate the spec without a server",
		Long: `Reads the spec and reports all errors with their positions, and warnings about
what is valid but probably not intended. Without -e it checks the spec without an
environment and with each of them, and warns of environments that use the same
names; with --strict also of different environments of the same fleet. It needs no
credentials and sends nothing.`,
		Example: `  fleet validate -f specs/
  fleet validate -e prod --strict
  fleet validate -o sarif > fleet.sarif`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.validate(o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// validate prints what is wrong with the spec, and returns an error if anything
// is.
func (a *app) validate(o validateOptions) error {
	fleets, found, err := a.checkSpec(o.strict)
	if err != nil {
		return err
	}
	warnings := found.Warnings()
	isText := o.output.format == render.TextFormat
	to := a.out
	if isText { // standard output has the summary
		to = a.err
	}
	err = o.output.write(to, render.Validation{Diagnostics: found, Version: Version(), Style: a.style(to), Workspace: a.workspace()})
	if isText && len(found) == warnings {
		a.printValid(fleets)
	}
	if err == nil && (len(found) > warnings || o.strict && warnings > 0) {
		return exit.Silent(exit.Invalid)
	}
	return err
}

// printValid prints the summary of a valid spec; the first fleet is the spec
// without an environment, or with the chosen one.
func (a *app) printValid(fleets []*spec.Fleet) {
	f := fleets[0]
	var counts []string
	for _, k := range slices.Backward(spec.ObjectKinds) {
		counts = append(counts, plan.Plural(len(f.OfKind(k)), string(k), k.Section()))
	}
	fmt.Fprintf(a.out, "The spec of fleet %s is valid: %s.\n", f.Name, strings.Join(counts, ", "))
	if n := f.ShortSecretCount(); n > 0 {
		a.note("%s shorter than %d bytes, and hidden only in the places where the spec uses %s: messages of the server may show %s.",
			plan.Plural(n, "secret value is", "secret values are"), redact.MinLength, plan.PluralWord(n, "it", "them"), plan.PluralWord(n, "it", "them"))
	}
	if names := f.UnsetSummary(); names != "" {
		a.note("Not set: %s. fleet apply requires these values.", names)
	}
	if slices.ContainsFunc(fleets, (*spec.Fleet).HasGeneratedNames) {
		fmt.Fprintln(a.out, "name_prefix and name_suffix are part of names: changing them replaces every sandbox with such a name, including its disk.")
	}
}

// checkSpec reads the spec with the chosen environment, or without one and with
// each, and compares the results. It returns the valid fleets, in this order, and
// everything that was found. There are no fleets if the first is not valid.
func (a *app) checkSpec(strict bool) ([]*spec.Fleet, spec.Diagnostics, error) {
	a.flags.spec.unset = spec.UnsetAll
	o, err := a.specOptions()
	if err != nil {
		return nil, nil, err
	}
	o.Hasher, o.FileHasher, o.ResolveDigest = nil, o.Hasher, nil // the files of images are only checked
	f, found, err := loadForCheck(o, a.flags.files)
	if unreadable := a.specs.environment.UnreadableError(); unreadable != nil {
		return nil, nil, unreadable
	}
	if f == nil || err != nil {
		return nil, found, err
	}
	a.redactSecrets(f)
	fleets := []*spec.Fleet{f}
	if o.Environment != "" || slices.Contains(a.flags.files, spec.Stdin) {
		return fleets, found, nil
	}
	for _, name := range f.Environments {
		o.Environment = name
		f, more, err := loadForCheck(o, a.flags.files)
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

// loadForCheck reads the spec. Errors in the spec are diagnostics, without a
// fleet; the error is for files that cannot be read.
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
