package failover_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fleet/internal/emulator"
)

const (
	apiKey = "dtn_test"

	// server is the URL of the Daytona. Replicas reach it through proxies. The name is that of
	// the certificates of httptest.
	server = "https://example.com/api"
)

// A write is a request that changes something in Daytona.
type write struct {
	replica  string
	method   string
	path     string
	name     string // of a sandbox that is created
	code     int
	received time.Time
}

// created reports whether the request created a sandbox.
func (w write) created() bool {
	return w.method == http.MethodPost && w.path == "/api/sandbox" && w.code < 300
}

// A site is an emulated Daytona that records the writes of each replica.
type site struct {
	emulator *emulator.Server

	mu     sync.Mutex
	writes []write
}

func newSite(t *testing.T) *site {
	t.Helper()
	e, err := emulator.New(emulator.Options{
		Key: apiKey, Latency: 100 * time.Millisecond,
		Delays: emulator.Delays{Create: time.Second, Start: time.Second, Stop: time.Second, Delete: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return &site{emulator: e}
}

// proxy returns the variables of the environment with which a replica reaches the site through
// a proxy of its own, and trusts it.
func (s *site) proxy(t *testing.T, replica string) []string {
	t.Helper()
	tagged := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			s.emulator.ServeHTTP(w, r)
			return
		}
		s.serve(replica, w, r)
	}))
	tagged.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that replicas leave
	tagged.StartTLS()
	proxy := httptest.NewServer(tunnel(tagged.Listener.Addr().String()))
	t.Cleanup(func() {
		proxy.Close()
		tagged.CloseClientConnections()
		tagged.Close()
	})
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tagged.Certificate().Raw})
	if err := os.WriteFile(trusted, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + trusted}
}

// tunnel answers CONNECT with a connection to a fixed address.
func tunnel(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		server, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			server.Close()
			return
		}
		go func() {
			_, _ = io.Copy(server, buffered)
			server.Close()
		}()
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		_, _ = io.Copy(client, server)
		client.Close()
	})
}

// serve answers a request that writes, and records it.
func (s *site) serve(replica string, w http.ResponseWriter, r *http.Request) {
	record := write{replica: replica, method: r.Method, path: r.URL.Path, received: time.Now()}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // it did not arrive
	}
	var named struct{ Name string }
	if json.Unmarshal(body, &named) == nil {
		record.name = named.Name
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	status := &statusWriter{ResponseWriter: w, code: http.StatusOK}
	s.emulator.ServeHTTP(status, r)
	record.code = status.code
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, record)
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// log returns the writes that were answered.
func (s *site) log() []write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]write(nil), s.writes...)
}

// A sandbox is a sandbox as the server lists it.
type sandbox struct {
	Name   string
	Labels map[string]string
}

// sandboxes returns all sandboxes.
func (s *site) sandboxes(t *testing.T) []sandbox {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, server+"/sandbox?limit=200", nil)
	req.Header.Set("Authorization", "Bearer "+apiKey)
	w := httptest.NewRecorder()
	s.emulator.ServeHTTP(w, req)
	var list struct{ Items []sandbox }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		t.Fatalf("listing the sandboxes: %d, %v", w.Code, err)
	}
	return list.Items
}
