package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/status"
	"fleet/plan"
	"fleet/spec"
)

// statusOptions are the flags of fleet status.
type statusOptions struct {
	output    outputFlag[render.Status]
	selection statusSelection
	all, last bool
}

func (o *statusOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Status] { return f.Status })
	f.BoolVar(&o.last, "last", false, "show the result of the last run, or of the run in FILE")
	f.BoolVar(&o.all, "all", false, "list everything in the organisation")
	o.selection.declare(f)
	f.check(func() error {
		switch {
		case o.last && o.all:
			return exit.Invalidf("--last and --all are mutually exclusive")
		case !o.last && f.NArg() > 0:
			return exit.Invalidf("status takes a file only with --last")
		case o.last:
			return o.selection.checkLast(f)
		}
		return nil
	})
}

func (a *app) statusCommand() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [FILE]",
		Short: "List existing objects with their owners and states",
		Long: `Lists the fleet's sandboxes and the snapshots and volumes that the spec
declares; with --all, everything in the organisation, with its owner.

Sandboxes belong to a fleet by their labels. Snapshots and volumes have no labels:
they belong to the fleet if the spec declares their names, or if its owns: or
removed: cover them. Who created them is not known.

--target, --exclude, --selector and --state list a part of it; --selector applies
to sandboxes, which have labels. The counts by kind, group and state are those of the
listed objects. -o wide adds the region, the snapshot, the age, the time since the
last use and, if the spec has prices, the cost per hour.

With --last it shows instead how the last apply, destroy or watch of the fleet on
this machine ended, or the run of FILE, which --report wrote. That needs no
credentials and sends nothing.`,
		Example: `  fleet status
  fleet status --target sandbox.worker --state error
  fleet status -l team=a -o wide
  fleet status --all -o json
  fleet status --last
  fleet status --last report.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.flags.spec.unset = spec.UnsetAll
			if o.last {
				return a.showLastReport(cmd.Context(), args, o.output.format)
			}
			return a.listStatus(cmd.Context(), o)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// listStatus prints the objects that exist.
func (a *app) listStatus(ctx context.Context, o statusOptions) error {
	selected, err := o.selection.read(ctx)
	if err != nil {
		return err
	}
	f, s, err := a.loadAndOpen(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	var world *plan.World
	var regions spec.Facts
	g, reading := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		world, err = observe.Observe(reading, s.Client, observe.Scope{Fleet: f, Organization: o.all})
		return err
	})
	g.Go(func() error {
		regions = regionNames(reading, s, o.output.format)
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	rows, err := status.List(f, world, status.Options{
		All: o.all, Now: s.ServerNow(), Facts: regions, Select: selected,
	})
	if err != nil {
		return err
	}
	return o.output.write(a.out, render.Status{Fleet: f.Name, Rows: rows, Prices: f.Prices, Selected: selected.IsSet()})
}

// showLastReport prints the report of a file, or of the fleet's last run on this
// machine. It needs no credentials and sends nothing.
func (a *app) showLastReport(ctx context.Context, files []string, format string) error {
	file, err := a.reportPath(files)
	if err != nil {
		return err
	}
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return exit.Invalidf("reading the report: %w", err)
	}
	report, err := render.ReadReport(text)
	if err != nil {
		return exit.Invalidf("%s is not a report of fleet: %w", file, err)
	}
	report.Style = a.style(a.out)
	f, _ := render.FindFormat(format) // the flag was checked
	return f.Last(a.out, report)
}

// reportPath returns the file that was named, or that of the fleet's last run.
func (a *app) reportPath(files []string) (string, error) {
	if len(files) > 0 {
		return files[0], nil
	}
	f, err := a.load()
	if err != nil {
		return "", err
	}
	_, address, err := a.server()
	if err != nil {
		return "", err
	}
	file, err := a.state().LastReport(address, f.Name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no run of fleet %s against %s is stored on this machine; name a file that --report wrote", f.Name, address)
	}
	return file, nil
}
