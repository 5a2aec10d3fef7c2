package push

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/memnet"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a Listener that is connected with an emulator in memory, in a bubble. Its passes
// change nothing except what they are given.
type rig struct {
	*Listener
	t       *testing.T
	api     *client.Client
	server  *emulator.Server
	network *memnet.Network
	passes  []string          // causes of the passes
	reads   int               // objects that passes read by id
	lists   int               // lists of passes
	known   map[string]string // states that the last pass saw
	mu      sync.Mutex
	states  []string // of the connection
}

// start starts a Listener of the fleet "mine", and its first pass.
func start(t *testing.T, faults ...string) *rig {
	t.Helper()
	r := idle(t, faults...)
	<-r.Ready()
	r.pass("start")
	return r
}

// idle starts a Listener without a pass.
func idle(t *testing.T, faults ...string) *rig {
	t.Helper()
	delays := emulator.Delays{Create: time.Second, Start: time.Second, Stop: time.Second, Delete: time.Second}
	server, err := emulator.New(emulator.Options{Faults: faults, Control: true, Delays: delays})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, server: server, network: memnet.New(t, server), known: map[string]string{}}
	t.Cleanup(func() { server.Close() })
	r.api, err = client.New(client.Config{URL: "http://localhost/api", Key: "key", Transport: r.network})
	if err != nil {
		t.Fatal(err)
	}
	r.Listener = New(Options{Client: r.api, Fleet: "mine", SetState: r.setState, Random: func() float64 { return 0.5 }})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

func (r *rig) setState(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states = append(r.states, text)
}

// log returns the states of the connection, one a line.
func (r *rig) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.states, "\n")
}

// create creates a sandbox as another client of a fleet.
func (r *rig) create(name, fleet string) string {
	r.t.Helper()
	s, err := r.api.CreateSandbox(r.t.Context(), map[string]any{"name": name, "labels": map[string]string{"fleet-name": fleet}, "autoStopInterval": 0})
	return r.must(s.ID, err)
}

func (r *rig) must(id string, err error) string {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// stop stops a sandbox as another client.
func (r *rig) stop(id string) {
	r.t.Helper()
	s, err := r.api.StopSandbox(r.t.Context(), id)
	r.must(s.ID, err)
}

// delete deletes a sandbox as another client.
func (r *rig) delete(id string) {
	r.t.Helper()
	s, err := r.api.DeleteSandbox(r.t.Context(), id)
	r.must(s.ID, err)
}

// control sends a request to the control endpoint.
func (r *rig) control(method, path, body string) {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, httptest.NewRequest(method, "/_emulator/"+path, strings.NewReader(body)))
	if w.Code != http.StatusOK {
		r.t.Fatal(w.Body.String())
	}
}

// pass reads what is marked, and makes the changes.
func (r *rig) pass(cause string, changes ...func()) {
	r.t.Helper()
	r.passes = append(r.passes, cause)
	ids, all := r.Take()
	if all {
		r.list()
	}
	for _, id := range ids {
		r.read(id)
	}
	for _, change := range changes {
		change()
	}
	if len(changes) > 0 { // a pass waits for its changes
		time.Sleep(3 * time.Second)
		r.list()
	}
	r.Settle(r.known)
}

func (r *rig) list() {
	r.t.Helper()
	r.lists++
	r.known = map[string]string{}
	for s, err := range r.api.Sandboxes(r.t.Context(), client.SandboxFilter{Labels: map[string]string{"fleet-name": "mine"}}) {
		r.known[r.must(s.ID, err)] = string(s.State)
	}
	for v, err := range r.api.Volumes(r.t.Context()) {
		r.known[r.must(v.ID, err)] = string(v.State)
	}
}

func (r *rig) read(id string) {
	r.t.Helper()
	r.reads++
	known := map[string]string{}
	for k, s := range r.known {
		known[k] = s
	}
	s, err := r.api.Sandbox(r.t.Context(), id)
	if client.ErrorClassOf(err) == client.NotFound {
		delete(known, id)
	} else {
		known[r.must(s.ID, err)] = string(s.State)
	}
	r.known = known
}

// run makes passes for all causes of the next d.
func (r *rig) run(d time.Duration) {
	r.t.Helper()
	end := time.After(d)
	for {
		select {
		case c := <-r.Causes():
			r.pass(c.String())
		case <-end:
			synctest.Wait()
			return
		}
	}
}

// expect checks the causes of the passes since the last call, the reads and the lists.
func (r *rig) expect(what string, reads, lists int, passes ...string) {
	r.t.Helper()
	if fmt.Sprint(r.passes) != fmt.Sprint(passes) || r.reads != reads || r.lists != lists {
		r.t.Errorf("%s: %d reads, %d lists in passes %q; want %d, %d, %q", what, r.reads, r.lists, r.passes, reads, lists, passes)
	}
	r.passes, r.reads, r.lists = nil, 0, 0
}
