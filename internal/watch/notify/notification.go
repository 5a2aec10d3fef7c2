package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"fleet/internal/journal"
)

// The types of notifications. Programs that receive them know these texts.
const (
	TypePass     = "pass.ended"
	TypeApproval = "approval.needed"
	TypeRaised   = "alarm.raised"
	TypeCleared  = "alarm.cleared"
	TypeTest     = "test"
)

// maxText bounds texts of notifications, in characters.
const maxText = 500

// A Notification is what a webhook sends of an event. What receives it may be a chat that
// many read: in addition to the reasons and alarms of the journal, it holds names and
// numbers only. It does not hold the text of a plan, the server, the organization or the
// file that changed.
type Notification struct {
	ID        string    `json:"-"` // in the header webhook-id; the same in each attempt
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the event
	Data      Data      `json:"data"`
}

// Data are the details of a notification.
type Data struct {
	Text        string `json:"text"` // all of it as one sentence
	Fleet       string `json:"fleet"`
	Environment string `json:"environment,omitempty"`
	Mode        string `json:"mode,omitempty"`

	Pass  *Pass  `json:"pass,omitempty"`
	Plan  *Plan  `json:"plan,omitempty"`
	Alarm *Alarm `json:"alarm,omitempty"`
}

// Pass are the details of a pass.
type Pass struct {
	Number   int             `json:"number"`
	Cause    string          `json:"cause"` // kind of the cause, such as "file change"
	Outcome  journal.Outcome `json:"outcome"`
	Reason   string          `json:"reason,omitempty"`
	Revision string          `json:"revision,omitempty"`
	Digest   string          `json:"digest,omitempty"`
	Seconds  float64         `json:"seconds"`
	Drift    int             `json:"drift"`
	Done     int             `json:"done"`
	Failed   int             `json:"failed"`
	Blocked  int             `json:"blocked"`
	Requests int             `json:"requests"`
}

// Plan are the details of a plan that needs approval.
type Plan struct {
	Digest  string         `json:"digest"`
	Reason  string         `json:"reason"`
	Actions map[string]int `json:"actions,omitempty"` // number of steps by action
}

// Alarm are the details of an alarm.
type Alarm struct {
	Name  string    `json:"name"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero while it lasts
}

// newNotification returns a notification of a watch. key identifies the event among
// those of the type and the watch.
func newNotification(head journal.Head, kind, key string, at time.Time, data Data) Notification {
	data.Fleet, data.Environment, data.Mode = head.Fleet, head.Environment, head.Mode
	name := head.Fleet
	if head.Environment != "" {
		name += " (" + head.Environment + ")"
	}
	data.Text = name + ": " + data.Text
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []string{
		head.Fleet, head.Environment, head.Server, head.Organization, head.Started.UTC().String(), kind, key,
	}))
	return Notification{ID: "msg_" + hex.EncodeToString(sum[:16]), Type: kind, Timestamp: at.UTC(), Data: data}
}

// ofPass returns the notification of a pass that ended. recovered means that it is the
// first good one after failures.
func ofPass(head journal.Head, p journal.Pass, recovered bool) Notification {
	kind, _, _ := strings.Cut(p.Cause, ":")
	d := Pass{
		Number: p.Number, Cause: cut(kind), Outcome: p.Outcome, Reason: cut(p.Reason), Revision: p.Revision, Digest: p.Digest,
		Seconds: p.End.Sub(p.Start).Seconds(), Drift: p.Drift, Done: p.Done, Failed: p.Failed, Blocked: p.Blocked, Requests: p.Requests,
	}
	return newNotification(head, TypePass, fmt.Sprint(p.Number), p.End, Data{Text: passText(d, recovered), Pass: &d})
}

// passText returns a pass as a sentence.
func passText(p Pass, recovered bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pass %d (%s): %s", p.Number, p.Cause, p.Outcome)
	if p.Reason != "" {
		b.WriteString(": " + p.Reason)
	}
	for _, count := range []struct {
		n    int
		word string
	}{{p.Done, "done"}, {p.Failed, "failed"}, {p.Blocked, "blocked"}} {
		if count.n > 0 {
			fmt.Fprintf(&b, ", %d %s", count.n, count.word)
		}
	}
	if recovered {
		b.WriteString("; it works again")
	}
	return b.String()
}

// ofPlan returns the notification of a plan that waits since a time.
func ofPlan(head journal.Head, p journal.Plan, since time.Time) Notification {
	d := Plan{Digest: p.Digest, Reason: cut(p.NeedsApproval), Actions: map[string]int{}}
	for _, s := range p.Steps {
		d.Actions[s.Action]++
	}
	text := fmt.Sprintf("the plan %s waits for approval: %s", p.Digest, d.Reason)
	return newNotification(head, TypeApproval, p.Digest+" "+since.UTC().String(), since, Data{Text: text, Plan: &d})
}

// ofAlarm returns the notification of an alarm that was raised, or is over.
func ofAlarm(head journal.Head, a journal.Alarm) Notification {
	d := Alarm{Name: cut(a.Name), Text: cut(a.Text), Since: a.Since.UTC()}
	kind, at, text := TypeRaised, a.Since, fmt.Sprintf("%s: %s", d.Name, d.Text)
	if !a.Until.IsZero() {
		d.Until = a.Until.UTC()
		kind, at, text = TypeCleared, a.Until, fmt.Sprintf("%s is over after %s", d.Name, a.Until.Sub(a.Since).Round(time.Second))
	}
	return newNotification(head, kind, a.Name+" "+a.Since.UTC().String(), at, Data{Text: text, Alarm: &d})
}

// ofTest returns a notification that tests a webhook.
func ofTest(head journal.Head, at time.Time) Notification {
	return newNotification(head, TypeTest, at.UTC().String(), at, Data{Text: "this is a test of the webhook"})
}

// cut returns the beginning of a text.
func cut(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText-3]) + "..."
	}
	return s
}
