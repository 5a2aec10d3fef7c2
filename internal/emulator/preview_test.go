package emulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// visit requests a path on a port of a sandbox, at its preview URL.
func (g *rig) visit(id, port, path string) got {
	g.t.Helper()
	where := g.must("GET", "/sandbox/"+id+"/ports/"+port+"/preview-url", nil)
	return g.visitWith(where.text("url")+path, where.text("token"))
}

func (g *rig) visitWith(url, token string) got {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("X-Daytona-Preview-Token", token)
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, r)
	return got{status: w.Code, raw: w.Body.String(), header: w.Result().Header}
}

func TestPreviews(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("name", "web"))
	g.control("POST", "previews", obj("sandbox", "we?", "port", 3000, "path", "/api/*", "status", 503, "body", "warming up", "count", 1))
	g.control("POST", "previews", obj("port", 3000, "path", "/api/*", "body", "{}"))
	for _, c := range []struct {
		port, path string
		status     int
		body       string
	}{
		{"3000", "/api/v1/healthz?full=1", 503, "warming up"},
		{"3000", "/api/v1/healthz", 200, "{}"},
		{"3000", "", 200, "ok\n"},
		{"8080", "/api/v1/healthz", 200, "ok\n"},
	} {
		if a := g.visit(id, c.port, c.path); a.status != c.status || a.raw != c.body {
			t.Errorf("%s %s: %d %s", c.port, c.path, a.status, a.raw)
		}
	}
	g.control("DELETE", "previews", nil)
	if a := g.visit(id, "3000", "/api/v1"); a.raw != "ok\n" {
		t.Errorf("cleared: %s", a.raw)
	}
	for _, port := range []string{"0", "65536", "http"} {
		g.expect("GET", "/sandbox/web/ports/"+port+"/preview-url", nil, 400, "Invalid port")
	}
	g.expect("GET", "/sandbox/none/ports/80/preview-url", nil, 404, "Sandbox with ID or name none not found")
}

// TestPreviewTokens checks that a token is valid until the next start, and that a request
// without one is redirected to a login, unless the sandbox is public.
func TestPreviewTokens(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(nil)
	where := g.must("GET", "/sandbox/"+id+"/ports/80/preview-url", nil)
	url, token := where.text("url"), where.text("token")
	if a := g.visitWith(url, ""); a.status != 307 || a.header.Get("Location") != "http://example.com/login" {
		t.Errorf("without: %d %v", a.status, a.header)
	}
	g.must("POST", "/sandbox/"+id+"/stop", nil)
	if a := g.visitWith(url, token); a.status != 400 || !strings.Contains(a.raw, "Is the Sandbox started?") {
		t.Errorf("stopped: %d %s", a.status, a.raw)
	}
	g.must("POST", "/sandbox/"+id+"/start", nil)
	if a := g.visitWith(url, token); a.status != 307 {
		t.Errorf("after a start: %d", a.status)
	}
	if a := g.visit(id, "80", "/"); a.status != 200 {
		t.Errorf("with a new one: %d", a.status)
	}
	g.must("POST", "/sandbox/"+id+"/public/true", nil)
	if a := g.visitWith(url, ""); a.status != 200 {
		t.Errorf("public: %d", a.status)
	}
	if a := g.visitWith("/proxy/preview/x-"+id+"/", ""); a.status != 400 {
		t.Errorf("no port: %d", a.status)
	}
}

func TestPreviewsTakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, id := timed(t)
		g.control("POST", "previews", obj("delay", "3s"))
		begin := time.Now()
		if a := g.visit(id, "80", "/"); a.status != 200 || time.Since(begin) != 3*time.Second {
			t.Errorf("%d after %v", a.status, time.Since(begin))
		}
	})
}
