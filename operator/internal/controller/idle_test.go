package controller

import (
	"net/http/httptest"
	"testing"
	"time"
)

const (
	idleFleets    = 50
	idleSandboxes = 100 // of each fleet
	stopped       = 10  // sandboxes that others stop in the hour
)

// TestIdleHour compares the requests of an hour in which little happens: those of the
// operator for all fleets, and those of fleet watch --interval 1m for one fleet in an hour
// in which nothing happens, times the number of fleets.
func TestIdleHour(t *testing.T) {
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	defer server.Close()
	s.create(server.URL+"/api", idleFleets, idleSandboxes)
	s.runUntil(s.server.clock.Now().Add(90 * time.Minute)) // everything is created, and compared once more
	if n := s.ready(); n != idleFleets {
		t.Fatalf("%d fleets are ready", n)
	}
	s.server.take()
	s.passes = 0
	start := s.server.clock.Now()
	for i := range stopped {
		s.runUntil(start.Add(time.Duration(i) * time.Hour / stopped))
		s.stopOne(i)
	}
	s.runUntil(start.Add(time.Hour))
	operator, text := s.server.take()
	if n := s.started(); n != idleFleets*idleSandboxes || s.ready() != idleFleets {
		t.Errorf("%d sandboxes are started, %d fleets are ready", n, s.ready())
	}
	watch, watchText := requestsOfWatch(t, idleSandboxes)
	watch *= idleFleets
	t.Logf("operator: %d requests in %d passes: %s", operator, s.passes, text)
	t.Logf("watch: %d requests: %d times %s", watch, idleFleets, watchText)
	if operator*50 > watch {
		t.Errorf("the operator sends %d requests in an hour, watches send %d", operator, watch)
	}
}
