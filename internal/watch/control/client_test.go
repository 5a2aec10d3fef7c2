package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRemote checks which URLs are used, and that a token is not sent in the clear.
func TestRemote(t *testing.T) {
	for _, c := range []struct {
		remote Remote
		want   string // in the error; empty for none
	}{
		{Remote{URL: "http://127.0.0.1:7777", Token: "x"}, ""},
		{Remote{URL: "http://localhost:7777/", Token: "x"}, ""},
		{Remote{URL: "http://[::1]:7777", Token: "x"}, ""},
		{Remote{URL: "https://watch.example.com", Token: "x"}, ""},
		{Remote{URL: "https://example.com/watch/", Token: "x"}, ""},
		{Remote{URL: "http://watch.example.com"}, ""},
		{Remote{URL: "http://watch.example.com", Token: "x", InsecureHTTP: true}, ""},
		{Remote{URL: "http://watch.example.com", Token: "x"}, "exposes the token"},
		{Remote{URL: "http://localhost.example.com", Token: "x"}, "exposes the token"},
		{Remote{URL: "http://192.0.2.7:7777", Token: "x"}, "exposes the token"},
		{Remote{URL: "127.0.0.1:7777"}, "must be an http"},
		{Remote{URL: "watch.example.com"}, "must be an http"},
		{Remote{URL: "unix:///x"}, "must be an http"},
		{Remote{URL: "https://x:y@example.com"}, "must be an http"},
		{Remote{URL: "https://example.com?x"}, "must be an http"},
		{Remote{URL: "https://example.com#x"}, "must be an http"},
		{Remote{URL: "https://"}, "must be an http"},
		{Remote{URL: "http://[::1"}, "must be an http"},
		{Remote{}, "must be an http"},
	} {
		_, err := c.remote.Open()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "y@")) {
			t.Errorf("%+v: %v, want %q", c.remote, err, c.want)
		}
	}
}

// opened returns a client of a server that responds in one way.
func opened(t *testing.T, serve http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	c, err := Remote{URL: s.URL + "/", Token: "secret"}.Open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRequests checks the requests on the wire.
func TestRequests(t *testing.T) {
	var got string
	c := opened(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body)
		fmt.Fprint(w, `{"fleet": "demo", "new": 1}`)
	})
	ctx := t.Context()
	for want, send := range map[string]func() error{
		`POST /api/reconcile Bearer secret application/json {}`:                     func() error { return c.Reconcile(ctx) },
		`POST /api/approve Bearer secret application/json {"digest":"x"}`:           func() error { return c.Approve(ctx, "x") },
		`POST /api/pause Bearer secret application/json {"address":""}`:             func() error { return c.Pause(ctx, "") },
		`POST /api/resume Bearer secret application/json {"address":"sandbox.web"}`: func() error { return c.Resume(ctx, "sandbox.web") },
	} {
		if err := send(); err != nil || got != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	}
	if s, err := c.State(ctx); err != nil || s.Fleet != "demo" || got != "GET /api/state Bearer secret  " {
		t.Errorf("state: %q %v after %s", s.Fleet, err, got)
	}
}

// TestResponses checks what errors show of responses, of a watch and of other servers.
func TestResponses(t *testing.T) {
	for _, c := range []struct {
		status     int
		kind, body string
		want       string
	}{
		{409, "application/json", `{"error": "the plan is another one"}`, "the plan is another one"},
		{409, "application/json; charset=utf-8", "{\"error\": \"red \\u001b[31m\"}", `red \x1b[31m`},
		{502, "text/html", "<html>secret of a proxy</html>", "status 502"},
		{500, "application/json", `{"error": "` + strings.Repeat("x", maxProblem) + `"}`, "status 500"},
		{302, "", "", "status 302"},
		{200, "text/html", "<html>", "is not a fleet watch"},
		{200, "application/json", `{"fleet": "de`, "is not a fleet watch"},
	} {
		followed := false
		client := opened(t, func(w http.ResponseWriter, r *http.Request) {
			followed = r.URL.Path != "/api/state"
			w.Header().Set("Content-Type", c.kind)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		_, err := client.State(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\x1b") || followed {
			t.Errorf("%d %q: %v, want %q; a redirect was followed: %v", c.status, c.body, err, c.want, followed)
		}
		var refused *Error
		if errors.As(err, &refused) && refused.Status != c.status {
			t.Errorf("%d: the status is %d", c.status, refused.Status)
		}
	}
}

// TestSocket connects to a socket without a watch, to a stale one and to one in use.
func TestSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no socket on this system")
	}
	dir, err := os.MkdirTemp("", "fleet") // with a path that is short enough
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "x.sock")
	c := OverSocket(path)
	if err := c.Reconcile(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a socket: %v", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := c.Reconcile(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("with a stale socket: %v", err)
	}
	os.Remove(path)
	live, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode("ok") })}
	go s.Serve(live)
	defer s.Close()
	if err := c.Reconcile(t.Context()); err != nil {
		t.Errorf("with a watch: %v", err)
	}
}
