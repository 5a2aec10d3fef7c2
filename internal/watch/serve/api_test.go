package serve

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fleet/internal/journal"
)

const asJSON = "Content-Type: application/json"

// TestWrites checks what each request to change something asks of the watch, and what
// wrong ones are answered.
func TestWrites(t *testing.T) {
	c := &controls{}
	h := handlerOf(t, options(newJournal(), c))
	digest := "sha256:" + strings.Repeat("a", 64)
	for _, x := range []struct {
		path, body string
		headers    []string
		want       int
		asked      string // of the controls
	}{
		{"/api/reconcile", `{}`, []string{asJSON}, 202, "reconcile command"},
		{"/api/reconcile", `{}`, []string{"Content-Type: application/json; charset=utf-8", "Origin: http://127.0.0.1:7777"}, 202, "reconcile page"},
		{"/api/approve", `{"digest":"` + digest + `"}`, []string{asJSON}, 202, "approve " + digest + " command"},
		{"/api/pause", `{"address":"sandbox.web"}`, []string{asJSON}, 202, "pause sandbox.web command"},
		{"/api/pause", `{"address":""}`, []string{asJSON}, 202, "pause  command"},
		{"/api/resume", `{"address":"sandbox.web"}`, []string{asJSON, "Sec-Fetch-Site: same-origin"}, 202, "resume sandbox.web page"},

		{"/api/reconcile", `{}`, nil, 415, ""},
		{"/api/reconcile", `{}`, []string{"Content-Type: text/plain"}, 415, ""},
		{"/api/reconcile", `x=1`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, ""},
		{"/api/reconcile", `{}`, []string{"Content-Type: text/plain; application/json"}, 415, ""},
		{"/api/reconcile", ``, []string{asJSON}, 400, ""},
		{"/api/reconcile", `{} {}`, []string{asJSON}, 400, ""},
		{"/api/reconcile", `{"digest":"x"}`, []string{asJSON}, 400, ""},
		{"/api/approve", `{}`, []string{asJSON}, 400, ""},
		{"/api/approve", `{"digest":""}`, []string{asJSON}, 400, ""},
		{"/api/approve", `{"digest":null}`, []string{asJSON}, 400, ""},
		{"/api/approve", `{"digest":1}`, []string{asJSON}, 400, ""},
		{"/api/approve", `{"digest":"` + digest, []string{asJSON}, 400, ""},
		{"/api/approve", `{"digest":"` + digest + `","force":true}`, []string{asJSON}, 400, ""},
		{"/api/pause", `{}`, []string{asJSON}, 400, ""},
		{"/api/pause", `{"address":null}`, []string{asJSON}, 400, ""},
		{"/api/pause", `{"address":"` + strings.Repeat("a", maxBody) + `"}`, []string{asJSON}, 413, ""},
		{"/api/unknown", `{}`, []string{asJSON}, 404, ""},
		{"/api/state", `{}`, []string{asJSON}, 405, ""},
	} {
		response, body := respond(h, request("POST", x.path, x.body, x.headers...))
		if asked := c.take(); response.StatusCode != x.want || asked != x.asked {
			t.Errorf("%s %.60s %q: %d %q, want %d %q", x.path, x.body, x.headers, response.StatusCode, asked, x.want, x.asked)
		}
		var p Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || (p.Error == "") != (x.want == 202) {
			t.Errorf("%s %.60s: the response is %s (%v)", x.path, x.body, body, err)
		}
	}
	if response, _ := respond(h, request("GET", "/api/reconcile", "")); response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "POST" || c.take() != "" {
		t.Errorf("GET /api/reconcile: %d, Allow %q", response.StatusCode, response.Header.Get("Allow"))
	}
}

// TestRefusedByWatch checks that the reasons of the watch reach the client, escaped.
func TestRefusedByWatch(t *testing.T) {
	c := &controls{err: errors.New("the plan is another one by now\x1b[31m")}
	h := handlerOf(t, options(newJournal(), c))
	for path, body := range map[string]string{"/api/approve": `{"digest":"x"}`, "/api/pause": `{"address":"sandbox.x"}`, "/api/resume": `{"address":"sandbox.x"}`} {
		want := map[bool]int{true: 409, false: 404}[path == "/api/approve"]
		response, text := respond(h, request("POST", path, body, asJSON))
		var p Problem
		if err := json.Unmarshal([]byte(text), &p); err != nil || response.StatusCode != want || !strings.HasPrefix(p.Error, "the plan is another one by now") || strings.Contains(p.Error, "\x1b") {
			t.Errorf("%s: %d %q, want %d", path, response.StatusCode, p.Error, want)
		}
	}
}

// filled returns a journal with objects.
func filled(n int) *journal.Journal {
	j := newJournal()
	j.Begin("start", "")
	var list []journal.Object
	for i := range n {
		list = append(list, journal.Object{Address: fmt.Sprintf("sandbox.worker[%d]", i), Group: "sandbox.worker", Desired: "started", State: "started"})
	}
	j.SetObjects(list)
	return j
}

// TestState reads the state, compressed and not.
func TestState(t *testing.T) {
	j := filled(5000)
	h := handlerOf(t, options(j, &controls{}))
	response, plain := respond(h, request("GET", "/api/state", ""))
	var got State
	if err := json.Unmarshal([]byte(plain), &got); err != nil || len(got.Objects) != 5000 || got.Fleet != "demo" || got.Seq != 2 || got.Cursor != "2-"+runOf(got.Head) {
		t.Fatalf("%v: %d objects of %q at %d, cursor %q", err, len(got.Objects), got.Fleet, got.Seq, got.Cursor)
	}
	if response.Header.Get("Content-Type") != "application/json" || response.Header.Get("Content-Encoding") != "" {
		t.Errorf("headers: %v", response.Header)
	}
	response, packed := respond(h, request("GET", "/api/state", "", "Accept-Encoding: br;q=1, gzip"))
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil || response.Header.Get("Content-Encoding") != "gzip" || response.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("compressed: %v, %v", err, response.Header)
	}
	if readAll(z) != plain || len(packed)*5 > len(plain) {
		t.Errorf("compressed: %d bytes of %d, or another text", len(packed), len(plain))
	}
}

