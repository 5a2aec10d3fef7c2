package cli

import (
	"io"
	"slices"
	"time"

	"fleet/apply"
	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/internal/render/progress"
	"fleet/plan"
)

// Values of --progress.
const (
	progressAuto  = "auto"  // tty on a terminal, else plain
	progressTTY   = "tty"   // a live view
	progressPlain = "plain" // a line for each finished step
	progressJSON  = "json"  // the events
	progressQuiet = "quiet" // nothing before the report
)

var progressModes = []string{progressAuto, progressTTY, progressPlain, progressJSON, progressQuiet}

// progressFlag declares --progress.
func (a *app) progressFlag(f *flagSet, o *runOptions) {
	f.StringVar(&o.output.progress, "progress", progressAuto, "how to show the run on standard error: `HOW` is "+plan.JoinOr(progressModes))
	f.complete("progress", progressModes)
	f.check(func() error { return a.checkProgress(o.output.progress) })
}

func (a *app) checkProgress(mode string) error {
	switch {
	case !slices.Contains(progressModes, mode):
		return exit.Invalidf("unknown progress %q; valid values: %s", mode, plan.JoinAnd(progressModes))
	case mode == progressTTY && !a.canDraw():
		return exit.Invalidf("--progress tty requires standard error to be a terminal; --progress plain prints lines")
	case mode == progressTTY && a.flags.verbose:
		return exit.Invalidf("--progress tty and -v are mutually exclusive: requests would be logged over the view")
	}
	return nil
}

// Values of --logs.
const (
	logsAll    = "all"    // as they are written
	logsFailed = "failed" // only the ends of those of failed builds
)

// logsFlag declares --logs.
func logsFlag(f *flagSet, o *runOptions) {
	modes := []string{logsAll, logsFailed}
	f.StringVar(&o.logs, "logs", "", "print the logs of image builds: `WHICH` is all, or failed for the last 50 lines of those that fail, which are always printed")
	f.Lookup("logs").NoOptDefVal = logsAll
	f.complete("logs", modes)
	f.check(func() error {
		if f.Changed("logs") && !slices.Contains(modes, o.logs) {
			return exit.Invalidf("unknown --logs %q; valid values: %s", o.logs, plan.JoinAnd(modes))
		}
		return nil
	})
}

// canDraw reports whether standard error is a terminal that a view can be drawn
// on.
func (a *app) canDraw() bool {
	_, isTerminal := a.terminalWidth(a.err)
	return isTerminal && a.env("TERM") != "dumb"
}

// showsLive reports whether progress is a live view: nothing else is written to
// the terminal while it is drawn.
func (p *planRun) showsLive() bool {
	if mode := p.options.output.progress; mode != progressAuto {
		return mode == progressTTY
	}
	a := p.app
	if !a.canDraw() || a.inCI() || a.flags.verbose {
		return false
	}
	_, shared := a.terminalWidth(a.out)
	return !shared || !slices.Contains(p.outputs, output{render.NDJSONFormat, standardOutput})
}

// printsLogs reports whether the logs of all builds are printed.
func (p *planRun) printsLogs() bool {
	if p.options.logs != "" {
		return p.options.logs == logsAll
	}
	return p.app.flags.verbose
}

// hidesProgress reports whether no progress is shown for people.
func (p *planRun) hidesProgress() bool {
	mode := p.options.output.progress
	return mode == progressJSON || mode == progressQuiet
}

// showProgress shows the run of a plan until end is called.
func (p *planRun) showProgress(pl *plan.Plan) (event func(apply.Event), end func()) {
	if p.hidesProgress() {
		return func(apply.Event) {}, p.app.rateLimits.redirect(func(time.Duration) {})
	}
	out := p.app.err
	o := progress.Options{Total: pl.ChangeCount(), Style: p.app.style(out), Logs: p.printsLogs()}
	if p.app.inGitHubActions() {
		o.Commands = func() io.Writer { return unescapedWriter(p.app.err) }
	}
	if p.showsLive() {
		o.Screen = func() (columns, rows int) {
			columns, rows, _ = p.app.terminalSize(p.app.err)
			return columns, rows
		}
		out = unescapedWriter(out) // the view consists of control codes
	}
	view := progress.New(out, o)
	endWaits := p.app.rateLimits.redirect(view.RateLimited)
	return view.Event, func() { endWaits(); view.Close() }
}
