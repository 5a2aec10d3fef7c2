package cli

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/plan"
)

// A flagSet declares the flags of one command, and checks their values before
// the command runs. Checks only read flags, so their order decides no more than
// which of several errors is reported.
type flagSet struct {
	*pflag.FlagSet

	cmd    *cobra.Command
	checks []func() error
}

// flagsOf returns the flags of a command. It is called once for each command.
func flagsOf(cmd *cobra.Command) *flagSet {
	f := &flagSet{FlagSet: cmd.Flags(), cmd: cmd}
	cmd.PreRunE = func(*cobra.Command, []string) error {
		for _, check := range f.checks {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	}
	return f
}

// check adds a check, which runs after all flags are parsed.
func (f *flagSet) check(check func() error) { f.checks = append(f.checks, check) }

// complete declares the values that completion offers for a flag.
func (f *flagSet) complete(name string, values []string) {
	_ = f.cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only for unknown flags
}

// A column selects a column of the table of formats.
type column[T any] func(render.Format) render.Writer[T]

// formatFlag declares -o for the formats that a column of the table has. The
// first one is the default.
func formatFlag[T any](f *flagSet, format *string, of column[T]) {
	names := render.FormatNames(of)
	f.StringVarP(format, "output", "o", names[0], "output format: "+plan.JoinOr(names))
	f.complete("output", names)
	f.check(func() error {
		if !render.IsFormat(*format, names) {
			hint := cmp.Or(render.VersionProblem(*format, names), "valid formats: "+plan.JoinAnd(names))
			return exit.Invalidf("unknown output format %q; %s", *format, hint)
		}
		return nil
	})
}

// An outputFlag is -o of a command that prints one value.
type outputFlag[T any] struct {
	format string
	of     column[T]
}

func (o *outputFlag[T]) declare(f *flagSet, of column[T]) {
	o.of = of
	formatFlag(f, &o.format, of)
}

// write writes a value in the format of the flag, which was checked.
func (o *outputFlag[T]) write(w io.Writer, value T) error {
	f, _ := render.FindFormat(o.format)
	if f.Escaped {
		w = unescapedWriter(w)
	}
	return o.of(f)(w, value)
}

func fullFlag(f *flagSet, o *runOptions) {
	f.BoolVar(&o.full, "full", false, "show every step, including identical ones")
}

func yesFlag(f *flagSet, yes *bool) {
	f.BoolVarP(yes, "yes", "y", false, "skip the confirmation")
}

func quotaFlag(f *flagSet, o *runOptions) {
	f.BoolVar(&o.ignoreQuota, "ignore-quota", false, "continue even if the organisation's quota is too small")
}

// guardFlags declares the flags that allow more than a plan may do by default.
func guardFlags(f *flagSet, o *runOptions) {
	f.BoolVar(&o.plan.AdoptAll, "adopt", false, "adopt unowned sandboxes, and snapshots of unknown origin, that have the names in the spec")
	f.BoolVar(&o.plan.CreateMissing, "create-missing", false, "create missing sandboxes even if the spec sets on_missing: ignore")
	environmentChangeFlag(f, o)
	allowDestroyFlag(f, o, "allow deleting or replacing up to `N` objects, beyond the blast-radius limit")
}

func environmentChangeFlag(f *flagSet, o *runOptions) {
	f.BoolVar(&o.plan.AllowEnvironmentChange, "allow-environment-change", false, "allow changing a fleet that was applied for another environment, and relabel it")
}

func allowDestroyFlag(f *flagSet, o *runOptions, usage string) {
	f.IntVar(&o.plan.AllowDestroy, "allow-destroy", 0, usage)
	f.check(func() error {
		if o.plan.AllowDestroy < 0 {
			return exit.Invalidf("--allow-destroy must be a number of objects, not %d", o.plan.AllowDestroy)
		}
		return nil
	})
}

// executionFlags declares the flags of commands that run plans.
func executionFlags(f *flagSet, o *runOptions) {
	o.output.declare(f, reportColumn)
	parallelismFlag(f, &o.parallelism)
	durationFlag(f, &o.grace, "grace", apply.DefaultGracePeriod, "time for running operations to finish after the first Ctrl-C")
	f.check(func() error {
		if o.grace < 0 {
			return exit.Invalidf("--grace must be a duration such as 30s, not %s", o.grace)
		}
		return nil
	})
	logsFlag(f, o)
	fullFlag(f, o)
}

func parallelismFlag(f *flagSet, into *parallelism) {
	f.Var(into, "parallelism", fmt.Sprintf("number of concurrent operations; auto adapts it to the server, up to %d", apply.MaxParallelism))
}

// durationFlag declares a flag that takes a duration as specs do.
func durationFlag(f *flagSet, into *time.Duration, name string, standard time.Duration, usage string) {
	*into = standard
	f.Var((*duration)(into), name, usage)
}
