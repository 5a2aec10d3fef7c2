package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"fleet/internal/emulator"
)

// apiKey is the API key of the Daytona.
const apiKey = "dtn_test"

// A daytona is an emulated Daytona that records the requests that it gets.
type daytona struct {
	URL string

	mu       sync.Mutex
	requests []string // method and path, in order
}

// newDaytona starts a Daytona, which ends with the test.
func newDaytona(t *testing.T, o emulator.Options) *daytona {
	t.Helper()
	o.Key, o.Control = apiKey, true
	e, err := emulator.New(o)
	must(t, err)
	d := &daytona{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		d.record(req)
		e.ServeHTTP(w, req)
	}))
	d.URL = server.URL + "/api"
	t.Cleanup(func() {
		_ = e.Close()
		server.Close()
	})
	return d
}

func (d *daytona) record(req *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, req.Method+" "+req.URL.Path)
}

// log returns the requests so far.
func (d *daytona) log() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.requests...)
}
