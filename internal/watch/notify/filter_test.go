package notify

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/journal"
)

// notified returns the types and outcomes of the notifications that a watch leads to.
func notified(j *journal.Journal) string {
	events, _, _ := j.Since(0)
	return summary(newFilter(j.State().Head).take(events))
}

func summary(list []Notification) string {
	var words []string
	for _, n := range list {
		word := n.Type
		if n.Data.Pass != nil {
			word = string(n.Data.Pass.Outcome)
		} else if n.Data.Alarm != nil {
			word += " " + n.Data.Alarm.Name
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func waiting(j *journal.Journal, digest string) {
	j.Begin("interval", "")
	j.Planned(&journal.Plan{Digest: digest, Time: time.Unix(int64(j.State().Seq), 500), NeedsApproval: "3 deletions", Text: "private plan"}, func(*journal.Pass) {})
	j.End(func(p *journal.Pass) { p.Outcome = journal.Waiting })
}

func observed(j *journal.Journal, digest string) {
	j.Begin("interval", "")
	j.End(func(p *journal.Pass) { p.Outcome, p.Digest, p.Drift = journal.Observed, digest, 1 })
}

func TestWhatIsNotified(t *testing.T) {
	for want, happen := range map[string]func(*journal.Journal){
		"": func(j *journal.Journal) {
			pass(j, journal.InSync, "", 0)
			j.Skip("interval", "paused")
			j.Step(journal.Step{Address: "sandbox.a", Action: "create", Phase: "done"})
			j.SetObjects([]journal.Object{{Address: "sandbox.a"}})
			j.SetPaused("", true, "page")
			j.Clear("nothing")
		},
		"changed, changed": func(j *journal.Journal) {
			pass(j, journal.Changed, "", 1)
			pass(j, journal.InSync, "", 0)
			pass(j, journal.Changed, "", 1)
		},
		"waiting": func(j *journal.Journal) { pass(j, journal.Waiting, "approval", 2) }, // it changed something
		"failed, failed, in sync": func(j *journal.Journal) {
			pass(j, journal.Failed, "503 after 10.2s", 0)
			pass(j, journal.Failed, "503 after 30.9s", 0)
			j.Skip("interval", "back-off")
			pass(j, journal.Failed, "the key was revoked", 0)
			pass(j, journal.InSync, "", 0)
			pass(j, journal.InSync, "", 0)
		},
		"failed, changed, failed": func(j *journal.Journal) {
			pass(j, journal.Failed, "", 0)
			pass(j, journal.Changed, "", 1)
			pass(j, journal.Failed, "", 0)
		},
		"approval.needed, approval.needed, approval.needed": func(j *journal.Journal) {
			waiting(j, "d1")
			waiting(j, "d1")
			waiting(j, "d2")
			j.Approved("d2", "page")
			pass(j, journal.InSync, "", 0)
			waiting(j, "d2")
		},
		"observed, observed, observed": func(j *journal.Journal) {
			observed(j, "d1")
			observed(j, "d1")
			observed(j, "d2")
			pass(j, journal.InSync, "", 0)
			observed(j, "d2")
		},
		"alarm.raised a, alarm.raised b, alarm.cleared a, alarm.raised a": func(j *journal.Journal) {
			j.Raise("a", "one")
			j.Raise("a", "two")
			j.Raise("b", "one")
			j.Clear("a")
			j.Raise("a", "one")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			j := newJournal()
			if happen(j); notified(j) != want {
				t.Errorf("got %q, want %q", notified(j), want)
			}
		})
	}
}

// The same event has the same id for each reader, and another one has another.
func TestIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		for range 3 {
			pass(j, journal.Changed, "", 1)
			j.Raise("a", "x")
			time.Sleep(time.Minute)
			j.Clear("a")
			waiting(j, "d1")
			pass(j, journal.InSync, "", 0)
			j.Approved("d1", "page")
		}
		events, _, _ := j.Since(0)
		first, again := newFilter(j.State().Head).take(events), newFilter(j.State().Head).take(events)
		ids := map[string]bool{}
		for i, n := range first {
			ids[n.ID] = true
			if n.ID != again[i].ID {
				t.Errorf("%s has two ids", n.Type)
			}
		}
		if len(first) != 12 || len(ids) != 12 {
			t.Errorf("%d notifications, %d ids", len(first), len(ids))
		}
	})
}

// A reader that is behind finds the rest in the state, and repeats nothing.
func TestCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		f := newFilter(j.State().Head)
		j.Raise("before", "x")
		pass(j, journal.Changed, "", 1)
		events, _, _ := j.Since(0)
		f.take(events)
		j.Clear("before")
		j.Raise("now", "x")
		pass(j, journal.Changed, "", 1)
		j.Skip("interval", "paused")
		waiting(j, "d1")
		for range 5000 {
			j.Step(journal.Step{})
		}
		got := f.catchUp(j.State(), time.Now())
		if want := "changed, alarm.raised now, alarm.cleared before, approval.needed"; summary(got) != want {
			t.Errorf("got %q, want %q", summary(got), want)
		}
		left, _, _ := j.Since(0)
		waiting(j, "d1")
		more, _, _ := j.Since(left[len(left)-1].Seq)
		if rest := f.take(append(left, more...)); len(rest) != 0 {
			t.Errorf("repeated: %s", summary(rest))
		}
	})
}

// No notification holds what is private, in either form.
func TestPrivateDetails(t *testing.T) {
	slack, err := LoadTemplate(t.Context(), SlackTemplate)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		pass(j, journal.Changed, "", 1)
		waiting(j, "d1")
		j.Raise("a", strings.Repeat("long ", 10_000))
		events, _, _ := j.Since(0)
		for _, n := range newFilter(j.State().Head).take(events) {
			for _, template := range []*Template{nil, slack} {
				body, mediaType, err := template.payload(n)
				if err != nil || mediaType != "application/json" {
					t.Errorf("%s, %v", mediaType, err)
				}
				if strings.Contains(string(body), "private") || len(body) > 4*maxText {
					t.Errorf("got %s", body)
				}
			}
		}
	})
}

func TestTemplates(t *testing.T) {
	n := ofAlarm(journal.Head{Fleet: "shop"}, journal.Alarm{Name: "a", Text: `<!channel> "x" & y`, Since: time.Unix(0, 0)})
	for text, want := range map[string]string{
		slackTemplate:                     `application/json {"text": "shop: a: \u0026lt;!channel\u0026gt; \"x\" \u0026amp; y"}`,
		`{{.Type}} {{.Data.Fleet}}`:       "text/plain; charset=utf-8 alarm.raised shop",
		`{{json .Data.Alarm.Name}}`:       "",
		`{{with .Data.Alarm}}x{{end}}`:    "text/plain; charset=utf-8 x",
		`{{range 9000000}}xxxxx{{end}}`:   "",
		`{{.NoSuchField}}`:                "",
		`{{`:                              "",
		`{"x": {{json .Data.Alarm}}, "`:   "text/plain; charset=utf-8 " + `{"x": {"name":"a","text":"\u003c!channel\u003e \"x\" \u0026 y","since":"1970-01-01T00:00:00Z"}, "`,
		`{{call .Data.Text}}`:             "",
		`{{.Timestamp.Unix}} {{.ID|len}}`: "text/plain; charset=utf-8 0 36",
	} {
		template, err := ParseTemplate("file", text)
		if (err != nil) != (want == "") {
			t.Errorf("%s: %v", text, err)
		}
		if err != nil {
			continue
		}
		body, mediaType, err := template.payload(n)
		if got := fmt.Sprintf("%s %s", mediaType, body); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
}
