package emulator

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"fleet/internal/emulator/catalog"
	"fleet/internal/emulator/world"
)

// TestEveryDocumentedOperation: a documented operation is simulated or refused with 501 and
// the reason, never with a 404 that is about something else. The operations of users and
// organisations refuse API keys, as on a real server.
func TestEveryDocumentedOperation(t *testing.T) {
	for _, version := range []string{world.Version190, world.Version205, world.Version220} {
		counts := map[string]int{}
		for _, o := range catalog.API() {
			old := version == world.Version190
			if old && o.Since != "" || !old && o.Until != "" || version == world.Version220 && o.Path == "/sandbox/paginated" {
				continue
			}
			r, _, err := findRoute(o.Method, o.Path, version)
			first, _, _ := strings.Cut(o.Path[1:], "/")
			switch {
			case slices.Contains(jwtOnlyRoutes, first) && r == nil:
				if !errors.Is(err, world.ErrCredentials) {
					t.Errorf("%s: %s %s: %v", version, o.Method, o.Path, err)
				}
				counts["JWT only"]++
			case r == nil || shapeOf(r.method, r.pattern) != shapeOf(o.Method, o.Pattern()):
				t.Errorf("%s: %s %s has no route of its own: %v", version, o.Method, o.Path, err)
			default:
				counts["route"]++
			}
		}
		if counts["JWT only"] < 20 || counts["route"] < 100 {
			t.Errorf("%s: %v", version, counts)
		}
	}
}

// TestNotSimulated: the refusal is one sentence, after the key is checked and whether the
// object exists or not.
func TestNotSimulated(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(nil)
	for _, c := range []struct{ method, path, what string }{
		{"POST", "/api/sandbox/" + id + "/fork", "POST /sandbox/{sandboxIdOrName}/fork"},
		{"POST", "/api/sandbox/none/ssh-access", "POST /sandbox/{sandboxIdOrName}/ssh-access"},
		{"GET", "/api/sandbox/" + id + "/telemetry/metrics", "GET /sandbox/{sandboxId}/telemetry/metrics"},
		{"GET", "/api/docker-registry/registry-push-access", "GET /docker-registry/registry-push-access"},
		{"GET", "/api/sandbox/for-runner", "GET /sandbox/for-runner"},
		{"GET", "/api/runners", "GET /runners"},
		{"GET", toolboxPrefix + "/" + id + "/files", "GET /files"},
		{"DELETE", toolboxPrefix + "/" + id + "/files?path=x", "DELETE /files"},
		{"POST", toolboxPrefix + "/none/git/clone", "POST /git/clone"},
		{"POST", toolboxPrefix + "/" + id + "/lsp/start", "POST /lsp/start"},
		{"POST", toolboxPrefix + "/" + id + "/process/session", "POST /process/session"},
		{"GET", toolboxPrefix + "/" + id + "/process/session/s/command/c/logs", "GET /process/session/{sessionId}/command/{commandId}/logs"},
		{"GET", toolboxPrefix + "/" + id + "/process/pty/create-connect?id=1", "GET /process/pty/create-connect"},
		{"GET", toolboxPrefix + "/" + id + "/system/metrics", "GET /system/metrics"},
	} {
		a := g.do(c.method, c.path, nil)
		if want := "The embedded Daytona does not simulate " + c.what + "; a real server does."; a.status != 501 || a.text("message") != want {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.raw)
		}
	}
	g.key = ""
	for _, path := range []string{"/api/sandbox/" + id + "/fork", toolboxPrefix + "/" + id + "/git/clone"} {
		if a := g.do("POST", path, nil); a.status != 401 {
			t.Errorf("%s without a key: %d %s", path, a.status, a.raw)
		}
	}
}

// TestOnlyDocumentedOperations: what no server has is a 404, also an operation of another
// version.
func TestOnlyDocumentedOperations(t *testing.T) {
	g := newRig(t, Options{})
	g.expect("POST", "/sandbox/x/spoon", nil, 404, "Cannot POST /api/sandbox/x/spoon")
	g.expect("POST", "/toolbox/x/toolbox/git/clone", nil, 404, "Cannot POST")
	old := newRig(t, Options{APIVersion: world.Version190})
	old.expect("GET", "/warm-pools", nil, 404, "Cannot GET")
	old.expect("POST", "/toolbox/x/toolbox/git/clone", nil, 501, "The embedded Daytona does not simulate")
	newest := newRig(t, Options{APIVersion: world.Version220})
	newest.expect("GET", "/sandbox/paginated", nil, 404, "Sandbox with ID or name paginated not found")
}

// TestLogsOverWebSocket: the logs are not followed.
func TestLogsOverWebSocket(t *testing.T) {
	g := newRig(t, Options{})
	r := httptest.NewRequest(http.MethodGet, toolboxPrefix+"/"+g.sandbox(nil)+"/process/session/entrypoint/logs?follow=true", nil)
	r.Header.Set("Authorization", "Bearer "+g.key)
	r.Header.Set("Upgrade", "websocket")
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, r)
	if want := "does not simulate WebSockets at /process/session/entrypoint/logs;"; w.Code != 501 || !strings.Contains(w.Body.String(), want) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
