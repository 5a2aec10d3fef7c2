package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fleet/internal/emulator"
)

// traceparents are the trace contexts of the requests to an API.
type traceparents struct {
	api  http.Handler
	mu   sync.Mutex
	list []string
}

func (p *traceparents) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if strings.HasPrefix(req.URL.Path, "/v1/") { // the collector
		_, _ = io.Copy(io.Discard, req.Body)
		return
	}
	p.mu.Lock()
	p.list = append(p.list, req.Header.Get("Traceparent"))
	p.mu.Unlock()
	p.api.ServeHTTP(w, req)
}

// All requests of each command are in the trace that the environment names.
func TestCommandsJoinTheTraceOfTheEnvironment(t *testing.T) {
	api, err := emulator.New(emulator.Options{Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	seen := &traceparents{api: api}
	server := httptest.NewServer(seen)
	defer server.Close()
	const trace = "00-0af7651916cd43dd8448eb211c80319c-"
	dir := t.TempDir()
	file := filepath.Join(dir, "fleet.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nname: shop\nsandboxes: {web: {snapshot: daytona-small}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	env := map[string]string{
		"DAYTONA_API_URL": server.URL + "/api", "DAYTONA_API_KEY": "key", "XDG_STATE_HOME": filepath.Join(dir, "state"),
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_METRICS_EXPORTER": "none", "TRACEPARENT": trace + "b7ad6b7169203331-01",
	}
	for _, command := range []string{"plan", "apply --yes", "drift", "status", "export -o -", "doctor", "gc", "snapshots", "destroy --yes"} {
		seen.list = nil
		var stderr bytes.Buffer
		Main(Process{
			Args: append(strings.Fields(command), "-f", file), In: strings.NewReader(""), Out: io.Discard, Err: &stderr,
			Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
		if len(seen.list) == 0 {
			t.Errorf("%s: no request: %s", command, stderr.String())
		}
		for _, parent := range seen.list {
			if !strings.HasPrefix(parent, trace) {
				t.Errorf("%s: a request has the trace context %q", command, parent)
			}
		}
	}
}
