package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"fleet/spec"
)

func (a *app) initCommand() *cobra.Command {
	x := exportRun{app: a, hint: "Name another file with -f"}
	var live, yes bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first spec",
		Long: `Writes a short spec, fleet.yaml or the file of -f, and never over a file that
exists. At a terminal it asks for the name of the fleet, what its sandboxes start
from, how many there are and when they stop; otherwise, and with --yes, it takes
the defaults.

With --from-live the spec is that of what exists, as fleet export writes it; the
other flags are for that.`,
		Example: `  fleet init
  fleet init --yes && fleet apply --local
  fleet init --from-live --name research`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(a.files) != 1 {
				return invalid("init writes one file; name it with one -f")
			}
			x.file = a.files[0]
			if live {
				return x.fromLive(cmd.Context())
			}
			for _, name := range []string{"adopt", "with-state", "secrets", "secrets-file"} {
				if cmd.Flags().Changed(name) {
					return invalid("--%s is for --from-live", name)
				}
			}
			return a.writeStarter(cmd.Context(), newFile{path: x.file, perm: 0o644, hint: x.hint}, x.opts.Name, yes)
		},
	}
	f := cmd.Flags()
	x.exportFlags(f)
	f.Lookup("name").Usage = "`name` of the fleet (default that of the directory)"
	f.BoolVarP(&yes, "yes", "y", false, "skip the confirmation")
	f.BoolVar(&live, "from-live", false, "write a spec of existing sandboxes, like export")
	return cmd
}

// fromLive exports into the file.
func (x *exportRun) fromLive(ctx context.Context) error {
	if err := x.checkFlags(); err != nil {
		return err
	}
	return x.run(ctx)
}

// A starter is what a spec to begin with is made of.
type starterSpec struct{ name, from, source, count, stop string }

// text is the spec.
func (s starterSpec) text() []byte {
	alternative := "or from an image, such as image: debian:12"
	if s.from == "image" {
		alternative = "or from a snapshot, such as snapshot: daytona-small"
	}
	return fmt.Appendf(nil, `# A fleet of Daytona sandboxes.
#
#   fleet validate    is this file right?
#   fleet plan        what would change?
#   fleet apply       change it
#
# Add --local to try it without an account.
version: 1
name: %s # the sandboxes are found again by it

sandboxes:
  worker:
    count: %s # worker[0] is named worker-0, and so on
    # What it starts from, %s.
    %s: %s
    # Minutes without activity until it stops; 0 never stops it.
    auto_stop_interval: %s
    # labels: {team: research}
    # env_vars: {MODE: batch}
`, s.name, s.count, alternative, s.from, s.source, s.stop)
}

// problem is what is wrong with the spec, or "".
func (s starterSpec) problem() string {
	_, err := spec.Parse(spec.Source{Text: s.text()})
	if err == nil {
		return ""
	}
	if mistakes := (spec.Diagnostics{}); errors.As(err, &mistakes) {
		m := *mistakes[0]
		m.Pos, m.Path = spec.Position{}, ""
		return strings.TrimPrefix(m.Error(), ": ")
	}
	return err.Error()
}

// writeStarter writes the starter.
func (a *app) writeStarter(ctx context.Context, f newFile, name string, yes bool) error {
	if err := f.checkFree(); err != nil {
		return err
	}
	s := starterSpec{name: a.defaultFleetName(), from: "snapshot", source: "daytona-small", count: "1", stop: "15"}
	if name != "" {
		s.name = name
	}
	if wrong := s.problem(); wrong != "" {
		return invalid("%s", wrong)
	}
	if _, terminal := a.terminalWidth(a.In); terminal && !yes {
		if err := a.interview(ctx, &s); err != nil {
			return err
		}
	}
	if err := f.write(a, s.text()); err != nil {
		return err
	}
	a.note("Wrote %s. fleet plan shows what it would change; with --local no account is needed.", f.path)
	return nil
}

// interview asks for each part of the starter until the spec is right.
func (a *app) interview(ctx context.Context, s *starterSpec) error {
	in := a.newAnswerReader(ctx)
	ask := func(into *string, question string) error {
		for previous := *into; ; {
			fmt.Fprintf(a.Err, "%s [%s]: ", question, previous)
			answer, err := in.next()
			if err != nil {
				fmt.Fprintln(a.Err)
				if ctx.Err() != nil {
					return a.interruptedError("nothing was written")
				}
				return refused("not answered: nothing was written. --yes takes the defaults")
			}
			if *into = answer; *into == "" {
				*into = previous
			}
			wrong := s.problem()
			if wrong == "" {
				return nil
			}
			a.note("%s", wrong)
		}
	}
	if err := ask(&s.name, "Name of the fleet"); err != nil {
		return err
	}
	if err := a.askSource(s, ask); err != nil {
		return err
	}
	if err := ask(&s.count, "How many sandboxes"); err != nil {
		return err
	}
	return ask(&s.stop, "Minutes without activity until they stop, 0 for never")
}

// askSource asks what the sandboxes start from.
func (a *app) askSource(s *starterSpec, ask func(into *string, question string) error) error {
	choice := starterSpec{from: s.from}
	for {
		if err := ask(&choice.from, "Start from a snapshot or an image"); err != nil {
			return err
		}
		if choice.from == "snapshot" || choice.from == "image" {
			break
		}
		a.note("Answer snapshot or image.")
		choice.from = s.from
	}
	if s.from = choice.from; s.from == "image" {
		s.source = "debian:12"
		return ask(&s.source, "Which image, with its tag")
	}
	return ask(&s.source, "Which snapshot")
}

var invalidNameChars = regexp.MustCompile(`[^a-z0-9]+`)

// defaultFleetName is the directory's name as that of a fleet.
func (a *app) defaultFleetName() string {
	dir, err := filepath.Abs(a.Dir)
	if err != nil {
		return "demo"
	}
	name := strings.Trim(invalidNameChars.ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-")
	if name == "" {
		return "demo"
	}
	return strings.Trim(name[:min(len(name), 63)], "-")
}
