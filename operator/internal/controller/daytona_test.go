package controller

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"fleet/internal/emulator"
)

// A clock is the real one, which can be put forward.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// moveTo puts the clock forward to a time.
func (c *clock) moveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = max(c.offset, time.Until(t))
}

// A daytona is an emulated Daytona that counts requests.
type daytona struct {
	*emulator.Server
	clock *clock

	mu    sync.Mutex
	count map[string]int // requests by method and first element of the path
	gate  chan struct{}  // holds lists of sandboxes until it is closed; nil holds none
	held  int            // lists that were held
}

func newDaytona(t testing.TB) *daytona {
	t.Helper()
	d := &daytona{clock: &clock{}, count: map[string]int{}}
	s, err := emulator.New(emulator.Options{Control: true, Now: d.clock.Now})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	d.Server = s
	return d
}

// ServeHTTP implements http.Handler. Requests of others than the operator are not counted.
func (d *daytona) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.HasSuffix(req.Header.Get("Authorization"), otherKey) {
		d.mu.Lock()
		first, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/api/"), "/")
		d.count[req.Method+" "+first]++
		d.mu.Unlock()
	}
	if gate := d.gateFor(req); gate != nil {
		<-gate
	}
	d.Server.ServeHTTP(w, req)
}

// gateFor returns what a request has to wait for; nil for nothing.
func (d *daytona) gateFor(req *http.Request) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gate == nil || !strings.HasPrefix(req.URL.Path, "/api/sandbox") {
		return nil
	}
	d.held++
	return d.gate
}

// hold holds lists of sandboxes until the function is called that it returns.
func (d *daytona) hold() (release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gate, d.held = make(chan struct{}), 0
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		close(d.gate)
		d.gate = nil
	})
}

// holds returns the number of lists that were held.
func (d *daytona) holds() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held
}

// take returns the number of requests since the last call, and describes them.
func (d *daytona) take() (n int, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, count := range d.count {
		n += count
	}
	text = fmt.Sprint(d.count)
	clear(d.count)
	return n, text
}

// otherKey is the key of another client.
const otherKey = "dtn_other"

// other sends a request as another client.
func (d *daytona) other(t testing.TB, method, path string, into any) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(""))
	req.Header.Set("Authorization", "Bearer "+otherKey)
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, req)
	if rec.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if into != nil {
		must(t, json.NewDecoder(io.LimitReader(rec.Body, 1<<26)).Decode(into))
	}
}
