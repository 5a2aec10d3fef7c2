package notify

import (
	"context"
	"fmt"
	"net/http"
	"strings"
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
		time.Sleep(12 * time.Hour) // until all that waits was tried and given up
		if stats := s.webhooks.Stats()[0]; stats.Queued != 0 || stats.Failed != 11*maxAttempts {
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
