package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/outfile"
	"fleet/internal/starter"
)

// initOptions are the flags of fleet init.
type initOptions struct {
	export exportOptions
	live   bool // --from-live
	yes    bool
}

func (o *initOptions) declare(a *app, f *flagSet) {
	o.export.declareCommon(f)
	f.Lookup("name").Usage = "`name` of the fleet (default that of the directory)"
	yesFlag(f, &o.yes)
	f.BoolVar(&o.live, "from-live", false, "write a spec of existing sandboxes, like export")
	f.check(func() error {
		if len(a.flags.files) != 1 {
			return exit.Invalidf("init writes one file; name it with one -f")
		}
		o.export.file = a.flags.files[0]
		if o.live {
			return o.export.resolve(nil)
		}
		for _, name := range []string{"adopt", "with-state", "secrets", "secrets-file"} {
			if f.Changed(name) {
				return exit.Invalidf("--%s requires --from-live", name)
			}
		}
		return nil
	})
}

func (a *app) initCommand() *cobra.Command {
	o := initOptions{export: exportOptions{existsHint: "Name another file with -f"}}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first spec",
		Long: `Writes a short spec to fleet.yaml or the file of -f; it never overwrites a file.
At a terminal it asks for the name of the fleet, what its sandboxes start from, how
many there are and when they stop. Otherwise, and with --yes, it uses the defaults.

With --from-live it writes a spec of what exists, like fleet export; the other
flags are for that.`,
		Example: `  fleet init
  fleet init --yes && fleet apply --local
  fleet init --from-live --name research`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.live {
				return a.export(cmd.Context(), o.export)
			}
			return a.writeStarter(cmd.Context(), o)
		},
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}

// writeStarter asks for the values of a starter spec, and writes it.
func (a *app) writeStarter(ctx context.Context, o initOptions) error {
	f := outfile.NewFile{Path: o.export.file, Perm: 0o644, Hint: o.export.existsHint}
	if err := f.CheckFree(); err != nil {
		return err
	}
	s := starter.Default(a.dir)
	if name := o.export.export.Name; name != "" {
		s.Name = name
	}
	if problem := s.Problem(); problem != "" {
		return exit.Invalidf("%s", problem)
	}
	if _, terminal := a.terminalWidth(a.in); terminal && !o.yes {
		if err := a.askStarter(ctx, &s); err != nil {
			return err
		}
	}
	if err := a.outFiles().WriteNew(f, s.Text()); err != nil {
		return err
	}
	a.note("Wrote %s. Next, run `fleet plan`; add --local to try it without an account.", f.Path)
	return nil
}

// askStarter asks for each value until the spec is valid.
func (a *app) askStarter(ctx context.Context, s *starter.Spec) error {
	in := a.newAnswerReader(ctx)
	ask := func(into *string, question string) error {
		for previous := *into; ; {
			fmt.Fprintf(a.err, "%s [%s]: ", question, previous)
			answer, err := in.next()
			if err != nil {
				fmt.Fprintln(a.err)
				if ctx.Err() != nil {
					return a.interruptedError("nothing was written")
				}
				return exit.Refusedf("no answer; nothing was written. --yes uses the defaults")
			}
			if *into = answer; *into == "" {
				*into = previous
			}
			problem := s.Problem()
			if problem == "" {
				return nil
			}
			a.note("%s", problem)
		}
	}
	if err := ask(&s.Name, "Name of the fleet"); err != nil {
		return err
	}
	if err := a.askSource(s, ask); err != nil {
		return err
	}
	if err := ask(&s.Count, "Number of sandboxes"); err != nil {
		return err
	}
	return ask(&s.AutoStop, "Minutes without activity until they stop, 0 for never")
}

// askSource asks what the sandboxes start from.
func (a *app) askSource(s *starter.Spec, ask func(into *string, question string) error) error {
	from := s.From
	for {
		if err := ask(&from, "Start from a snapshot or an image"); err != nil {
			return err
		}
		if from == starter.Snapshot || from == starter.Image {
			break
		}
		a.note("Answer snapshot or image.")
		from = s.From
	}
	if s.From = from; s.From == starter.Image {
		s.Source = "debian:12"
		return ask(&s.Source, "Image, with its tag")
	}
	return ask(&s.Source, "Snapshot")
}
