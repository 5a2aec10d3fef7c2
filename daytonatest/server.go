// Package daytonatest runs an emulated Daytona control plane for tests, as
// net/http/httptest runs HTTP servers. Nothing leaves the machine: sandboxes
// are records, their commands answer as the test scripts them, and builds run
// nothing. docs/emulator.md describes what is emulated.
package daytonatest

import (
	"net/http/httptest"
	"time"

	"fleet/internal/emulator"
)

// Key is an API key that every Server accepts.
const Key = "dtn_test"

// Options configure a Server. The zero Options keep everything in memory and
// complete each change by the next request.
type Options struct {
	// APIVersion is the version of the API, such as "0.220.0"; "" means "0.205.0".
	APIVersion string
	// Latency is added to every response.
	Latency time.Duration
	// Delay is how long a sandbox takes to start, to stop, and to be deleted; a
	// quarter passes before the first visible change. 0 completes them at once.
	Delay time.Duration
	// Faults are disruptions that are in force from the start, in the syntax of
	// `fleet emulator --fault`.
	Faults []string
}

// A Server is a running control plane. Its methods may be called concurrently.
type Server struct {
	// URL is the address of the API, for client.Config and DAYTONA_API_URL.
	URL string

	emulator *emulator.Server
	http     *httptest.Server
}

// New starts a Server on a free port of the loopback interface. It returns an
// error if the API version or a fault is unknown. The caller must Close it.
func New(opts Options) (*Server, error) {
	e, err := emulator.New(emulator.Options{
		Key: Key, APIVersion: opts.APIVersion, Latency: opts.Latency, Faults: opts.Faults,
		Delays: emulator.Delays{Create: opts.Delay, Start: opts.Delay, Stop: opts.Delay, Delete: opts.Delay},
	})
	if err != nil {
		return nil, err
	}
	web := httptest.NewServer(e)
	return &Server{URL: web.URL + "/api", emulator: e, http: web}, nil
}

// Close stops the server and waits for its requests to end.
func (s *Server) Close() error {
	err := s.emulator.Close()
	s.http.Close()
	return err
}
