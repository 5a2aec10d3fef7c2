package failover_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fleet/internal/emulator"
	"fleet/operator/internal/kubetest"
)

const apiKey = "dtn_test"

// daytonaURL is the URL in the Fleet objects. Replicas reach it through their links, as
// proxies; the certificate of test servers is valid for this host.
const daytonaURL = "https://example.com/api"

// A daytona is an emulated Daytona that records what each replica changes, and holds changes
// until the test continues.
type daytona struct {
	gate gate

	server      *httptest.Server
	certificate string // file

	mu      sync.Mutex
	clients map[string]string // replicas, by the addresses of their connections
	owners  map[string]string // fleets, by the ids of sandboxes
	writes  []write
}

// A write is a request that changes something.
type write struct {
	replica  string
	method   string
	path     string
	labels   map[string]string // in the body
	fleet    string            // empty if it is unknown
	status   int               // 0 while it is carried out
	received time.Time
}

// dropped is the status of a write that ended with its client before it was carried out.
const dropped = -1

// newDaytona starts a Daytona, which ends with the test.
func newDaytona(t *testing.T, o emulator.Options) *daytona {
	t.Helper()
	o.Key, o.Control = apiKey, true
	e, err := emulator.New(o)
	must(t, err)
	d := &daytona{clients: map[string]string{}, owners: map[string]string{}}
	d.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { d.serve(w, req, e) }))
	d.server.Config.ErrorLog = silentLog
	d.server.StartTLS()
	d.certificate = filepath.Join(t.TempDir(), "daytona.crt")
	must(t, os.WriteFile(d.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.server.Certificate().Raw}), 0o600))
	t.Cleanup(func() {
		d.gate.release()
		_ = e.Close()
		d.server.Close()
	})
	return d
}

// register records that a replica uses a connection.
func (d *daytona) register(replica, address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clients[address] = replica
}

// serve records requests that change something, and passes all to the emulator. A request
// that is held ends with its client.
func (d *daytona) serve(w http.ResponseWriter, req *http.Request, next http.Handler) {
	if req.Method == http.MethodGet {
		next.ServeHTTP(w, req)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.Header.Del("Accept-Encoding") // so that the response can be read
	at := d.begin(req, body)
	answer := &answer{ResponseWriter: w, status: http.StatusOK}
	if !d.gate.pass(req.Context()) {
		answer.status = dropped
		d.end(at, answer)
		panic(http.ErrAbortHandler)
	}
	next.ServeHTTP(answer, req.WithContext(context.WithoutCancel(req.Context()))) // also if its client ends
	d.end(at, answer)
}

// begin records a request, and returns its place in the record.
func (d *daytona) begin(req *http.Request, body []byte) int {
	var sent struct{ Labels map[string]string }
	_ = json.Unmarshal(body, &sent) // other bodies have no labels
	path := strings.TrimPrefix(req.URL.Path, "/api")
	d.mu.Lock()
	defer d.mu.Unlock()
	w := write{
		replica: d.clients[req.RemoteAddr], method: req.Method, path: path, labels: sent.Labels,
		fleet: sent.Labels["fleet-name"], received: time.Now(),
	}
	if id, ok := strings.CutPrefix(path, "/sandbox/"); ok && w.fleet == "" {
		id, _, _ = strings.Cut(id, "/")
		w.fleet = d.owners[id]
	}
	d.writes = append(d.writes, w)
	return len(d.writes) - 1
}

// end records the answer to a request.
func (d *daytona) end(at int, a *answer) {
	var created struct{ ID string }
	d.mu.Lock()
	defer d.mu.Unlock()
	w := &d.writes[at]
	w.status = a.status
	if w.isCreate() && json.Unmarshal(a.body.Bytes(), &created) == nil {
		d.owners[created.ID] = w.fleet
	}
}

// isCreate reports whether the request created a sandbox.
func (w *write) isCreate() bool {
	return w.method == http.MethodPost && w.path == "/sandbox" && w.status < 300 && w.status > 0
}

// log returns the requests so far, in order.
func (d *daytona) log() []write {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]write(nil), d.writes...)
}

// unanswered returns the number of requests that are being carried out.
func (d *daytona) unanswered() (n int) {
	for _, w := range d.log() {
		if w.status == 0 {
			n++
		}
	}
	return n
}

// awaitAnswers waits until all requests were carried out.
func (d *daytona) awaitAnswers(t *testing.T) {
	t.Helper()
	kubetest.Eventually(t, limit, func() error {
		if n := d.unanswered(); n > 0 {
			return fmt.Errorf("%d requests are not answered", n)
		}
		return nil
	})
}

// An answer records a response.
type answer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	a.body.Write(p)
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// A sandbox is a sandbox as the server lists it.
type sandbox struct {
	ID, Name, State string
	Labels          map[string]string
}

// sandboxes returns all sandboxes.
func (d *daytona) sandboxes(t *testing.T) []sandbox {
	t.Helper()
	var all []sandbox
	for cursor := ""; ; {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.server.URL+"/api/sandbox?limit=200&cursor="+cursor, nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+apiKey)
		res, err := d.server.Client().Do(req)
		must(t, err)
		var page struct {
			Items      []sandbox
			NextCursor string
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		res.Body.Close()
		must(t, err)
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}
