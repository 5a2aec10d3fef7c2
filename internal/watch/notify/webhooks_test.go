package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"fleet/internal/journal"
)

// A scene is a watch whose webhooks go to receivers in the process.
type scene struct {
	journal  *journal.Journal
	webhooks *Webhooks
	end      func() // ends the watch, and waits for its webhooks
}

// newScene starts webhooks. It is called in a synctest bubble.
func newScene(t *testing.T, r *receiver, change func(*WebhookOptions)) *scene {
	t.Helper()
	s := &scene{journal: newJournal()}
	o := WebhookOptions{
		Journal: s.journal, URLs: []string{"https://chat.example/hook/private-path"}, Secrets: testSecrets(t, testSecret),
		Transport: r, Version: "1.2.3",
	}
	if change != nil {
		change(&o)
	}
	var err error
	if s.webhooks, err = NewWebhooks(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.webhooks.Run(ctx)
		close(ended)
	}()
	s.end = func() {
		cancel()
		<-ended
	}
	return s
}

func TestSignatureIsVerifiedByTheStandardsLibrary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		const next = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		s := newScene(t, r, func(o *WebhookOptions) { o.Secrets = testSecrets(t, testSecret+"\n"+next) })
		pass(s.journal, journal.Changed, "", 3)
		s.end()
		if len(r.got) != 1 {
			t.Fatalf("got %v", r.bodies())
		}
		for _, secret := range []string{testSecret, next} {
			verifier, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := verifier.Verify([]byte(r.got[0].body), r.got[0].header); err != nil {
				t.Errorf("%s: %v", secret, err)
			}
			if verifier.Verify([]byte(r.got[0].body+" "), r.got[0].header) == nil {
				t.Errorf("%s: another body is accepted", secret)
			}
		}
	})
}

func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{statuses: []int{503, 0, 429, 500}, header: http.Header{"Retry-After": {"100"}}}
		s := newScene(t, r, nil)
		pass(s.journal, journal.Changed, "", 1)
		start := time.Now()
		time.Sleep(time.Hour)
		synctest.Wait()
		got := r.requests()
		if len(got) != 5 {
			t.Fatalf("%d attempts", len(got))
		}
		for i, q := range got {
			if q.header.Get("Webhook-Id") != got[0].header.Get("Webhook-Id") || q.body != got[0].body {
				t.Errorf("attempt %d has another id or body", i+1)
			}
			if want := fmt.Sprint(q.at.Unix()); q.header.Get("Webhook-Timestamp") != want {
				t.Errorf("attempt %d has the time %s, want %s", i+1, q.header.Get("Webhook-Timestamp"), want)
			}
		}
		if asked := got[1].at.Sub(start); asked < 100*time.Second {
			t.Errorf("tried again after %s, before the server's Retry-After", asked)
		}
		events, _, _ := s.journal.Since(0)
		if !strings.Contains(kinds(events), "alarm.raised alarm.cleared") {
			t.Errorf("no alarm that is over: %s", kinds(events))
		}
		if stats := s.webhooks.Stats()[0]; stats != (Stats{Endpoint: "chat.example", Sent: 1, Failed: 4}) {
			t.Errorf("got %+v", stats)
		}
		s.end()
	})
}

// kinds returns the kinds of events.
func kinds(events []journal.Event) string {
	var list []string
	for _, e := range events {
		list = append(list, string(e.Kind))
	}
	return strings.Join(list, " ")
}

