package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rig is an in-process server with its own clock.
type rig struct {
	t     *testing.T
	srv   *Server
	clock time.Time
	key   string
}

var testStart = time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)

func newRig(t *testing.T, opts Options) *rig {
	t.Helper()
	g := &rig{t: t, clock: testStart, key: "dtn_test_key"}
	opts.Control = true
	opts.Now = func() time.Time { return g.clock }
	srv, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	g.srv = srv
	t.Cleanup(func() { srv.Close() })
	return g
}

// got is a response with its JSON body.
type got struct {
	status int
	header http.Header
	raw    string
	body   any
}

func (a got) field(key string) any {
	m, _ := a.body.(map[string]any)
	return m[key]
}

func (a got) text(key string) string { return fmt.Sprint(a.field(key)) }

func (g *rig) do(method, path string, body any) got {
	g.t.Helper()
	text := ""
	switch b := body.(type) {
	case nil:
	case string:
		text = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			g.t.Fatal(err)
		}
		text = string(raw)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	if g.key != "" {
		r.Header.Set("Authorization", "Bearer "+g.key)
	}
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, r)
	a := got{status: w.Code, header: w.Result().Header, raw: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &a.body)
	return a
}

func (g *rig) api(method, path string, body any) got {
	g.t.Helper()
	return g.do(method, "/api"+path, body)
}

// must sends a request that has to succeed.
func (g *rig) must(method, path string, body any) got {
	g.t.Helper()
	a := g.api(method, path, body)
	if a.status >= 300 {
		g.t.Fatalf("%s %s: %d %s", method, path, a.status, a.raw)
	}
	return a
}

func (g *rig) control(method, path string, body any) got {
	g.t.Helper()
	a := g.do(method, "/_emulator/"+path, body)
	if a.status != http.StatusOK {
		g.t.Fatalf("control %s %s: %d %s", method, path, a.status, a.raw)
	}
	return a
}

// sandbox creates a sandbox and returns its id.
func (g *rig) sandbox(fields map[string]any) string {
	g.t.Helper()
	if fields == nil {
		fields = obj()
	}
	return g.must("POST", "/sandbox", fields).text("id")
}

// hold sets a sandbox to a state in which it remains.
func (g *rig) hold(id, state string) {
	g.t.Helper()
	g.control("POST", "sandboxes/"+id, map[string]any{"state": state})
}

func (g *rig) expect(method, path string, body any, status int, message string) got {
	g.t.Helper()
	a := g.api(method, path, body)
	if a.status != status || message != "" && !strings.HasPrefix(a.text("message"), message) {
		g.t.Errorf("%s %s: got %d %s, want %d %q", method, path, a.status, a.raw, status, message)
	}
	return a
}

func obj(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
