package cli

import (
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/render"
	"fleet/plan"
)

// The ways to show a run while it goes on.
const (
	progressAuto  = "auto"  // live on a terminal, else plain
	progressLive  = "tty"   // a view that is drawn again and again
	progressPlain = "plain" // a line for each finished step
	progressJSON  = "json"  // the events
	progressQuiet = "quiet" // nothing before the report
)

var progressModes = []string{progressAuto, progressLive, progressPlain, progressJSON, progressQuiet}

// progressFlag declares --progress. What it cannot mean is told before anything
// is sent.
func (p *planRun) progressFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.progress, "progress", progressAuto, "how to show the run on standard error: `HOW` is "+plan.JoinOr(progressModes))
	_ = cmd.RegisterFlagCompletionFunc("progress", cobra.FixedCompletions(progressModes, cobra.ShellCompDirectiveNoFileComp)) // fails only for flags that do not exist
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if err := before(cmd, args); err != nil {
			return err
		}
		_, isTerminal := p.terminalWidth(p.Err)
		switch {
		case !slices.Contains(progressModes, p.progress):
			return invalid("unknown way %q to show progress; known are %s", p.progress, plan.JoinAnd(progressModes))
		case p.progress == progressLive && (!isTerminal || p.env("TERM") == "dumb"):
			return invalid("--progress tty: standard error is no terminal that can be drawn on; --progress plain prints lines")
		case p.progress == progressLive && p.verbose:
			return invalid("--progress tty and -v exclude each other: the requests would be logged over the view")
		case p.progress == progressJSON:
			p.list = append(p.list, output{"ndjson", standardError})
		}
		return nil
	}
}

// showsLive reports whether a live view fits where the run is shown: nothing
// else is written there while it is drawn, and a person looks at it.
func (p *planRun) showsLive() bool {
	if p.progress != progressAuto {
		return p.progress == progressLive
	}
	_, isTerminal := p.terminalWidth(p.Err)
	if !isTerminal || p.env("TERM") == "dumb" || p.inCI() || p.verbose {
		return false
	}
	_, shared := p.terminalWidth(p.Out)
	return !shared || !slices.Contains(p.list, output{"ndjson", standardOutput})
}

// inCI reports whether the command runs in a job, as all services of that kind
// say by a variable.
func (a *app) inCI() bool {
	ci := a.env("CI")
	return ci != "" && ci != "false"
}

// showProgress shows a run of a plan until the returned function is called.
func (p *planRun) showProgress(pl *plan.Plan) (event func(apply.Event), end func()) {
	if p.progress == progressJSON || p.progress == progressQuiet {
		return func(apply.Event) {}, p.rateLimits.redirect(func(time.Duration) {})
	}
	o := render.ProgressOptions{Total: countChanges(pl), Style: p.style(p.Err), Logs: p.verbose}
	out := p.Err
	if p.showsLive() {
		out = unescapedWriter(p.Err) // the view is drawn by codes
		o.Screen = func() (columns, rows int) {
			columns, rows, _ = p.terminalSize(p.Err)
			return columns, rows
		}
	}
	progress := render.NewProgress(out, o)
	endWaits := p.rateLimits.redirect(progress.RateLimited)
	return progress.Event, func() { endWaits(); progress.Close() }
}

// terminalSize is the size of the terminal behind a stream, if there is one.
func (a *app) terminalSize(w any) (columns, rows int, ok bool) {
	if m, isMasked := w.(*redactingWriter); isMasked {
		w = m.out
	}
	if f, isGuarded := w.(*foreign.Writer); isGuarded {
		w = f.Unwrap()
	}
	if c, isChecked := w.(*errWriter); isChecked {
		w = c.out
	}
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, 0, false
	}
	if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
		return columns, rows, true
	}
	return 80, 24, true
}