// TestEmptyState checks that lists are lists before the first pass.
func TestEmptyState(t *testing.T) {
	_, body := respond(handlerOf(t, options(newJournal(), &controls{})), request("GET", "/api/state", ""))
	for _, part := range []string{`"passes":[]`, `"objects":[]`, `"alarms":[]`, `"paused":[]`} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is not in %s", part, body)
		}
	}
}

// BenchmarkState reads the state of 5,000 sandboxes as a browser does.
func BenchmarkState(b *testing.B) {
	h, err := Handler(options(filled(5000), &controls{}))
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	for b.Loop() {
		_, body := respond(h, request("GET", "/api/state", "", "Accept-Encoding: gzip"))
		size = len(body)
	}
	b.ReportMetric(float64(size), "bytes")
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "GZIP": true, "deflate, gzip;q=0.5, br": true, "gzip ; q=1": true, "": false, "br": false, "gzip;q=0": false, "gzip;q=0.0": false, "gzip;q=x": false, "x-gzip": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// TestHealth checks when a watch is alive and when it is ready.
func TestHealth(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := start
	clock := func() time.Time { return now }
	var j *journal.Journal
	failed := func(p *journal.Pass) { p.Outcome = journal.Failed }
	synced := func(p *journal.Pass) { p.Outcome = journal.InSync }
	next := func(after time.Duration) { j.SetHead(func(h *journal.Head) { h.NextPass = now.Add(after) }) }
	for _, c := range []struct {
		name         string
		do           func(o *Options)
		alive, ready string // start of the response; empty for ok
	}{
		{"before the first pass", func(*Options) {}, "", "no pass has succeeded"},
		{"during the first pass", func(*Options) { j.Begin("start", ""); now = now.Add(time.Hour) }, "", "no pass has succeeded"},
		{"after a first pass that failed", func(*Options) { j.Begin("start", ""); j.End(failed); next(time.Minute) }, "", "no pass has succeeded"},
		{"after a first pass that was skipped", func(*Options) { j.Skip("start", "paused") }, "", "no pass has succeeded"},
		{"after a success", func(*Options) { j.Begin("start", ""); j.End(synced); next(time.Minute) }, "", ""},
		{"after a failure shortly after it", func(*Options) { j.Begin("start", ""); j.End(synced); j.Begin("interval", ""); j.End(failed) }, "", ""},
		{"long after a success", func(o *Options) {
			j.Begin("start", "")
			j.End(synced)
			now = now.Add(2 * time.Hour)
			o.MaxSuccessAge = time.Hour
		}, "", "the last pass that succeeded ended 2h0m0s ago"},
		{"long after a success without a limit", func(*Options) { j.Begin("start", ""); j.End(synced); now = now.Add(2000 * time.Hour) }, "", ""},
		{"with a pass that does not start", func(*Options) { j.Begin("start", ""); j.End(synced); next(0); now = now.Add(3 * time.Minute) }, "a pass is due for 3m0s", "a pass is due"},
		{"with a pass that is just due", func(*Options) { j.Begin("start", ""); j.End(synced); next(0); now = now.Add(2 * time.Minute) }, "", ""},
		{"during a long pass, although the next one is due", func(*Options) {
			j.Begin("start", "")
			j.End(synced)
			next(0)
			j.Begin("interval", "")
			now = now.Add(time.Hour)
		}, "", ""},
		{"with a loop that turns", func(o *Options) { j.Begin("start", ""); j.End(synced); o.LastTurn = clock }, "", ""},
		{"with a loop that hangs", func(o *Options) { o.LastTurn = func() time.Time { return now.Add(-time.Hour) } }, "the loop has not turned for 1h0m0s", "the loop"},
	} {
		now = start
		j = journal.New(clock, journal.Head{})
		o := options(j, &controls{})
		o.Now = clock
		c.do(&o)
		h := handlerOf(t, o)
		for path, want := range map[string]string{"/healthz": c.alive, "/readyz": c.ready} {
			status := map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[want == ""]
			response, body := respond(h, request("GET", path, ""))
			if want == "" {
				want = "ok\n"
			}
			if response.StatusCode != status || !strings.HasPrefix(body, want) {
				t.Errorf("%s: %s: %d %q, want %q", c.name, path, response.StatusCode, body, want)
			}
		}
	}
}

// TestHead checks that a request for the headers of a stream opens none.
func TestHead(t *testing.T) {
	h := handlerOf(t, options(newJournal(), &controls{}))
	for path, kind := range map[string]string{"/api/events": "text/event-stream", "/api/state": "application/json", "/healthz": "text/plain; charset=utf-8"} {
		if response, _ := respond(h, request("HEAD", path, "")); response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d, %v", path, response.StatusCode, response.Header)
		}
	}
}

// TestOptional checks what is served only on request.
func TestOptional(t *testing.T) {
	o := options(newJournal(), &controls{})
	h := handlerOf(t, o)
	o.Pprof = true
	profiling := handlerOf(t, o)
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/cmdline": 200, "/metrics": 404} {
		if response, body := respond(profiling, request("GET", path, "")); response.StatusCode != want {
			t.Errorf("%s with --pprof: %d %.100s", path, response.StatusCode, body)
		}
		if response, _ := respond(h, request("GET", path, "")); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}
