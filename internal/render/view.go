package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/fatih/color"

	"fleet/apply"
	"fleet/plan"
)

// A viewRow is a row of the view. It is never as wide as the terminal: some
// break a line that just fits.
type viewRow struct {
	text  strings.Builder
	style Style
	width int
	room  int // columns that are free
}

func (l *live) row(columns int) *viewRow {
	return &viewRow{style: l.style, room: max(columns-1, 0)}
}

// add appends as much of a text as there is room for.
func (r *viewRow) add(text string, attrs ...color.Attribute) *viewRow {
	text = cut(text, r.room)
	r.text.WriteString(r.style.paint(text, attrs...))
	r.width += cells(text)
	r.room -= cells(text)
	return r
}

// view is what is drawn: how far the run is, what it waits for, what is under
// way and what the slowest build says. A third of the screen is left for the
// lines above.
func (l *live) view(columns, rows int, now time.Time) []*viewRow {
	if l.course.left() == 0 && len(l.course.inFlight()) == 0 {
		return nil
	}
	free := max(rows*2/3, min(rows-1, 3), 1) - 1
	list := []*viewRow{l.bar(columns, now)}
	if wait := l.course.limited.Sub(now); wait > 0 && free > 0 {
		list = append(list, l.row(columns).add("  "+LimitedFor(wait), color.FgYellow))
		free--
	}
	pauses := l.pauses(columns, min(free, max(free/4, 1)))
	free -= len(pauses)
	build := l.build(columns, free)
	list = append(append(list, pauses...), l.flights(columns, free-len(build), now)...)
	return append(list, build...)
}

// badOutcomes are those of steps that were not done.
var badOutcomes = []apply.Phase{apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack}

// The bar's width in columns.
const (
	narrowBar = 10
	wideBar   = 40
)

// bar tells how far the run is.
func (l *live) bar(columns int, now time.Time) *viewRow {
	c := l.course
	r := l.row(columns)
	rest := r.room - cells(c.fraction())
	type part struct {
		text  string
		attrs []color.Attribute
	}
	var parts []part
	add := func(text string, attrs ...color.Attribute) {
		if n := cells(text) + 2; n <= rest {
			rest -= n
			parts = append(parts, part{"  " + text, attrs})
		}
	}
	for _, o := range badOutcomes {
		if n := c.counts[o]; n > 0 {
			add(plan.Grouped(n)+" "+string(o), bad...)
		}
	}
	if pace := c.pace.perSecond(now); pace > 0 {
		add("about " + inSeconds(time.Duration(float64(c.left())/pace*float64(time.Second))+time.Second) + " left")
		add(spoken(pace))
	}
	if width := min(rest-len("[] "), wideBar); width >= narrowBar {
		l.fill(r, width)
	}
	r.add(c.fraction())
	for _, p := range parts {
		r.add(p.text, p.attrs...)
	}
	return r
}

// fill draws the bar: what went wrong is told from what is done.
func (l *live) fill(r *viewRow, width int) {
	c := l.course
	part := func(n int) int { return n * width / max(c.total, 1) }
	wrong := 0
	for _, o := range badOutcomes {
		wrong += c.counts[o]
	}
	full := part(c.passed())
	failed := min(part(wrong), full)
	if wrong > 0 {
		failed = max(failed, min(1, full))
	}
	r.add("[")
	r.add(strings.Repeat("=", full-failed), color.FgGreen)
	r.add(strings.Repeat("x", failed), bad...)
	r.add(strings.Repeat(" ", width-full) + "] ")
}

// pauses are the rollouts that wait, in at most so many rows.
func (l *live) pauses(columns, most int) []*viewRow {
	var list []*viewRow
	for i, p := range l.course.pauses {
		if len(list) == most {
			break
		}
		if n := len(l.course.pauses) - i; n > 1 && len(list) == most-1 {
			list = append(list, l.row(columns).add(fmt.Sprintf("  and %d more rollouts wait", n), faint...))
			break
		}
		list = append(list, l.row(columns).add("  "+p.String(), color.FgYellow))
	}
	return list
}

// buildLines is how much is shown of the log of a build under way, where there
// is room for it.
const buildLines = 5

// build is the end of the log of the slowest build, in at most a third of so
// many rows.
func (l *live) build(columns, free int) []*viewRow {
	f := l.course.slowestBuild()
	if f == nil || free < 6 {
		return nil
	}
	var list []*viewRow
	for _, text := range f.log[max(len(f.log)-min(free/3, buildLines), 0):] {
		r := l.row(columns)
		head := "  " + f.address.String() + " | "
		r.add(cut(head, r.room/2), faint...)
		list = append(list, r.add(clip(text, r.room)))
	}
	return list
}

// flights are the steps under way, in at most so many rows.
func (l *live) flights(columns, most int, now time.Time) []*viewRow {
	list := l.course.inFlight()
	if len(list) == 0 || most <= 0 {
		return nil
	}
	more := 0
	if len(list) > most {
		more = len(list) - (most - 1)
		list = list[:most-1]
	}
	width := 0
	for _, f := range list {
		width = max(width, cells(f.address.String()))
	}
	var view []*viewRow
	for _, f := range list {
		view = append(view, l.flight(f, columns, width, now))
	}
	if more > 0 {
		text := fmt.Sprintf("  and %s more", plan.Grouped(more))
		if len(list) == 0 {
			text = fmt.Sprintf("  %s in flight", plan.Grouped(more))
		}
		view = append(view, l.row(columns).add(text, faint...))
	}
	return view
}

// From how many columns on the view tells what is done to each step under way,
// and how wide the longest of these words is.
const (
	roomForVerbs = 40
	verbWidth    = len("deactivate")
)

// flight is the row of a step under way. Its address takes a width, where there
// is room.
func (l *live) flight(f *flight, columns, width int, now time.Time) *viewRow {
	r := l.row(columns)
	r.add("  ")
	if columns >= roomForVerbs {
		r.add(padded(string(f.verb), verbWidth+1), l.style.colours(f.step.Action)...)
	}
	took := "  " + inSeconds(now.Sub(f.since))
	width = max(min(width, r.room-len(took)), 0)
	r.add(padded(cut(f.address.String(), width), width))
	return r.add(took, faint...)
}
