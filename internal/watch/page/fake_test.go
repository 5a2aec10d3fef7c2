package page

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"fleet/internal/journal"
)

// policy is the Content-Security-Policy of the server of a watch.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// A call is a request that changes something.
type call struct{ path, body, origin, contentType string }

// A fake is a server with the API of a watch, over a real journal.
type fake struct {
	*journal.Journal
	server *httptest.Server
	calls  chan call
	ended  chan struct{} // closed when the streams have to end
	once   sync.Once

	mu      sync.Mutex
	streams int           // that are open
	changed chan struct{} // closed when their number changes
	refuse  string        // why requests that change something are refused; empty to accept them
}

// newFake starts a server at an address; an empty one is any.
func newFake(t *testing.T, address string, j *journal.Journal) *fake {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{Journal: j, calls: make(chan call, 10), ended: make(chan struct{}), changed: make(chan struct{})}
	f.server = httptest.NewUnstartedServer(f.routes())
	f.server.Listener.Close()
	f.server.Listener = listener
	f.server.Start()
	t.Cleanup(f.stop)
	return f
}

// stop ends the server with its open streams. It may be called twice. A browser may connect
// again meanwhile.
func (f *fake) stop() {
	f.once.Do(func() { close(f.ended) })
	f.server.CloseClientConnections()
	f.server.Close()
}

func (f *fake) address() string { return f.server.Listener.Addr().String() }

func (f *fake) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(f.State())
	})
	mux.HandleFunc("GET /api/events", f.events)
	mux.HandleFunc("POST /api/", f.change)
	mux.Handle("/", Handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

// change notes a request, and acts as a watch would.
func (f *fake) change(w http.ResponseWriter, r *http.Request) {
	var body struct{ Digest, Address string }
	var text json.RawMessage
	_ = json.NewDecoder(r.Body).Decode(&text)
	_ = json.Unmarshal(text, &body)
	f.calls <- call{path: r.URL.Path, body: string(text), origin: r.Header.Get("Origin"), contentType: r.Header.Get("Content-Type")}
	f.mu.Lock()
	refuse := f.refuse
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if refuse != "" {
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": refuse})
		return
	}
	switch r.URL.Path {
	case "/api/approve":
		f.Approved(body.Digest, "page")
	case "/api/pause", "/api/resume":
		f.SetPaused(body.Address, r.URL.Path == "/api/pause", "page")
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprint(w, `{"accepted": true}`)
}

// events serves the stream of events.
func (f *fake) events(w http.ResponseWriter, r *http.Request) {
	f.countStream(1)
	defer f.countStream(-1)
	seq := f.State().Seq
	if since := r.URL.Query().Get("since"); since != "" {
		seq, _ = strconv.ParseUint(since, 10, 64)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		events, complete, changed := f.Since(seq)
		if !complete {
			seq = f.State().Seq
			fmt.Fprintf(w, "event: reset\nid: %d\ndata: {}\n\n", seq)
			events = nil
		}
		for _, e := range events {
			text, _ := json.Marshal(e)
			fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.Seq, text)
			seq = e.Seq
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-f.ended:
			return
		}
	}
}

// next returns the next request that changes something.
func (f *fake) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-f.calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("the page sent nothing")
		return call{}
	}
}

func (f *fake) countStream(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.streams += n
	close(f.changed)
	f.changed = make(chan struct{})
}

// waitStreams waits until a number of streams is open.
func (f *fake) waitStreams(t *testing.T, n int) {
	t.Helper()
	for {
		f.mu.Lock()
		streams, changed := f.streams, f.changed
		f.mu.Unlock()
		if streams == n {
			return
		}
		select {
		case <-changed:
		case <-time.After(30 * time.Second):
			t.Fatalf("%d streams are open, not %d", streams, n)
		}
	}
}

// head is that of the demo fleets.
func head() journal.Head {
	return journal.Head{Fleet: "research", Environment: "production", Server: "https://app.daytona.io/api", Mode: "enforce", Version: "1.0", Pushes: "connected"}
}

// worker returns an object that matches the spec.
func worker(i int) journal.Object {
	return journal.Object{Address: fmt.Sprintf("sandbox.worker[%d]", i), Group: "sandbox.worker", Desired: "started", State: "started"}
}

// workers returns a fleet of n sandboxes; some of them differ.
func workers(n int) []journal.Object {
	list := make([]journal.Object, n)
	for i := range list {
		list[i] = worker(i)
		switch {
		case i%97 == 41:
			list[i].Drift = "labels.team: \"ml\" instead of \"research\""
		case i%211 == 100:
			list[i].State, list[i].Failed, list[i].Drift = "error", true, "state: error"
		case i%307 == 200:
			list[i].State, list[i].Drift = "", "does not exist"
		}
	}
	return list
}

// newJournal returns the journal of a watch that has made a pass over some objects.
func newJournal(objects []journal.Object) *journal.Journal {
	j := journal.New(time.Now, head())
	j.Begin("start", "4f2a9c1")
	j.SetObjects(objects)
	j.End(func(p *journal.Pass) { p.Outcome = journal.InSync })
	return j
}
