package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/fatih/color"

	"fleet/internal/render"
	"fleet/internal/render/term"
	"fleet/plan"
)

// A viewRow is a row of the view. It is narrower than the terminal: some
// terminals wrap a line that just fits.
type viewRow struct {
	text  strings.Builder
	style term.Style
	width int
	room  int // free columns
}

func (l *liveProgress) newRow(columns int) *viewRow {
	return &viewRow{style: l.style, room: max(columns-1, 0)}
}

// add appends a text, and omits its middle if there is not enough room.
func (r *viewRow) add(text string, attrs ...color.Attribute) *viewRow {
	text = term.TruncateMiddle(text, r.room)
	r.text.WriteString(r.style.Paint(text, attrs...))
	r.width += term.StringWidth(text)
	r.room -= term.StringWidth(text)
	return r
}

// view returns the rows to draw: a progress bar, waits and pauses, running steps,
// and the log of the slowest build. A third of the screen is left for the lines
// above.
func (l *liveProgress) view(columns, rows int, now time.Time) []*viewRow {
	if l.state.remaining() == 0 && len(l.state.inFlight()) == 0 {
		return nil
	}
	free := max(rows*2/3, min(rows-1, 3), 1) - 1
	list := []*viewRow{l.bar(columns, now)}
	if wait := l.state.rateLimitedUntil.Sub(now); wait > 0 && free > 0 {
		list = append(list, l.newRow(columns).add("  "+RateLimitNotice(wait), color.FgYellow))
		free--
	}
	pauses := l.pauseRows(columns, min(free, max(free/4, 1)))
	free -= len(pauses)
	build := l.buildRows(columns, free)
	list = append(append(list, pauses...), l.activeRows(columns, free-len(build), now)...)
	return append(list, build...)
}

// The bar's width in columns.
const (
	minBarWidth = 10
	maxBarWidth = 40
)

// bar returns the row with the progress bar, counts and the time left.
func (l *liveProgress) bar(columns int, now time.Time) *viewRow {
	c := l.state
	r := l.newRow(columns)
	rest := r.room - term.StringWidth(c.fraction())
	type part struct {
		text  string
		attrs []color.Attribute
	}
	var parts []part
	add := func(text string, attrs ...color.Attribute) {
		if n := term.StringWidth(text) + 2; n <= rest {
			rest -= n
			parts = append(parts, part{"  " + text, attrs})
		}
	}
	for _, o := range render.NotDoneOutcomes {
		if n := c.counts[o]; n > 0 {
			add(plan.FormatInt(n)+" "+string(o), term.BadAttrs...)
		}
	}
	if pace := c.throughput.perSecond(now); pace > 0 {
		add("about " + formatSeconds(time.Duration(float64(c.remaining())/pace*float64(time.Second))+time.Second) + " left")
		add(formatRate(pace))
	}
	if width := min(rest-len("[] "), maxBarWidth); width >= minBarWidth {
		l.drawBar(r, width)
	}
	r.add(c.fraction())
	for _, p := range parts {
		r.add(p.text, p.attrs...)
	}
	return r
}

// drawBar draws the bar. Steps that were not done have a mark of their own.
func (l *liveProgress) drawBar(r *viewRow, width int) {
	c := l.state
	part := func(n int) int { return n * width / max(c.total, 1) }
	wrong := 0
	for _, o := range render.NotDoneOutcomes {
		wrong += c.counts[o]
	}
	full := part(c.endedCount())
	failed := min(part(wrong), full)
	if wrong > 0 {
		failed = max(failed, min(1, full))
	}
	r.add("[")
	r.add(strings.Repeat("=", full-failed), color.FgGreen)
	r.add(strings.Repeat("x", failed), term.BadAttrs...)
	r.add(strings.Repeat(" ", width-full) + "] ")
}

// pauseRows returns the rollouts that wait, in at most most rows.
func (l *liveProgress) pauseRows(columns, most int) []*viewRow {
	var list []*viewRow
	for i, p := range l.state.pauses {
		if len(list) == most {
			break
		}
		if n := len(l.state.pauses) - i; n > 1 && len(list) == most-1 {
			list = append(list, l.newRow(columns).add(fmt.Sprintf("  and %d more rollouts wait", n), term.FaintAttrs...))
			break
		}
		list = append(list, l.newRow(columns).add("  "+p.String(), color.FgYellow))
	}
	return list
}

// maxLiveBuildLines is the maximum number of lines of a running build's log.
const maxLiveBuildLines = 5

// buildRows returns the end of the log of the slowest build, in at most a third
// of the free rows.
func (l *liveProgress) buildRows(columns, free int) []*viewRow {
	f := l.state.slowestBuild()
	if f == nil || free < 6 {
		return nil
	}
	var list []*viewRow
	for _, text := range f.log[max(len(f.log)-min(free/3, maxLiveBuildLines), 0):] {
		r := l.newRow(columns)
		head := "  " + f.address.String() + " | "
		r.add(term.TruncateMiddle(head, r.room/2), term.FaintAttrs...)
		list = append(list, r.add(term.Truncate(text, r.room)))
	}
	return list
}

// activeRows returns the running steps, in at most most rows.
func (l *liveProgress) activeRows(columns, most int, now time.Time) []*viewRow {
	list := l.state.inFlight()
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
		width = max(width, term.StringWidth(f.address.String()))
	}
	var view []*viewRow
	for _, f := range list {
		view = append(view, l.activeRow(f, columns, width, now))
	}
	if more > 0 {
		text := fmt.Sprintf("  and %s more", plan.FormatInt(more))
		if len(list) == 0 {
			text = fmt.Sprintf("  %s in flight", plan.FormatInt(more))
		}
		view = append(view, l.newRow(columns).add(text, term.FaintAttrs...))
	}
	return view
}

// Columns of the verbs of running steps, and the widths of terminals that have room for
// them and for the progress of uploads.
const (
	minColumnsForVerbs   = 40
	minColumnsForUploads = 80
	verbWidth            = len("deactivate")
)

// activeRow returns the row of a running step. The address is padded to a width,
// or cut if there is not enough room.
func (l *liveProgress) activeRow(f *activeStep, columns, width int, now time.Time) *viewRow {
	r := l.newRow(columns)
	r.add("  ")
	if columns >= minColumnsForVerbs {
		r.add(term.PadRight(string(f.verb), verbWidth+1), l.style.ActionColours(f.step.Action)...)
	}
	took := "  " + formatSeconds(now.Sub(f.start))
	if f.upload != "" && columns >= minColumnsForUploads {
		took += "  " + f.upload
	}
	width = max(min(width, r.room-len(took)), 0)
	r.add(term.PadRight(term.TruncateMiddle(f.address.String(), width), width))
	return r.add(took, term.FaintAttrs...)
}
