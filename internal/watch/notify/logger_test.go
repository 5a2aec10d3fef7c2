package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/journal"
)

// logged returns the log of a journal so far.
func logged(t *testing.T, j *journal.Journal, format string) string {
	t.Helper()
	var b bytes.Buffer
	h, err := NewLogHandler(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	Log(ctx, j, h)
	return b.String()
}

// An interval pass that heals has a time and a line, quiet ones have none, and after an
// outage or a wrong spec a line reports its end.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		run := func(cause string, outcome journal.Outcome, change func(*journal.Pass)) {
			j.Begin(cause, "abc123")
			time.Sleep(2 * time.Second)
			j.End(func(p *journal.Pass) {
				p.Outcome, p.Requests = outcome, 7
				change(p)
			})
		}
		none := func(*journal.Pass) {}
		run("interval", journal.InSync, none)
		run("interval", journal.Changed, func(p *journal.Pass) { p.Drift, p.Done = 2, 2 })
		run("interval", journal.Failed, func(p *journal.Pass) { p.Reason = "503\nforged=line" })
		j.Raise("api-down", "no answer after 1 attempt")
		j.Raise("api-down", "no answer after 2 attempt")
		time.Sleep(time.Minute)
		j.Clear("api-down")
		run("interval", journal.InSync, none)
		run("interval", journal.InSync, none)
		j.Skip("interval", "paused")
		j.Skip("interval", "paused")
		waiting(j, "d1")
		waiting(j, "d1")
		j.Approved("d1", "page")
		j.SetPaused("", true, "page")
		want := strings.TrimLeft(`
time=2000-01-01T00:00:04.000Z level=INFO msg="pass: changed" pass=2 cause=interval duration=2s requests=7 drift=2 done=2 revision=abc123
time=2000-01-01T00:00:06.000Z level=ERROR msg="pass: failed" pass=3 cause=interval duration=2s requests=7 revision=abc123 reason="503\nforged=line"
time=2000-01-01T00:00:06.000Z level=WARN msg="alarm raised" alarm=api-down text="no answer after 1 attempt"
time=2000-01-01T00:01:06.000Z level=INFO msg="alarm over" alarm=api-down text="no answer after 2 attempt" lasted=1m0s
time=2000-01-01T00:01:08.000Z level=INFO msg="pass: in sync, well again" pass=4 cause=interval duration=2s requests=7 revision=abc123
time=2000-01-01T00:01:10.000Z level=INFO msg="pass: skipped" pass=6 cause=interval reason=paused
time=2000-01-01T00:01:10.000Z level=WARN msg="plan waits for approval" digest=d1 reason="3 deletions"
time=2000-01-01T00:01:10.000Z level=WARN msg="pass: waiting" pass=8 cause=interval duration=0s requests=0
time=2000-01-01T00:01:10.000Z level=INFO msg="plan approved" digest=d1 by=page
time=2000-01-01T00:01:10.000Z level=INFO msg=paused address="the whole fleet" by=page
`, "\n")
		if got := logged(t, j, "text"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		for line := range strings.Lines(logged(t, j, "json")) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["time"] == nil || fields["level"] == nil {
				t.Errorf("got %s, %v", line, err)
			}
		}
	})
}

func TestLogFormats(t *testing.T) {
	for format, valid := range map[string]bool{"text": true, "json": true, "": false, "JSON": false, "xml": false} {
		if _, err := NewLogHandler(nil, format); (err == nil) != valid {
			t.Errorf("%q: %v", format, err)
		}
	}
}
