package render

import (
	"errors"
	"io"
	"strings"
	"time"

	"fleet/apply"
)

// live shows a run on a terminal: lines of what is told for good, and below
// them a view of what goes on, which is drawn again and again. All is written
// by tick and close.
type live struct {
	screen func() (columns, rows int)
	style  Style
	course *course
	fold   bool // what is done, and what is left when the run is stopped, is only counted

	above  strings.Builder // what is told for good, and is not written yet
	alike  map[string]int  // of a folded run, how often something went wrong for the same reason
	drains bool            // it was told that the run stops

	canvas canvas
	stale  bool // something happened since the last drawing
	drawn  time.Time
}

// How much of a large run is told while it goes on.
const (
	manySteps = 50 // from which on a run is large
	fewAlike  = 5  // things that went wrong for the same reason are told
)

func newLive(out io.Writer, o ProgressOptions, now time.Time) *live {
	return &live{
		canvas: canvas{out: out}, screen: o.Screen, style: o.Style, course: newCourse(o.Total, now),
		fold: o.Total > manySteps, alike: map[string]int{}, stale: true,
	}
}

func (l *live) event(e apply.Event, now time.Time) {
	l.stale = true
	if ofHook(e) && !l.fold {
		l.tell(l.style.logged(e.Step, logLine(e.Text)) + "\n")
		return
	}
	f := l.course.take(e, now)
	switch e.Phase {
	case apply.Working, apply.Logged, apply.Pausing:
	case apply.Draining: // the view has those that are let finish
		if !l.drains {
			l.drains = true
			l.tell(draining(e) + "\n")
		}
	default:
		if e.Step.Blocked == nil && l.worthTelling(e) { // the plan told of what is blocked
			l.tell(l.style.finished(e, f, true))
		}
	}
}

// worthTelling reports whether a step that ended has a line of its own.
func (l *live) worthTelling(e apply.Event) bool {
	switch {
	case !l.fold:
		return true
	case e.Phase == apply.Done, errors.Is(e.Err, apply.ErrStopped):
		return false
	}
	reason := string(e.Phase) + " " + likeness(reasonOf(e.Phase, e.Err), e.Step, e.ID)
	l.alike[reason]++
	if l.alike[reason] == fewAlike+1 {
		l.tell(l.style.faint("  more that "+became[e.Phase]+" for this reason are told at the end") + "\n")
	}
	return l.alike[reason] <= fewAlike
}

// became is an outcome as a verb.
var became = map[apply.Phase]string{
	apply.Failed: "failed", apply.Skipped: "are skipped", apply.Interrupted: "are interrupted", apply.RolledBack: "are rolled back",
}

func (l *live) waits(wait time.Duration, now time.Time) {
	l.stale = true
	l.course.limited = now.Add(wait)
}

func (l *live) tell(text string) { l.above.WriteString(text) }

// tick draws the view where it is not as it should be: something happened, a
// second passed, or the terminal has another size.
func (l *live) tick(now time.Time) {
	columns, rows := l.screen()
	if !l.stale && l.canvas.fits(columns, rows) && now.Sub(l.drawn) < time.Second {
		return
	}
	l.canvas.draw(columns, rows, l.above.String(), l.view(columns, rows, now))
	l.above.Reset()
	l.drawn, l.stale = now, false
}

// close takes the view away.
func (l *live) close() {
	columns, rows := l.screen()
	l.canvas.clear(columns, rows, l.above.String())
}
