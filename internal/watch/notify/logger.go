package notify

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"fleet/internal/journal"
)

// NewLogHandler returns a handler that writes lines of a format, text or json, to w.
// Times are in UTC.
func NewLogHandler(w io.Writer, format string) (slog.Handler, error) {
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			a.Value = slog.TimeValue(a.Value.Time().UTC())
		}
		return a
	}}
	switch format {
	case "text":
		return slog.NewTextHandler(w, options), nil
	case "json":
		return slog.NewJSONHandler(w, options), nil
	default:
		return nil, fmt.Errorf("the log format must be text or json, not %q", format)
	}
}

// Log writes the work of a watch to a log, until ctx ends: passes that did something or
// failed, the first good pass after failures, alarms and their end, approvals and pauses.
// Passes that found nothing to do, or the same as the one before, have the level debug. The time of a record is the time
// of its event.
func Log(ctx context.Context, j *journal.Journal, h slog.Handler) {
	l := &logger{alarms: map[string]string{}, ctx: context.WithoutCancel(ctx), handler: h}
	follow(ctx, j, func(events []journal.Event, lost uint64) {
		if lost > 0 {
			l.write(events[0].Time, slog.LevelWarn, "events were lost before they were logged", slog.Uint64("lost", lost))
		}
		for _, e := range events {
			l.event(e)
		}
	})
}

// A logger is a running [Log].
type logger struct {
	ctx     context.Context
	handler slog.Handler
	failing bool              // the last pass failed
	steady  string            // result of the last pass, if it changed nothing
	skipped string            // reason of the last pass, if it was skipped
	alarms  map[string]string // texts of the alarms that last, without digits, by name
	waiting string            // digest of the plan that waits for approval
}

func (l *logger) write(at time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	if !l.handler.Enabled(l.ctx, level) {
		return
	}
	r := slog.NewRecord(at, level, message, 0)
	r.AddAttrs(attrs...)
	_ = l.handler.Handle(l.ctx, r) // a log that cannot be written has no place to report it
}

// event logs an event, if it is worth a line.
func (l *logger) event(e journal.Event) {
	switch e.Kind {
	case journal.PassEnded:
		l.pass(*e.Pass)
	case journal.PassSkipped:
		l.skip(*e.Pass)
	case journal.AlarmRaised:
		text := withoutDigits(e.Alarm.Text)
		if last, lasts := l.alarms[e.Alarm.Name]; lasts && last == text {
			return
		}
		l.alarms[e.Alarm.Name] = text
		l.write(e.Time, slog.LevelWarn, "alarm raised", slog.String("alarm", e.Alarm.Name), slog.String("text", e.Alarm.Text))
	case journal.AlarmCleared:
		delete(l.alarms, e.Alarm.Name)
		l.write(e.Time, slog.LevelInfo, "alarm over", slog.String("alarm", e.Alarm.Name), slog.String("text", e.Alarm.Text),
			slog.Duration("lasted", e.Alarm.Until.Sub(e.Alarm.Since)))
	case journal.ApprovalNeeded:
		if e.Plan.Digest != l.waiting {
			l.write(e.Time, slog.LevelWarn, "plan waits for approval", slog.String("digest", e.Plan.Digest), slog.String("reason", e.Plan.NeedsApproval))
		}
		l.waiting = e.Plan.Digest
	case journal.PlanApproved:
		l.waiting = ""
		l.write(e.Time, slog.LevelInfo, "plan approved", slog.String("digest", e.Plan.Digest), slog.String("by", e.By))
	case journal.Paused, journal.Resumed:
		address := e.Address
		if address == "" {
			address = "the whole fleet"
		}
		l.write(e.Time, slog.LevelInfo, string(e.Kind), slog.String("address", address), slog.String("by", e.By))
	}
}

// pass logs a pass that ended.
func (l *logger) pass(p journal.Pass) {
	level, message := slog.LevelInfo, "pass: "+string(p.Outcome)
	recovered := l.failing && p.Outcome != journal.Failed
	before := l.steady
	if l.steady = ""; p.Done == 0 && p.Outcome != journal.Failed {
		l.steady = string(p.Outcome) + p.Digest + p.Reason
	}
	switch {
	case p.Outcome == journal.Failed:
		level = slog.LevelError
	case recovered:
		message += ", well again"
	case l.steady != "" && l.steady == before && l.skipped == "":
		level = slog.LevelDebug
	case p.Outcome == journal.Waiting:
		level = slog.LevelWarn
	case p.Outcome == journal.InSync && p.Done == 0 && l.skipped == "":
		level = slog.LevelDebug
	}
	l.failing, l.skipped = p.Outcome == journal.Failed, ""
	l.write(p.End, level, message, passAttrs(p)...)
}

// passAttrs returns the details of a pass. Counts of zero are left out, except requests.
func passAttrs(p journal.Pass) []slog.Attr {
	list := []slog.Attr{
		slog.Int("pass", p.Number), slog.String("cause", p.Cause), slog.Duration("duration", p.End.Sub(p.Start)),
		slog.Int("requests", p.Requests),
	}
	for _, count := range []struct {
		name string
		n    int
	}{{"drift", p.Drift}, {"done", p.Done}, {"failed", p.Failed}, {"blocked", p.Blocked}, {"rate_limited", p.Limited}} {
		if count.n > 0 {
			list = append(list, slog.Int(count.name, count.n))
		}
	}
	for _, text := range []struct{ name, value string }{{"revision", p.Revision}, {"digest", p.Digest}, {"reason", p.Reason}} {
		if text.value != "" {
			list = append(list, slog.String(text.name, text.value))
		}
	}
	return list
}

// skip logs a pass that was skipped, once for a reason.
func (l *logger) skip(p journal.Pass) {
	level := slog.LevelInfo
	if p.Reason == l.skipped {
		level = slog.LevelDebug
	}
	l.skipped = p.Reason
	l.write(p.End, level, "pass: skipped", slog.Int("pass", p.Number), slog.String("cause", p.Cause), slog.String("reason", p.Reason))
}
