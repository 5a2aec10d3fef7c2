package notify

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fleet/client"
	"fleet/internal/journal"
)

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
	for _, want := range []string{`a.example: 204 hello\x1b[31m: delivered`, `a.example#2: 204 hello\x1b[31m: delivered`} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in %s", want, got)
		}
	}
	if len(r.got) != 2 || !strings.Contains(r.got[0].body, `"type":"test"`) {
		t.Errorf("sent %v", r.bodies())
	}
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		answer Answer
		want   string
	}{
		{Answer{Endpoint: "a.example", Status: 204}, "a.example: 204: delivered"},
		{Answer{Endpoint: "a.example", Status: 200, Text: "ok"}, "a.example: 200 ok: delivered"},
		{Answer{Endpoint: "a.example", Status: 404, Text: "no hook", Err: errors.New("it answered 404")}, "a.example: 404 no hook: it answered 404"},
		{Answer{Endpoint: "a.example", Err: errors.New("no answer: timed out")}, "a.example: no answer: timed out"},
	} {
		if got := test.answer.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
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

// Webhooks reach servers with the certificates of the connection to Daytona.
func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer server.Close()
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, test := range map[string]struct {
		config client.Config
		works  bool
	}{"trusted": {client.Config{CAFile: "ca.pem", CA: trusted}, true}, "unknown": {client.Config{}, false}} {
		network, err := test.config.Network()
		if err != nil {
			t.Fatal(err)
		}
		w, err := NewWebhooks(WebhookOptions{URLs: []string{server.URL}, Secrets: testSecrets(t, testSecret), Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		if a := w.Test(t.Context(), journal.Head{}); (a[0].Err == nil) != test.works {
			t.Errorf("%s: %+v", name, a[0])
		}
		network.CloseIdleConnections()
	}
}
