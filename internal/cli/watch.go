package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/watch"
	"fleet/spec"
)

// watchOptions are the flags of fleet watch.
type watchOptions struct {
	run      runOptions
	interval time.Duration // 0 reconciles only when files change
}

func (o *watchOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.run.output.declareReport(f)
	guardFlags(f, &o.run)
	quotaFlag(f, &o.run)
	durationFlag(f, &o.interval, "interval", time.Minute, "time between two runs; 0 runs only when files change")
	f.check(func() error {
		if slices.Contains(a.flags.files, spec.Stdin) {
			return exit.Invalidf("watch cannot read the spec from standard input: it reads the spec repeatedly")
		}
		if o.interval < 0 {
			return exit.Invalidf("--interval must not be negative")
		}
		return nil
	})
}

func (a *app) watchCommand() *cobra.Command {
	o := watchOptions{run: runOptions{yes: true, skipBlocked: true}}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Apply when the spec changes, and correct drift",
		Long: `Reconciles the fleet with the spec: at the start, when files of the spec or local
files of its images change, every --interval, and on SIGHUP. At a terminal, SIGHUP
means that the terminal was closed, and ends the command. Reconciliations never
overlap. If a changed spec is not valid, the last valid one stays in use.

Nothing is deleted or replaced unless --allow-destroy sets a limit for each
reconciliation; deletions beyond it are shown as blocked. A rollout that failed
and was rolled back is not retried until the spec changes.`,
		Example: `  fleet watch
  fleet watch --interval 5m --allow-destroy 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.watch(cmd.Context(), o) },
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}

// watch reconciles until ctx ends.
func (a *app) watch(ctx context.Context, o watchOptions) error {
	p := a.newRun(o.run)
	p.held = &watch.HeldRollouts{}
	if err := p.open(ctx); err != nil {
		return p.failedBeforeRun(ctx, err)
	}
	defer p.session.close()
	p.options.plan.NoDestroy = true
	var reload <-chan os.Signal
	if _, atTerminal := a.terminalWidth(a.in); !atTerminal {
		reload = a.interrupt.Reloads()
	}
	err := watch.Loop(ctx, watch.Options{
		Paths: a.watchedPaths, Local: a.localFiles(), Recursive: a.flags.spec.recursive, Interval: o.interval, Signals: reload,
	}, p.reconcile)
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// watchedPaths returns the files and directories that the spec was last read
// from, whether it was valid or not. Files whose directory does not exist cannot
// be watched.
func (a *app) watchedPaths() []string {
	files := slices.Concat(a.flags.files, a.specs.listed)
	for _, f := range a.specs.opened {
		if _, err := os.Stat(filepath.Dir(f)); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// localFiles returns a function that returns the local files of the images of the spec
// as it was last read. It notes once if they have too many directories.
func (a *app) localFiles() func() watch.Local {
	noted := false
	return func() watch.Local {
		if n := len(a.specs.inputs.Dirs()); n > watch.MaxLocalDirs && !noted {
			noted = true
			a.note("The local files of the images are in %d directories. Changes in more than %d are found at the next --interval only.", n, watch.MaxLocalDirs)
		}
		return a.specs.inputs
	}
}

// reconcile runs once. It prints its errors: the next reconciliation tries again.
func (p *planRun) reconcile(ctx context.Context, trigger watch.Trigger) {
	if trigger != watch.Start {
		f, err := p.app.load()
		if err != nil {
			p.app.printError(err)
			p.app.note("The spec is not valid; the last valid one stays in use.")
		} else {
			p.fleet = f
		}
	}
	p.quiet = trigger == watch.Interval
	if !p.quiet {
		p.app.note("%s Reconciling (%s).", time.Now().Format(time.TimeOnly), trigger)
	}
	if err := p.run(ctx); err != nil && ctx.Err() == nil {
		p.app.printError(fmt.Errorf("%w (will be retried)", err))
	}
}