// What can never succeed is dropped at once, and what follows is sent.
func TestRefusals(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308, 400, 401, 403, 404, 410, 413} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{statuses: []int{status}, header: http.Header{"Location": {"https://elsewhere.example"}}}
			s := newScene(t, r, nil)
			pass(s.journal, journal.Changed, "", 1)
			synctest.Wait()
			if len(r.requests()) != 1 {
				t.Errorf("%d: %d attempts", status, len(r.requests()))
			}
			alarms := s.journal.State().Alarms
			if len(alarms) != 1 || !strings.Contains(alarms[0].Text, fmt.Sprintf("answered %d", status)) {
				t.Errorf("%d: alarms %+v", status, alarms)
			}
			pass(s.journal, journal.Changed, "", 1)
			synctest.Wait()
			if alarms := s.journal.State().Alarms; len(alarms) != 0 {
				t.Errorf("%d: the alarm lasts: %+v", status, alarms)
			}
			s.end()
			if stats := s.webhooks.Stats()[0]; stats.Sent != 1 || stats.Dropped != 1 {
				t.Errorf("%d: %+v", status, stats)
			}
		})
	}
}

// An endpoint that never answers keeps the last notifications and holds up no other.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, good := &receiver{statuses: repeat(500, 1000)}, &receiver{}
		s := newScene(t, nil, func(o *WebhookOptions) {
			o.URLs, o.Queue = []string{"https://broken.example", "https://good.example"}, 10
			o.Transport = byHost{"broken.example": broken, "good.example": good}
		})
		for range 50 {
			pass(s.journal, journal.Changed, "", 1)
			synctest.Wait()
		}
		if got := len(good.requests()); got < 50 {
			t.Errorf("the other endpoint got %d", got)
		}
		if stats := s.webhooks.Stats()[0]; stats.Queued != 10 || stats.Dropped != 39 { // one is on its way
			t.Errorf("got %+v", stats)
		}
		for _, body := range broken.bodies() {
			if strings.Contains(body, "webhook-failing broken.example") {
				t.Errorf("it was sent its own alarm: %s", body)
			}
		}
		alarms := 0
		for _, body := range good.bodies() {
			alarms += strings.Count(body, `"type":"alarm.raised"`)
		}
		if alarms != 1 {
			t.Errorf("the other one got %d alarms", alarms)
		}
		s.end()
	})
}

func repeat(status, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = status
	}
	return list
}

// byHost are round trippers by host.
type byHost map[string]http.RoundTripper

func (b byHost) RoundTrip(req *http.Request) (*http.Response, error) {
	return b[req.URL.Host].RoundTrip(req)
}

// stuck answers when the request is given up.
type stuck struct{}

func (stuck) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// The end of a watch sends what waits, and does not wait for an endpoint that hangs.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		s := newScene(t, r, nil)
		for range 5 {
			pass(s.journal, journal.Changed, "", 1)
		}
		s.end()
		if len(r.got) != 5 {
			t.Errorf("%d were sent", len(r.got))
		}
		s = newScene(t, nil, func(o *WebhookOptions) { o.Transport = stuck{} })
		pass(s.journal, journal.Changed, "", 1)
		pass(s.journal, journal.Changed, "", 1)
		start := time.Now()
		s.end()
		if took := time.Since(start); took > flushTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// A redirect is not followed: the receiver behind it would get the notification.
