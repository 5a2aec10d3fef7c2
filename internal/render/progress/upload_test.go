package progress

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
	"fleet/plan"
)

// sending returns the event of an upload.
func sending(s *plan.Step, sent, total int64, rate float64) apply.Event {
	return apply.Event{Phase: apply.Uploading, Step: s, Verb: plan.DoCreate, Upload: apply.Upload{Sent: sent, Total: total, Rate: rate}}
}

func TestUploadText(t *testing.T) {
	for _, c := range []struct {
		u    apply.Upload
		want string
	}{
		{apply.Upload{Sent: 12_300_000, Total: 200_000_000, Rate: 8_100_000}, "uploading 12.3 of 200 MB, 8.1 MB/s"},
		{apply.Upload{Total: 999}, "uploading 0 of 999 bytes"},
		{apply.Upload{Sent: 512, Total: 1536, Rate: 0.4}, "uploading 0.5 of 1.5 kB, 0.4 bytes/s"},
		{apply.Upload{Sent: 1, Total: 5_000_000_000, Rate: 1000}, "uploading 0 of 5 GB, 1 kB/s"},
	} {
		same(t, "text", uploadText(c.u), c.want)
	}
}

// TestUploadLines checks that lines show an upload at its start and from time to time, and
// that the heartbeat does.
func TestUploadLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		base := step("base", plan.Create)
		p := New(&b, Options{Total: 1})
		p.Event(working(base, plan.DoCreate))
		for i := range int64(21) {
			p.Event(sending(base, i*1_000_000, 20_000_000, 1_000_000))
			time.Sleep(time.Second)
		}
		p.Event(apply.Event{Phase: apply.Logged, Step: base, Verb: plan.DoCreate, Text: "Step 1/1"})
		time.Sleep(heartbeatInterval)
		p.Event(ended(base, apply.Done, nil))
		p.Close()
		if n := strings.Count(b.String(), "uploading"); n != 2 || !strings.HasPrefix(b.String(), "  sandbox.base uploading 0 of 20 MB, 1 MB/s\n  sandbox.base uploading 10 of 20 MB, 1 MB/s\n") {
			t.Errorf("%d lines:\n%s", n, b.String())
		}
	})
}

// TestUploadHeartbeat checks that the line about running steps shows an upload that makes
// no progress.
func TestUploadHeartbeat(t *testing.T) {
	c := newProgressState(1, time.Time{})
	base := step("base", plan.Create)
	c.addEvent(working(base, plan.DoCreate), time.Time{})
	c.addEvent(sending(base, 5, 10, 0), time.Time{})
	if text := c.heartbeat(time.Time{}); !strings.HasSuffix(text, "sandbox.base create for 0s (uploading 5 of 10 bytes)") {
		t.Error(text)
	}
}

// TestLiveUpload checks that the row of a step shows its upload, if there is room.
func TestLiveUpload(t *testing.T) {
	l := newLiveProgress(io.Discard, Options{Total: 1}, time.Time{})
	base := step("base", plan.Create)
	l.event(working(base, plan.DoCreate), time.Time{})
	l.event(sending(base, 5, 10, 1), time.Time{})
	row := func(columns int) string { return l.view(columns, 24, time.Time{})[1].text.String() }
	if !strings.HasSuffix(row(100), "uploading 5 of 10 bytes, 1 bytes/s") || strings.Contains(row(79), "uploading") {
		t.Errorf("%q, %q", row(100), row(79))
	}
	l.event(sending(base, 10, 10, 1), time.Time{})
	if strings.Contains(row(100), "uploading") {
		t.Errorf("%q after the upload", row(100))
	}
}

// TestFolds checks that the log of each build is a group of its own, and that no other line
// is in one.
func TestFolds(t *testing.T) {
	var b strings.Builder
	a, c := step("a", plan.Create), step("c", plan.Create)
	logged := func(s *plan.Step, text string) apply.Event {
		return apply.Event{Phase: apply.Logged, Step: s, Verb: plan.DoCreate, Text: text}
	}
	p := New(&b, Options{Total: 2, Logs: true, Commands: func() io.Writer { return &b }})
	for _, e := range []apply.Event{
		working(a, plan.DoCreate), working(c, plan.DoCreate),
		logged(a, "1"), logged(a, "2"), logged(c, "1"), logged(a, "3"), ended(a, apply.Done, nil), logged(c, "2"),
	} {
		p.Event(e)
	}
	p.Close()
	group := func(key string, lines ...string) string {
		return fmt.Sprintf("::group::build log of sandbox.%s\nsandbox.%s | %s\n::endgroup::\n", key, key, strings.Join(lines, "\nsandbox."+key+" | "))
	}
	same(t, "lines", b.String(), group("a", "1", "2")+group("c", "1")+group("a", "3")+"+ sandbox.a created (1.5s)\n"+group("c", "2"))
}

// TestLiveLogs checks that all lines of logs stay above the view on request.
func TestLiveLogs(t *testing.T) {
	l := newLiveProgress(io.Discard, Options{Total: 1, Logs: true, Style: term.Style{}}, time.Time{})
	a := step("a", plan.Create)
	for i := range 3 {
		l.event(apply.Event{Phase: apply.Logged, Step: a, Verb: plan.DoCreate, Text: fmt.Sprint(i)}, time.Time{})
	}
	failed := ended(a, apply.Failed, nil)
	failed.BuildLog = []string{"0", "1", "2"}
	l.event(failed, time.Time{})
	same(t, "lines", l.pendingLines.String(), "sandbox.a | 0\nsandbox.a | 1\nsandbox.a | 2\nx failed sandbox.a: unknown reason\n")
}
