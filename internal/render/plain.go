package render

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// heartbeat is the time without a finished step after which a line tells what is
// under way: who waits at a log has nothing else to see.
const heartbeat = 30 * time.Second

// plain shows a run as a line for each finished step.
type plain struct {
	out    io.Writer
	style  Style
	stream bool // show logs as they come
	course *course
	said   time.Time // when a step was last told, or a heartbeat
	drains bool      // it was told that the run stops
}

func newPlain(out io.Writer, o ProgressOptions, now time.Time) *plain {
	return &plain{out: out, style: o.Style, stream: o.Logs, course: newCourse(o.Total, now), said: now}
}

func (l *plain) event(e apply.Event, now time.Time) {
	if ofHook(e) {
		fmt.Fprintln(l.out, l.style.logged(e.Step, logLine(e.Text)))
		return
	}
	f := l.course.take(e, now)
	switch e.Phase {
	case apply.Working:
	case apply.Logged:
		if l.stream {
			fmt.Fprintln(l.out, l.style.logged(e.Step, logLine(e.Text)))
		}
	case apply.Draining:
		if !l.drains {
			l.drains = true
			fmt.Fprintln(l.out, draining(e))
		}
		fmt.Fprintf(l.out, "  %s %s\n", e.Verb, e.Step.Address)
	case apply.Pausing:
		fmt.Fprintln(l.out, l.course.pauses[len(l.course.pauses)-1])
	default:
		if e.Step.Blocked != nil { // the plan told of it
			return
		}
		l.said = now
		fmt.Fprint(l.out, l.style.finished(e, f, !l.stream))
	}
}

// ofHook reports whether a hook wrote a line. It is told at once: it is the
// user's own.
func ofHook(e apply.Event) bool { return e.Phase == apply.Logged && e.Verb == plan.DoHook }

func (l *plain) waits(wait time.Duration, now time.Time) {
	l.said = now
	fmt.Fprintln(l.out, LimitedFor(wait))
}

func (l *plain) tick(now time.Time) {
	if now.Sub(l.said) < heartbeat || l.course.left() == 0 {
		return
	}
	l.said = now
	fmt.Fprintln(l.out, l.course.heartbeat(now))
}

func (l *plain) close() {}

func (r rest) String() string { return fmt.Sprintf("%s waits for %s", r.group, r.text) }

// heartbeat is a line about what is under way.
func (c *course) heartbeat(now time.Time) string {
	const most = 3
	list := c.inFlight()
	text := fmt.Sprintf("%s of %s done", plan.Grouped(c.counts[apply.Done]), plan.Grouped(c.total))
	for _, o := range badOutcomes {
		if n := c.counts[o]; n > 0 {
			text += fmt.Sprintf(", %s %s", plan.Grouped(n), o)
		}
	}
	text += fmt.Sprintf(", %s in flight", plan.Grouped(len(list)))
	var names []string
	for _, f := range list {
		names = append(names, fmt.Sprintf("%s %s for %s", f.address, f.verb, inSeconds(now.Sub(f.since))))
	}
	if len(names) > 0 {
		text += ": " + plan.Few(names, most)
	}
	for _, r := range c.pauses {
		text += "; " + r.String()
	}
	return text
}

// finished is the line of a step that ended, below what its build said where
// that is wanted.
func (s Style) finished(e apply.Event, f *flight, logs bool) string {
	var b strings.Builder
	if e.Phase == apply.Failed && f != nil && logs {
		for _, text := range f.log {
			b.WriteString(s.logged(e.Step, text) + "\n")
		}
	}
	b.WriteString(s.ended(e) + "\n")
	return b.String()
}

// logged is a line of a build's log.
func (s Style) logged(step *plan.Step, text string) string {
	return s.faint(step.Address.String()+" |") + " " + text
}

// ended is the line of a step that ended.
func (s Style) ended(e apply.Event) string {
	address := e.Step.Address.String()
	if e.Phase == apply.Done {
		return fmt.Sprintf("%s %s %s %s", s.action(e.Step.Action, string(rune(e.Step.Action))), address, pastTense[e.Step.Action], s.faint("("+short(e.Took)+")"))
	}
	reason, _, _ := strings.Cut(paragraph(reasonOf(e.Phase, e.Err)), "\n")
	return fmt.Sprintf("%s %s: %s", s.bad("x "+string(e.Phase)), address, strings.TrimSuffix(reason, ":"))
}

// draining tells that a run stops.
func draining(e apply.Event) string {
	text := "Stopping: no more steps are begun, and these are let finish."
	if errors.Is(e.Err, apply.ErrStopped) {
		text += " Ctrl-C again leaves at once."
	}
	return text
}
