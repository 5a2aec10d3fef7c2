package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fleet/internal/watch"
	"fleet/spec"
)

func (a *app) watchCommand() *cobra.Command {
	p := planRun{app: a, yes: true, skipBlocked: true, heldRollouts: &heldRollouts{}}
	var interval time.Duration
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Apply when the spec changes, and correct drift",
		Long: `Applies the spec, and again whenever its files change, every --interval, and on
SIGHUP, unless it runs at a terminal: then SIGHUP says that the terminal was
closed, and ends it. Passes never overlap. While a changed spec is wrong, the last good one
stays in force.

Nothing is deleted or replaced unless --allow-destroy says how many objects at
most in one pass; what waits for that is shown as blocked. A rollout that failed
and was rolled back is not begun again until the spec is changed.`,
		Example: `  fleet watch
  fleet watch --interval 5m --allow-destroy 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if slices.Contains(a.files, spec.Stdin) {
				return invalid("watch cannot read the spec from standard input: it reads it again and again")
			}
			if interval < 0 {
				return invalid("--interval cannot be negative")
			}
			if p.fleet, p.session, err = a.loadAndOpen(cmd.Context()); err != nil {
				return p.failedBeforeRun(cmd.Context(), err)
			}
			defer p.session.close()
			p.opts.NoDestroy = true
			var reload <-chan os.Signal
			if _, atTerminal := a.terminalWidth(a.In); !atTerminal { // which may be closed
				reload = a.interrupt.reloadRequests()
			}
			err = watch.Loop(cmd.Context(), watch.Options{Paths: a.watchedPaths, Recursive: a.specFlags.recursive, Interval: interval, Signals: reload}, p.reconcile)
			if err == nil {
				err = cmd.Context().Err()
			}
			return err
		},
	}
	p.runFlags(cmd)
	p.reportFlag(cmd)
	guardFlags(cmd.Flags(), &p.opts)
	p.checkGuardFlags(cmd)
	p.quotaFlag(cmd)
	durationVar(cmd.Flags(), &interval, "interval", time.Minute, "time between two runs; 0 runs only when files change")
	return cmd
}

// watchedPaths lists the files and directories that the spec was last read from,
// right or wrong, if there is a directory to watch for them.
func (a *app) watchedPaths() []string {
	files := slices.Concat(a.files, a.listedDirs)
	for _, f := range a.openedFiles {
		if _, err := os.Stat(filepath.Dir(f)); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// reconcile is one pass of the watch. It tells what went wrong and leaves the
// rest to the next one.
func (p *planRun) reconcile(ctx context.Context, cause watch.Trigger) {
	if cause != watch.Start {
		f, err := p.load()
		if err != nil {
			p.printError(err)
			p.note("The spec is wrong; the last good one stays in force.")
		} else {
			p.fleet = f
		}
	}
	p.quiet = cause == watch.Interval
	if !p.quiet {
		p.note("%s Pass (%s).", time.Now().Format(time.TimeOnly), cause)
	}
	if err := p.run(ctx); err != nil && ctx.Err() == nil {
		p.printError(fmt.Errorf("%w (the next pass tries again)", err))
	}
}
