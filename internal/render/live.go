package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"fleet/apply"
)

// live shows a run on a terminal: lines of what is told for good, and below
// them a view of what goes on, which is drawn again and again. All is written
// by tick and close.
type live struct {
	out    io.Writer
	screen func() (columns, rows int)
	style  Style
	course *course
	fold   bool // what is done is only counted

	above  strings.Builder // what is told for good, and is not written yet
	alike  map[string]int  // of a folded run, how often something went wrong for the same reason
	drains bool            // it was told that the run stops

	stale         bool // something happened since the drawing
	drawn         time.Time
	columns, rows int   // of the terminal when it was drawn
	widths        []int // of the rows of the view that is on the screen
}

// How much of a large run is told while it goes on.
const (
	manySteps = 50 // from which on what is done is only counted
	fewAlike  = 5  // things that went wrong for the same reason are told
)

func newLive(out io.Writer, o ProgressOptions, now time.Time) *live {
	return &live{
		out: out, screen: o.Screen, style: o.Style, course: newCourse(o.Total, now),
		fold: o.Total > manySteps, alike: map[string]int{}, stale: true,
	}
}

func (l *live) event(e apply.Event, now time.Time) {
	l.stale = true
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
	case e.Phase == apply.Done:
		return false
	}
	reason := string(e.Phase) + " " + likeness(reasonOf(e.Phase, e.Err), e.Step, e.ID)
	l.alike[reason]++
	if l.alike[reason] == fewAlike+1 {
		l.tell(l.style.faint("  more that "+became[e.Phase]+" for this reason are counted below, and told at the end") + "\n")
	}
	return l.alike[reason] <= fewAlike
}

// became is an outcome as a verb.
var became = map[apply.Phase]string{
	apply.Failed: "failed", apply.Skipped: "are skipped", apply.Interrupted: "are interrupted", apply.RolledBack: "are rolled back",
}

func (l *live) tell(text string) { l.above.WriteString(text) }

// tick draws the view where it is not as it should be: something happened, a
// second passed, or the terminal has another size.
func (l *live) tick(now time.Time) {
	columns, rows := l.screen()
	same := columns == l.columns && rows == l.rows
	if !l.stale && same && now.Sub(l.drawn) < time.Second {
		return
	}
	var b strings.Builder
	b.WriteString(l.back(columns))
	if l.above.Len() > 0 || !same {
		b.WriteString("\x1b[J")
	}
	b.WriteString(l.above.String())
	l.above.Reset()
	view := l.view(columns, rows, now)
	l.widths = l.widths[:0]
	for i, r := range view {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(r.text.String() + "\x1b[K")
		l.widths = append(l.widths, r.width)
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(l.out, b.String()) // who cannot be shown anything has the report
	l.columns, l.rows, l.drawn, l.stale = columns, rows, now, false
}

// back moves to the beginning of the view on the screen. A terminal that has
// become narrower has broken its rows.
func (l *live) back(columns int) string {
	height := 0
	for _, w := range l.widths {
		height += max((w+columns-1)/max(columns, 1), 1)
	}
	switch {
	case height == 0:
		return ""
	case height == 1:
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", height-1)
}

// close takes the view away.
func (l *live) close() {
	columns, _ := l.screen()
	text := l.back(columns)
	if text != "" {
		text += "\x1b[J"
	}
	l.widths = nil
	_, _ = io.WriteString(l.out, text+l.above.String())
}

