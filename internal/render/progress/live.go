package progress

import (
	"errors"
	"io"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
)

// liveProgress shows a run on a terminal: lines that stay, and below them a view
// of the running steps that is redrawn. Only tick and close write.
type liveProgress struct {
	screen  func() (columns, rows int)
	style   term.Style
	state   *progressState
	logs    bool // print the logs of builds as they arrive
	compact bool // of a large run: steps that are done, or stopped with the run, are only counted

	pendingLines  strings.Builder // lines that stay and are not written yet
	countByReason map[string]int  // of a large run: number of steps that ended for the same reason
	drainingShown bool            // the end of the run was announced

	canvas  canvas
	stale   bool // an event happened since the last drawing
	drawnAt time.Time
}

// Limits of the lines of a run.
const (
	minLargeRun   = 50 // a run with more steps is large
	maxSameReason = 5  // lines of a large run with the same reason
)

func newLiveProgress(out io.Writer, o Options, now time.Time) *liveProgress {
	return &liveProgress{
		canvas: canvas{out: out}, screen: o.Screen, style: o.Style, state: newProgressState(o.Total, now),
		logs: o.Logs, compact: o.Total > minLargeRun, countByReason: map[string]int{}, stale: true,
	}
}

func (l *liveProgress) event(e apply.Event, now time.Time) {
	l.stale = true
	if e.Phase == apply.Logged && l.logs && !isHookLog(e) {
		l.printAbove(prefixedLogLine(l.style, e.Step, term.LogLine(e.Text)) + "\n")
		return
	}
	if isHookLog(e) && !l.compact {
		l.printAbove(prefixedLogLine(l.style, e.Step, term.LogLine(e.Text)) + "\n")
		return
	}
	f := l.state.addEvent(e, now)
	switch e.Phase {
	case apply.Working, apply.Uploading, apply.Logged, apply.Pausing:
	case apply.Draining: // the view has the steps that are still running
		if !l.drainingShown {
			l.drainingShown = true
			l.printAbove(drainingText(e) + "\n")
		}
	default:
		if e.Step.Blocked == nil && l.shouldPrint(e) { // the plan shows blocked steps
			l.printAbove(resultLines(l.style, e, f, !l.logs))
		}
	}
}

// shouldPrint reports whether a step that ended gets a line.
func (l *liveProgress) shouldPrint(e apply.Event) bool {
	switch {
	case !l.compact:
		return true
	case e.Phase == apply.Done, errors.Is(e.Err, apply.ErrStopped):
		return false
	}
	reason := string(e.Phase) + " " + steps.NormalizedReason(steps.OutcomeReason(e.Phase, e.Err), e.Step, e.ID)
	l.countByReason[reason]++
	if l.countByReason[reason] == maxSameReason+1 {
		l.printAbove(l.style.Faint("  further steps that "+outcomeVerbs[e.Phase]+" for this reason are in the report") + "\n")
	}
	return l.countByReason[reason] <= maxSameReason
}

// outcomeVerbs has the outcomes as verbs.
var outcomeVerbs = map[apply.Phase]string{
	apply.Failed: "failed", apply.Skipped: "are skipped", apply.Interrupted: "are interrupted", apply.RolledBack: "are rolled back",
}

func (l *liveProgress) rateLimited(wait time.Duration, now time.Time) {
	l.stale = true
	l.state.rateLimitedUntil = now.Add(wait)
}

func (l *liveProgress) printAbove(text string) { l.pendingLines.WriteString(text) }

// tick redraws the view after an event, after a second, or if the size of the
// terminal has changed.
func (l *liveProgress) tick(now time.Time) {
	columns, rows := l.screen()
	if !l.stale && l.canvas.fits(columns, rows) && now.Sub(l.drawnAt) < time.Second {
		return
	}
	l.canvas.draw(columns, rows, l.pendingLines.String(), l.view(columns, rows, now))
	l.pendingLines.Reset()
	l.drawnAt, l.stale = now, false
}

// close removes the view.
func (l *liveProgress) close() {
	columns, rows := l.screen()
	l.canvas.clear(columns, rows, l.pendingLines.String())
}
