package progress

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/render"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// heartbeatInterval is the time without a finished step after which a line lists
// the running steps: a log shows nothing else of a long step.
const heartbeatInterval = 30 * time.Second

// plainProgress shows a run as a line for each finished step.
type plainProgress struct {
	out           io.Writer
	style         term.Style
	streamLogs    bool // print logs as they arrive
	folds         folds
	state         *progressState
	lastOutput    time.Time // of the last line about a step, or heartbeat
	drainingShown bool      // the end of the run was announced
	burst         burst     // lines of steps that the end of the run stops
}

func newPlainProgress(out io.Writer, o Options, now time.Time) *plainProgress {
	return &plainProgress{out: out, style: o.Style, streamLogs: o.Logs, folds: folds{commands: o.Commands}, state: newProgressState(o.Total, now), lastOutput: now}
}

func (l *plainProgress) event(e apply.Event, now time.Time) {
	if e.Phase == apply.Skipped || e.Phase == apply.Interrupted {
		l.stopped(e, now)
		return
	}
	if e.Phase != apply.Draining || !l.drainingShown {
		l.burst.flush(l.out)
	}
	if isHookLog(e) {
		l.folds.end()
		fmt.Fprintln(l.out, prefixedLogLine(l.style, e.Step, term.LogLine(e.Text)))
		return
	}
	f := l.state.addEvent(e, now)
	switch e.Phase {
	case apply.Working:
	case apply.Uploading:
		l.showUpload(e, f, now)
	case apply.Logged:
		if l.streamLogs {
			l.folds.begin(e.Step)
			fmt.Fprintln(l.out, prefixedLogLine(l.style, e.Step, term.LogLine(e.Text)))
		}
	case apply.Draining:
		l.folds.end()
		if !l.drainingShown {
			l.drainingShown = true
			l.burst.announce(drainingText(e))
		}
		l.burst.add("  "+string(e.Verb)+" ", e.Step, "")
	case apply.Pausing:
		l.folds.end()
		fmt.Fprintln(l.out, l.state.pauses[len(l.state.pauses)-1])
	default:
		if e.Step.Blocked != nil { // the plan shows it
			return
		}
		l.lastOutput = now
		if text := failedBuildLines(l.style, e, f); text != "" && !l.streamLogs {
			l.folds.begin(e.Step)
			fmt.Fprint(l.out, text)
		}
		l.folds.end()
		fmt.Fprintln(l.out, resultLine(l.style, e))
	}
}

// uploadInterval is the time between two lines about an upload.
const uploadInterval = 10 * time.Second

// showUpload prints how far an upload has come: at its start, and from time to time.
func (l *plainProgress) showUpload(e apply.Event, f *activeStep, now time.Time) {
	if f == nil || f.upload == "" || now.Sub(f.uploadShown) < uploadInterval {
		return
	}
	f.uploadShown, l.lastOutput = now, now
	l.folds.end()
	fmt.Fprintf(l.out, "  %s %s\n", e.Step.Address, f.upload)
}

// isHookLog reports whether a hook wrote a line. These lines are always printed:
// the user wrote the hook.
func isHookLog(e apply.Event) bool { return e.Phase == apply.Logged && e.Verb == plan.DoHook }

// stopped shows a step that was not done since the run or a step before it ended. Many do
// so at once.
func (l *plainProgress) stopped(e apply.Event, now time.Time) {
	l.state.addEvent(e, now)
	if e.Step.Blocked != nil { // the plan shows it
		return
	}
	l.lastOutput = now
	l.folds.end()
	before, after := resultLineParts(l.style, e)
	l.burst.add(before, e.Step, after)
}

func (l *plainProgress) rateLimited(wait time.Duration, now time.Time) {
	l.burst.flush(l.out)
	l.lastOutput = now
	l.folds.end()
	fmt.Fprintln(l.out, RateLimitNotice(wait))
}

func (l *plainProgress) tick(now time.Time) {
	l.burst.flush(l.out)
	if now.Sub(l.lastOutput) < heartbeatInterval || l.state.remaining() == 0 {
		return
	}
	l.lastOutput = now
	l.folds.end()
	fmt.Fprintln(l.out, l.state.heartbeat(now))
}

func (l *plainProgress) close() {
	l.burst.flush(l.out)
	l.folds.end()
}

func (r rolloutPause) String() string { return fmt.Sprintf("%s waits for %s", r.group, r.text) }

// heartbeat returns a line about the running steps.
func (c *progressState) heartbeat(now time.Time) string {
	const most = 3
	list := c.inFlight()
	text := fmt.Sprintf("%s of %s done", plan.FormatInt(c.counts[apply.Done]), plan.FormatInt(c.total))
	for _, o := range render.NotDoneOutcomes {
		if n := c.counts[o]; n > 0 {
			text += fmt.Sprintf(", %s %s", plan.FormatInt(n), o)
		}
	}
	text += fmt.Sprintf(", %s in flight", plan.FormatInt(len(list)))
	var names []string
	for _, f := range list {
		name := fmt.Sprintf("%s %s for %s", f.address, f.verb, formatSeconds(now.Sub(f.start)))
		if f.upload != "" {
			name += " (" + f.upload + ")"
		}
		names = append(names, name)
	}
	if len(names) > 0 {
		text += ": " + plan.JoinFirst(names, most)
	}
	for _, r := range c.pauses {
		text += "; " + r.String()
	}
	return text
}

// resultLines returns the line of a step that ended. With logs, the end of the log of a
// failed build comes first.
func resultLines(s term.Style, e apply.Event, f *activeStep, logs bool) string {
	text := resultLine(s, e) + "\n"
	if logs {
		text = failedBuildLines(s, e, f) + text
	}
	return text
}

// failedBuildLines returns the end of the log of a failed build. If the event has none,
// these are the last lines that arrived.
func failedBuildLines(s term.Style, e apply.Event, f *activeStep) string {
	lines := e.BuildLog
	switch {
	case e.Phase != apply.Failed:
		return ""
	case len(lines) == 0 && f != nil:
		lines = f.log
	}
	var b strings.Builder
	for _, text := range lines {
		b.WriteString(prefixedLogLine(s, e.Step, term.LogLine(text)) + "\n")
	}
	return b.String()
}

// prefixedLogLine returns a line of a log with the address of its step.
func prefixedLogLine(s term.Style, step *plan.Step, text string) string {
	return s.Faint(step.Address.String()+" |") + " " + text
}

// resultLine returns the line of a step that ended.
func resultLine(s term.Style, e apply.Event) string {
	address := e.Step.Address.String()
	if e.Phase == apply.Done {
		return fmt.Sprintf("%s %s %s %s", s.PaintAction(e.Step.Action, string(rune(e.Step.Action))), address, e.Step.Action.PastTense(), s.Faint("("+render.FormatDuration(e.Duration)+")"))
	}
	before, after := resultLineParts(s, e)
	return before + address + after
}

// resultLineParts returns the line of a step that was not done, without its address.
func resultLineParts(s term.Style, e apply.Event) (before, after string) {
	reason, _, _ := strings.Cut(term.CleanLines(steps.OutcomeReason(e.Phase, e.Err)), "\n")
	return s.Bad("x "+string(e.Phase)) + " ", ": " + strings.TrimSuffix(reason, ":")
}

// drainingText announces the end of a run.
func drainingText(e apply.Event) string {
	text := "Stopping: no more steps are started; waiting for running steps."
	if errors.Is(e.Err, apply.ErrStopped) {
		text += " Press Ctrl-C again to exit at once."
	}
	return text
}
