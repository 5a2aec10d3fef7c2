package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/watch/policy"
	watchserver "fleet/internal/watch/serve"
	"fleet/spec"
)

// watchOptions are the flags of fleet watch.
type watchOptions struct {
	run      runOptions
	interval time.Duration // 0 reconciles only when something triggers it
	setsTime bool          // --interval was given
	events   bool          // the platform's events are received
	policy   policy.Policy
	serve    serveOptions
	notify   notifyOptions
}

// pushedInterval is the time between two listings while the platform announces changes,
// unless --interval is given.
const pushedInterval = time.Hour

func (o *watchOptions) declare(a *app, f *flagSet) {
	executionFlags(f, &o.run)
	a.progressFlag(f, &o.run)
	o.run.output.declareReport(f)
	guardFlags(f, &o.run)
	quotaFlag(f, &o.run)
	hookCredentialsFlag(f, &o.run)
	durationFlag(f, &o.interval, "interval", time.Minute, "time between two reconciliations; 0 reconciles only when something changes. While the platform's events are received, the default is "+pushedInterval.String())
	f.BoolVar(&o.events, "platform-events", true, "receive the platform's events, which report changes of sandboxes at once")
	mode := f.String("mode", string(policy.Enforce), policy.ModeDoc())
	windows := f.StringArray("sync-window", nil, "`WINDOW` in which changes are made, such as 'Europe/Berlin 0 2 * * * for 3h'; repeatable. Outside of all windows, changes wait")
	o.serve.declare(f)
	o.notify.declare(f)
	f.check(func() (err error) {
		if slices.Contains(a.flags.files, spec.Stdin) {
			return exit.Invalidf("watch cannot read the spec from standard input: it reads the spec repeatedly")
		}
		if o.interval < 0 {
			return exit.Invalidf("--interval must not be negative")
		}
		o.setsTime = f.Changed("interval")
		if o.policy.Mode, err = policy.ParseMode(*mode); err != nil {
			return exit.Invalidf("--mode: %w", err)
		}
		for _, text := range *windows {
			w, err := policy.ParseWindow(text, time.Now())
			if err != nil {
				return exit.Invalidf("--sync-window: %w", err)
			}
			o.policy.Windows = append(o.policy.Windows, w)
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
files of its images change, when the platform reports changes of sandboxes, every
--interval, and on SIGHUP. At a terminal, SIGHUP means that the terminal was closed,
and ends the command. Reconciliations never overlap. If a changed spec is not valid,
the last valid one stays in use.

Nothing is deleted or replaced unless --allow-destroy sets a limit for each
reconciliation; deletions beyond it wait until fleet approve allows them. A rollout
that failed and was rolled back is not retried until the spec changes or fleet approve
allows it. --mode observe only reports drift, and --mode repair deletes nothing.

--listen serves a page, an API and metrics. fleet approve, fleet pause, fleet resume
and fleet reconcile control a watch that runs. See docs/watch.md.`,
		Example: `  fleet watch
  fleet watch --interval 5m --allow-destroy 3
  fleet watch --mode repair --listen ` + watchserver.DefaultAddress + `
  fleet watch --sync-window 'Europe/Berlin 0 22 * * 1-5 for 6h' --webhook https://hooks.example.com/fleet --webhook-secret-file secret.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.notify.test {
				return a.testWebhooks(cmd.Context(), o.notify)
			}
			return a.watch(cmd.Context(), o)
		},
	}
	o.declare(a, flagsOf(cmd))
	return cmd
}

// watch reconciles until ctx ends.
func (a *app) watch(ctx context.Context, o watchOptions) error {
	p := a.newRun(o.run)
	var err error
	if a.specs.watched, err = newWatchedFiles(); err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return p.failedBeforeRun(ctx, err)
	}
	defer p.session.close()
	p.options.plan.NoDestroy = true
	w, err := a.newWatcher(ctx, o, p)
	if err != nil {
		return err
	}
	w.run(ctx)
	return ctx.Err()
}
