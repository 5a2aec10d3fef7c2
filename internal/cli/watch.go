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
	p := pass{app: a, yes: true, skipBlocked: true, held: &held{}}
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
			if p.fleet, p.session, err = a.begin(cmd.Context()); err != nil {
				return p.unbegun(cmd.Context(), err)
			}
			defer p.session.close()
			p.opts.NoDestroy = true
			var again <-chan os.Signal
			if _, atTerminal := a.terminal(a.In); !atTerminal { // which may be closed
				again = a.interrupt.onHangup()
			}
			err = watch.Loop(cmd.Context(), watch.Options{Paths: a.watched, Recursive: a.input.recursive, Interval: interval, Again: again}, p.again)
			if err == nil {
				err = cmd.Context().Err()
			}
			return err
		},
	}
	p.runFlags(cmd)
	p.reportFlag(cmd)
	guards(cmd.Flags(), &p.opts)
	p.checkGuards(cmd)
	p.quotaFlag(cmd)
	spanVar(cmd.Flags(), &interval, "interval", time.Minute, "time between two runs; 0 runs only when files change")
	return cmd
}

// watched lists the files and directories that the spec was last read from,
// right or wrong, if there is a directory to watch for them.
func (a *app) watched() []string {
	files := slices.Concat(a.files, a.listed)
	for _, f := range a.opened {
		if _, err := os.Stat(filepath.Dir(f)); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// again is one pass of the watch. It tells what went wrong and leaves the
// rest to the next one.
func (p *pass) again(ctx context.Context, cause watch.Cause) {
	if cause != watch.Began {
		f, err := p.load()
		if err != nil {
			p.tell(err)
			p.note("The spec is wrong; the last good one stays in force.")
		} else {
			p.fleet = f
		}
	}
	p.quiet = cause == watch.Elapsed
	if !p.quiet {
		p.note("%s Pass (%s).", time.Now().Format(time.TimeOnly), cause)
	}
	if err := p.run(ctx); err != nil && ctx.Err() == nil {
		p.tell(fmt.Errorf("%w (the next pass tries again)", err))
	}
}
