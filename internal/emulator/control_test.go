package emulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

// wire sends a request over a socket: the test depends on the state of the connection.
func (g *rig) wire(srv *httptest.Server, method, path string) (int, string, error) {
	ctx, cancel := context.WithTimeout(g.t.Context(), 500*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, srv.URL+"/api"+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer k")
	resp, err := srv.Client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		order   map[string]any
		status  int
		broken  bool
		effect  bool
		content string
	}{
		{obj("kind", "status", "status", 502, "message", "no gateway"), 502, false, false, "no gateway"},
		{obj("kind", "html"), 200, false, false, "<html>"},
		{obj("kind", "reset-before"), 0, true, false, ""},
		{obj("kind", "reset-after"), 0, true, true, ""},
		{obj("kind", "truncate"), 200, true, true, ""},
		{obj("kind", "hang"), 0, true, false, ""},
		{obj("kind", "status", "status", 503, "path", "/volumes"), 200, false, true, "creating"},
		{obj("kind", "status", "rate", 0), 200, false, true, "creating"},
	} {
		t.Run(c.order["kind"].(string), func(t *testing.T) {
			g := newRig(t, Options{})
			srv := httptest.NewServer(g.srv)
			defer srv.Close()
			c.order["method"], c.order["count"] = "POST", 1
			g.control("POST", "faults", c.order)
			status, body, err := g.wire(srv, "POST", "/sandbox")
			if status != c.status || (err != nil) != c.broken || !strings.Contains(body, c.content) {
				t.Errorf("status %d, error %v, body %s", status, err, body)
			}
			if n := len(names(g.must("GET", "/sandbox", nil))); n == 1 != c.effect {
				t.Errorf("%d sandboxes", n)
			}
			if _, ok := c.order["path"]; !ok && c.order["rate"] == nil {
				if status, _, _ := g.wire(srv, "POST", "/sandbox"); status != 200 {
					t.Errorf("the second request got %d", status)
				}
			}
		})
	}
}

// moments returns the times of the log entries.
var moments = regexp.MustCompile(`,"(came|answered)":"[^"]*"`)

func TestLog(t *testing.T) {
	g := newRig(t, Options{})
	g.control("DELETE", "log", nil)
	g.api("POST", "/sandbox?x=1", `{"name":"a"}`)
	g.api("GET", "/sandbox/none", nil)
	a := g.control("GET", "log", nil)
	if n := len(moments.FindAllString(a.raw, -1)); n != 4 {
		t.Errorf("log with %d times: %s", n, a.raw)
	}
	a.raw = moments.ReplaceAllString(a.raw, "")
	want := `[{"method":"POST","path":"/sandbox?x=1","body":"{\"name\":\"a\"}","status":200},` +
		`{"method":"GET","path":"/sandbox/none","body":"","status":404}]`
	if a.raw != want {
		t.Errorf("log %s", a.raw)
	}
	if strings.Contains(a.raw, g.key) {
		t.Error("the key is in the log")
	}
}

func TestControlIsOffByDefault(t *testing.T) {
	srv, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_emulator/log", nil))
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "text/html") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestKeysAndReset(t *testing.T) {
	g := newRig(t, Options{})
	g.sandbox(nil)
	g.control("POST", "keys", obj("key", "other", "permissions", []string{}))
	g.control("POST", "keys", obj("key", g.key, "revoked", true))
	g.expect("GET", "/sandbox", nil, 401, "Invalid credentials")
	g.key = "other"
	g.expect("POST", "/sandbox", obj(), 403, "Access denied")
	g.expect("DELETE", "/sandbox/none", nil, 403, "Access denied")
	g.expect("GET", "/sandbox", nil, 200, "")
	g.control("DELETE", "state", nil)
	g.key = "dtn_test_key"
	if n := len(names(g.must("GET", "/sandbox", nil))); n != 0 {
		t.Errorf("%d sandboxes after the reset", n)
	}
}

func TestRateLimitWindow(t *testing.T) {
	g := newRig(t, Options{})
	limited(ratelimit.ClassCreate, 1)(g)
	a := g.must("POST", "/sandbox", obj())
	if a.header.Get("X-RateLimit-Remaining-sandbox-create") != "0" || a.header.Get("X-RateLimit-Reset-sandbox-create") != "20" {
		t.Errorf("headers %v", a.header)
	}
	g.clock = g.clock.Add(10 * time.Second)
	a = g.expect("POST", "/sandbox", obj(), 429, "ThrottlerException: Too Many Requests")
	if a.header.Get("Retry-After-sandbox-create") != "20" || a.header.Get("Retry-After") != "" {
		t.Errorf("headers %v", a.header)
	}
	g.must("GET", "/sandbox", nil)
	g.clock = g.clock.Add(19 * time.Second)
	g.expect("POST", "/sandbox", obj(), 429, "")
	g.clock = g.clock.Add(time.Second)
	g.must("POST", "/sandbox", obj())
}

func TestOlderVersion(t *testing.T) {
	g := newRig(t, Options{APIVersion: world.Version190})
	made := g.must("POST", "/sandbox", obj("ttlMinutes", 5, "spot", true, "secrets", []any{obj("A", "none")}))
	if made.field("autoDestroyAt") != nil || made.field("spot") != nil {
		t.Errorf("made %s", made.raw)
	}
	for _, path := range []string{"/sandbox/x/ttl/5", "/sandbox/x/autopause/5", "/secret"} {
		g.expect("POST", path, obj(), 404, "Cannot POST /api"+path)
	}
	item := g.must("GET", "/sandbox", nil).field("items").([]any)[0].(map[string]any)
	for _, absent := range []string{"networkBlockAll", "networkAllowList", "env", "volumes"} {
		if _, ok := item[absent]; ok {
			t.Errorf("%s is in the list", absent)
		}
	}
}

// TestLargeOrder sends a control request above the size limit.
func TestLargeOrder(t *testing.T) {
	g := newRig(t, Options{})
	for size, want := range map[int]int{1 << 10: http.StatusOK, maxControlBody + 1: http.StatusRequestEntityTooLarge} {
		body := `{"advance":"1s"}` + strings.Repeat(" ", size-len(`{"advance":"1s"}`))
		rec := httptest.NewRecorder()
		g.srv.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/_emulator/clock", strings.NewReader(body)))
		if rec.Code != want {
			t.Errorf("%d bytes: status %d, want %d: %s", size, rec.Code, want, rec.Body)
		}
	}
}