func TestRedirectsOnTheNetwork(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	w, err := NewWebhooks(WebhookOptions{
		Journal: newJournal(), URLs: []string{server.URL + "/private-path"}, Secrets: testSecrets(t, testSecret), Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	a := w.Test(t.Context(), journal.Head{Fleet: "shop"})
	if len(a) != 1 || a[0].Status != 307 || a[0].Err == nil || strings.Contains(fmt.Sprint(a), "private-path") || elsewhere.Load() != 0 {
		t.Errorf("got %+v, and %d requests elsewhere", a, elsewhere.Load())
	}
	server.Close()
	if a := w.Test(t.Context(), journal.Head{Fleet: "shop"}); a[0].Err == nil || strings.Contains(a[0].Err.Error(), "private-path") {
		t.Errorf("got %+v", a)
	}
}

func TestTestNotification(t *testing.T) {
	r := &receiver{}
	w, err := NewWebhooks(WebhookOptions{
		Journal: newJournal(), URLs: []string{"https://a.example/x", "https://a.example/y"}, Secrets: testSecrets(t, testSecret), Transport: r,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", w.Test(t.Context(), journal.Head{Fleet: "shop"}))
	for _, want := range []string{"Endpoint:a.example Status:204", "Endpoint:a.example#2 Status:204", `Text:hello\x1b[31m`} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in %s", want, got)
		}
	}
	if len(r.got) != 2 || !strings.Contains(r.got[0].body, `"type":"test"`) {
		t.Errorf("sent %v", r.bodies())
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://x.example/a":                "",
		"http://127.0.0.1:8080/a":            "",
		"http://[::1]/a":                     "",
		"http://localhost/a":                 "",
		"http://x.example/hidden":            `webhook 1 is plain http to another machine, "x.example": others on the network could read it; use https://`,
		"https://user:hidden@x.example":      "webhook 1 has a user or a password; put secrets into its path, or check the signature",
		"https://x.example/#hidden":          "webhook 1 has a fragment (#), which is never sent",
		"x.example/hidden":                   "webhook 1 is not an address that starts with https:// and a host",
		"https:///hidden":                    "webhook 1 is not an address that starts with https:// and a host",
		"ftp://x.example/hidden":             "webhook 1 is not an address that starts with https:// and a host",
		"https://x.example/%zzhidden":        "webhook 1 is not an address that starts with https:// and a host",
		"":                                   "webhook 1 is not an address that starts with https:// and a host",
		"http://localhost.evil.example/hide": `webhook 1 is plain http to another machine, "localhost.evil.example": others on the network could read it; use https://`,
	} {
		_, err := NewWebhooks(WebhookOptions{URLs: []string{address}, Secrets: testSecrets(t, testSecret)})
		if got := fmt.Sprint(err); got != want && (err != nil || want != "") {
			t.Errorf("%q: got %q", address, got)
		}
	}
	_, err := NewWebhooks(WebhookOptions{URLs: []string{"https://a.example", "x", "https://a.example"}})
	for _, want := range []string{"need a secret", "webhook 2 is not", "webhook 3 is there twice"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("there is no %q in %v", want, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	for text, want := range map[string]int{
		testSecret: 1, " " + testSecret + "\n": 1, testSecret + "\n" + testSecret: 2, strings.TrimPrefix(testSecret, "whsec_"): 1,
		"": 0, "whsec_": 0, "hunter2-hunter2": 0, "whsec_aHVudGVyMg==": 0, testSecret + " short": 0,
		"whsec_" + strings.Repeat("AAAA", 22): 0,
	} {
		list, err := ParseSecrets(text)
		if len(list) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, list, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", list, list, list); strings.Contains(shown, "49") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestLoadSecrets(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good, wrong := write("good", testSecret+"\n"+testSecret+"\n"), write("wrong", "hunter2")
	huge := write("huge", strings.Repeat(testSecret+"\n", 1000))
	for _, test := range []struct {
		file, text string
		want       int
		err        string // "" for none
	}{
		{"", "", 0, ""},
		{"", testSecret, 1, ""},
		{good, "ignored", 2, ""},
		{"", "hunter2", 0, "webhook secret 1 is not whsec_"},
		{wrong, "", 0, wrong + ": webhook secret 1 is not whsec_"},
		{huge, "", 0, "huge"},
		{filepath.Join(dir, "none"), testSecret, 0, "none"},
	} {
		list, err := LoadSecrets(t.Context(), test.file, test.text)
		if len(list) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%+v: %d secrets, %v", test, len(list), err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("shown: %v", err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "7": 7 * time.Second, "999999999": time.Hour, "99999999999999999999": 0, "soon": 0, "1.5": 0,
		"Sun, 29 Nov 2026 12:01:00 GMT": time.Minute, "Sun, 29 Nov 2026 11:00:00 GMT": 0, "Sun, 29 Nov 2099 11:00:00 GMT": time.Hour,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
