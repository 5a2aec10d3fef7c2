package progress

import (
	"errors"
	"io"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/render"
	"fleet/internal/render/term"
)

// liveProgress shows a run on a terminal: lines of what is told for good, and below
// them a view of what goes on, which is drawn again and again. All is written
// by tick and close.
type liveProgress struct {
	screen  func() (columns, rows int)
	style   term.Style
	state   *progressState
	compact bool // what is done, and what is left when the run is stopped, is only counted

	pendingLines  strings.Builder // what is told for good, and is not written yet
	countByReason map[string]int  // of a folded run, how often something went wrong for the same reason
	drainingShown bool            // it was told that the run stops

	canvas  canvas
	stale   bool // something happened since the last drawing
	drawnAt time.Time
}

// How much of a large run is told while it goes on.
const (
	minLargeRun   = 50 // from which on a run is large
	maxSameReason = 5  // things that went wrong for the same reason are told
)

func newLiveProgress(out io.Writer, o Options, now time.Time) *liveProgress {
	return &liveProgress{
		canvas: canvas{out: out}, screen: o.Screen, style: o.Style, state: newProgressState(o.Total, now),
		compact: o.Total > minLargeRun, countByReason: map[string]int{}, stale: true,
	}
}

func (l *liveProgress) event(e apply.Event, now time.Time) {
	l.stale = true
	if isHookLog(e) && !l.compact {
		l.printAbove(prefixedLogLine(l.style, e.Step, term.LogLine(e.Text)) + "\n")
		return
	}
	f := l.state.addEvent(e, now)
	switch e.Phase {
	case apply.Working, apply.Logged, apply.Pausing:
	case apply.Draining: // the view has those that are let finish
		if !l.drainingShown {
			l.drainingShown = true
			l.printAbove(drainingText(e) + "\n")
		}
	default:
		if e.Step.Blocked == nil && l.shouldPrint(e) { // the plan told of what is blocked
			l.printAbove(resultLines(l.style, e, f, true))
		}
	}
}

// shouldPrint reports whether a step that ended has a line of its own.
func (l *liveProgress) shouldPrint(e apply.Event) bool {
	switch {
	case !l.compact:
		return true
	case e.Phase == apply.Done, errors.Is(e.Err, apply.ErrStopped):
		return false
	}
	reason := string(e.Phase) + " " + render.NormalizedReason(render.OutcomeReason(e.Phase, e.Err), e.Step, e.ID)
	l.countByReason[reason]++
	if l.countByReason[reason] == maxSameReason+1 {
		l.printAbove(l.style.Faint("  more that "+outcomeVerbs[e.Phase]+" for this reason are told at the end") + "\n")
	}
	return l.countByReason[reason] <= maxSameReason
}

// outcomeVerbs is an outcome as a verb.
var outcomeVerbs = map[apply.Phase]string{
	apply.Failed: "failed", apply.Skipped: "are skipped", apply.Interrupted: "are interrupted", apply.RolledBack: "are rolled back",
}

func (l *liveProgress) rateLimited(wait time.Duration, now time.Time) {
	l.stale = true
	l.state.rateLimitedUntil = now.Add(wait)
}

func (l *liveProgress) printAbove(text string) { l.pendingLines.WriteString(text) }

// tick draws the view where it is not as it should be: something happened, a
// second passed, or the terminal has another size.
func (l *liveProgress) tick(now time.Time) {
	columns, rows := l.screen()
	if !l.stale && l.canvas.fits(columns, rows) && now.Sub(l.drawnAt) < time.Second {
		return
	}
	l.canvas.draw(columns, rows, l.pendingLines.String(), l.view(columns, rows, now))
	l.pendingLines.Reset()
	l.drawnAt, l.stale = now, false
}

// close takes the view away.
func (l *liveProgress) close() {
	columns, rows := l.screen()
	l.canvas.clear(columns, rows, l.pendingLines.String())
}
