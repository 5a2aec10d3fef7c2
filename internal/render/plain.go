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

// heartbeatInterval is the time without a finished step after which a line tells what is
// under way: who waits at a log has nothing else to see.
const heartbeatInterval = 30 * time.Second

// plainProgress shows a run as a line for each finished step.
type plainProgress struct {
	out           io.Writer
	style         Style
	streamLogs    bool // show logs as they come
	state         *progressState
	lastOutput    time.Time // when a step was last told, or a heartbeat
	drainingShown bool      // it was told that the run stops
}

func newPlainProgress(out io.Writer, o ProgressOptions, now time.Time) *plainProgress {
	return &plainProgress{out: out, style: o.Style, streamLogs: o.Logs, state: newProgressState(o.Total, now), lastOutput: now}
}

func (l *plainProgress) event(e apply.Event, now time.Time) {
	if isHookLog(e) {
		fmt.Fprintln(l.out, l.style.prefixedLogLine(e.Step, logLine(e.Text)))
		return
	}
	f := l.state.addEvent(e, now)
	switch e.Phase {
	case apply.Working:
	case apply.Logged:
		if l.streamLogs {
			fmt.Fprintln(l.out, l.style.prefixedLogLine(e.Step, logLine(e.Text)))
		}
	case apply.Draining:
		if !l.drainingShown {
			l.drainingShown = true
			fmt.Fprintln(l.out, drainingText(e))
		}
		fmt.Fprintf(l.out, "  %s %s\n", e.Verb, e.Step.Address)
	case apply.Pausing:
		fmt.Fprintln(l.out, l.state.pauses[len(l.state.pauses)-1])
	default:
		if e.Step.Blocked != nil { // the plan told of it
			return
		}
		l.lastOutput = now
		fmt.Fprint(l.out, l.style.resultLines(e, f, !l.streamLogs))
	}
}

// isHookLog reports whether a hook wrote a line. It is told at once: it is the
// user's own.
func isHookLog(e apply.Event) bool { return e.Phase == apply.Logged && e.Verb == plan.DoHook }

func (l *plainProgress) rateLimited(wait time.Duration, now time.Time) {
	l.lastOutput = now
	fmt.Fprintln(l.out, RateLimitNotice(wait))
}

func (l *plainProgress) tick(now time.Time) {
	if now.Sub(l.lastOutput) < heartbeatInterval || l.state.remaining() == 0 {
		return
	}
	l.lastOutput = now
	fmt.Fprintln(l.out, l.state.heartbeat(now))
}

func (l *plainProgress) close() {}

func (r rolloutPause) String() string { return fmt.Sprintf("%s waits for %s", r.group, r.text) }

// heartbeat is a line about what is under way.
func (c *progressState) heartbeat(now time.Time) string {
	const most = 3
	list := c.inFlight()
	text := fmt.Sprintf("%s of %s done", plan.FormatInt(c.counts[apply.Done]), plan.FormatInt(c.total))
	for _, o := range notDoneOutcomes {
		if n := c.counts[o]; n > 0 {
			text += fmt.Sprintf(", %s %s", plan.FormatInt(n), o)
		}
	}
	text += fmt.Sprintf(", %s in flight", plan.FormatInt(len(list)))
	var names []string
	for _, f := range list {
		names = append(names, fmt.Sprintf("%s %s for %s", f.address, f.verb, formatSeconds(now.Sub(f.start))))
	}
	if len(names) > 0 {
		text += ": " + plan.JoinFirst(names, most)
	}
	for _, r := range c.pauses {
		text += "; " + r.String()
	}
	return text
}

// resultLines is the line of a step that ended, below what its build said where
// that is wanted.
func (s Style) resultLines(e apply.Event, f *activeStep, logs bool) string {
	var b strings.Builder
	if e.Phase == apply.Failed && f != nil && logs {
		for _, text := range f.log {
			b.WriteString(s.prefixedLogLine(e.Step, text) + "\n")
		}
	}
	b.WriteString(s.resultLine(e) + "\n")
	return b.String()
}

// prefixedLogLine is a line of a build's log.
func (s Style) prefixedLogLine(step *plan.Step, text string) string {
	return s.faint(step.Address.String()+" |") + " " + text
}

// resultLine is the line of a step that ended.
func (s Style) resultLine(e apply.Event) string {
	address := e.Step.Address.String()
	if e.Phase == apply.Done {
		return fmt.Sprintf("%s %s %s %s", s.paintAction(e.Step.Action, string(rune(e.Step.Action))), address, e.Step.Action.PastTense(), s.faint("("+formatDuration(e.Duration)+")"))
	}
	reason, _, _ := strings.Cut(cleanLines(outcomeReason(e.Phase, e.Err)), "\n")
	return fmt.Sprintf("%s %s: %s", s.bad("x "+string(e.Phase)), address, strings.TrimSuffix(reason, ":"))
}

// drainingText tells that a run stops.
func drainingText(e apply.Event) string {
	text := "Stopping: no more steps are begun, and these are let finish."
	if errors.Is(e.Err, apply.ErrStopped) {
		text += " Ctrl-C again leaves at once."
	}
	return text
}
