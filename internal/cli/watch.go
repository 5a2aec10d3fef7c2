package cli

import (
	"context"
	"fmt"
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
	var err error
	if a.specs.watched, err = newWatchedFiles(); err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return p.failedBeforeRun(ctx, err)
	}
	defer p.session.close()
	p.options.plan.NoDestroy = true
	defer a.specs.watched.start(ctx, a.err)()
	triggers := []<-chan watch.Cause{a.specs.watched.causes()}
	if _, atTerminal := a.terminalWidth(a.in); !atTerminal {
		triggers = append(triggers, watch.OnSignal(ctx, a.interrupt.Reloads()))
	}
	watch.Loop(ctx, watch.Options{Triggers: triggers, Interval: o.interval}, p.reconcile)
	return ctx.Err()
}

// reconcile runs once. It prints its errors: the next reconciliation tries again.
func (p *planRun) reconcile(ctx context.Context, causes watch.Causes) {
	if !causes.Has(watch.Start) {
		p.app.specs.watched.returnToDir()
		f, err := p.app.load()
		p.app.specs.watched.watch(err == nil)
		if err != nil {
			p.app.printError(err)
			p.app.note("The spec is not valid; the last valid one stays in use.")
		} else {
			p.fleet = f
		}
	}
	p.quiet = causes.String() == string(watch.Interval)
	if !p.quiet {
		p.app.note("%s Reconciling (%s).", time.Now().Format(time.TimeOnly), causes)
	}
	if err := p.run(ctx); err != nil && ctx.Err() == nil {
		p.app.printError(fmt.Errorf("%w (will be retried)", err))
	}
}
