package notify

import (
	"strings"
	"time"
	"unicode"

	"fleet/internal/journal"
)

// A filter selects what is worth a notification, once: passes that changed something,
// failed or found drift that they only report, plans that need approval, alarms and
// their end.
type filter struct {
	head   journal.Head
	seen   uint64                   // events up to this number are known
	passes int                      // number of the last pass that is known
	alarms map[string]journal.Alarm // that were sent and last

	failure  string // reason of the last pass, if it failed; "" if it did not
	waiting  string // digest of the plan that waits for approval
	observed string // digest of the plan that was last only reported
}

func newFilter(head journal.Head) *filter {
	return &filter{head: head, alarms: map[string]journal.Alarm{}}
}

// take returns the notifications of events.
func (f *filter) take(events []journal.Event) (list []Notification) {
	for _, e := range events {
		if e.Seq > f.seen {
			f.seen = e.Seq
			list = append(list, f.one(e)...)
		}
	}
	return list
}

// catchUp returns the notifications that a state stands for after events were lost.
func (f *filter) catchUp(s journal.State, now time.Time) (list []Notification) {
	for _, p := range s.Passes {
		if !p.End.IsZero() && p.Outcome != journal.Skipped {
			list = append(list, f.pass(p)...)
		}
	}
	lasting := map[string]bool{}
	for _, a := range s.Alarms {
		lasting[a.Name] = true
		list = append(list, f.raised(a)...)
	}
	for name, a := range f.alarms {
		if !lasting[name] {
			a.Until = now
			list = append(list, f.cleared(a)...)
		}
	}
	if p := s.Plan; p != nil && p.NeedsApproval != "" && !p.Approved {
		list = append(list, f.approval(p, p.Time)...)
	} else {
		f.waiting = ""
	}
	f.seen = s.Seq
	return list
}

// one returns the notifications of an event, which are none or one.
func (f *filter) one(e journal.Event) []Notification {
	switch e.Kind {
	case journal.PassPlanned:
		if e.Plan == nil || e.Plan.NeedsApproval == "" || e.Plan.Approved {
			f.waiting = ""
		}
	case journal.PlanApproved:
		f.waiting = ""
	case journal.PassEnded:
		return f.pass(*e.Pass)
	case journal.AlarmRaised:
		return f.raised(*e.Alarm)
	case journal.AlarmCleared:
		return f.cleared(*e.Alarm)
	case journal.ApprovalNeeded:
		return f.approval(e.Plan, e.Time)
	}
	return nil
}

// pass returns the notification of a pass that ended, if it is worth one.
func (f *filter) pass(p journal.Pass) []Notification {
	if p.Number <= f.passes {
		return nil
	}
	f.passes = p.Number
	failure := ""
	if p.Outcome == journal.Failed {
		failure = "failed " + withoutDigits(p.Reason)
	}
	recovered, again := failure == "" && f.failure != "", failure != "" && failure == f.failure
	f.failure = failure
	drifted := p.Outcome == journal.Observed && p.Digest != f.observed
	if f.observed = ""; p.Outcome == journal.Observed {
		f.observed = p.Digest
	}
	if p.Done > 0 || p.Outcome == journal.Changed || failure != "" && !again || recovered || drifted {
		return []Notification{ofPass(f.head, p, recovered)}
	}
	return nil
}

// raised returns the notification of an alarm, unless it was sent and lasts. If its end
// was lost and it was raised again, it is over first.
func (f *filter) raised(a journal.Alarm) (list []Notification) {
	if sent, lasts := f.alarms[a.Name]; lasts {
		if sent.Since.Equal(a.Since) {
			return nil
		}
		sent.Until = a.Since
		list = f.cleared(sent)
	}
	f.alarms[a.Name] = a
	return append(list, ofAlarm(f.head, a))
}

// cleared returns the notification of the end of an alarm that was sent.
func (f *filter) cleared(a journal.Alarm) []Notification {
	if _, sent := f.alarms[a.Name]; !sent {
		return nil
	}
	delete(f.alarms, a.Name)
	return []Notification{ofAlarm(f.head, a)}
}

// approval returns the notification of a plan that waits, unless it waits already.
func (f *filter) approval(p *journal.Plan, at time.Time) []Notification {
	if p.Digest == f.waiting {
		return nil
	}
	f.waiting = p.Digest
	return []Notification{ofPlan(f.head, *p, at)}
}

// withoutDigits returns a text without its digits: times, counts and ids change from
// pass to pass while the reason stays.
func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}
