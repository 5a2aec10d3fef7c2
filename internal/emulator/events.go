package emulator

import (
	"encoding/json"
	"net/http"
	"time"

	"fleet/internal/emulator/events"
	"fleet/internal/emulator/view"
	"fleet/internal/emulator/world"
)

// serveEvents sends events to a client over a WebSocket. It returns when the
// connection or the server closes.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	if !events.Supported(r) {
		response{header: http.Header{}}.json(http.StatusBadRequest, map[string]any{"code": 0, "message": "Transport unknown"}).write(w)
		return
	}
	if s.disturbConnection(w, r) {
		return
	}
	if err := s.openConnection(); err != nil {
		s.mu.Lock()
		a := s.refuse(response{header: http.Header{}}, "/api"+events.Path, err)
		s.mu.Unlock()
		a.write(w)
		return
	}
	defer s.connections.Done()
	events.Serve(w, r, s, s.hub, s.closed)
}

// disturbConnection responds with a fault instead of opening a connection. It returns
// false if there is none.
func (s *Server) disturbConnection(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	injected := s.faults.TakeEvents(r.Method, events.Path)
	s.mu.Unlock()
	if injected == nil || !injected.ReplacesEffect() {
		return false
	}
	s.writeReplacement(injected, w, r, "/api"+events.Path)
	return true
}

// openConnection adds a connection for which Close waits. It returns an error if the
// server is closed or under maintenance.
func (s *Server) openConnection() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return world.ErrMaintenance
	default:
	}
	if s.world.Org.Maintenance {
		return world.ErrMaintenance
	}
	s.connections.Add(1)
	return nil
}

// Authenticates reports whether the payload of a connect request holds a valid key.
func (s *Server) Authenticates(auth string) bool {
	var payload struct{ Token string }
	if json.Unmarshal([]byte(auth), &payload) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepts(payload.Token) && !s.world.Org.Events.Refuse
}

// publishChange publishes that a record changed from one state to another. An empty
// from means that the record is new, an empty to that it was removed. The caller
// holds the lock.
func (s *Server) publishChange(record any, from, to string) {
	if !s.hub.HasSubscribers() {
		return
	}
	var kind, id string
	var body any
	publish := func(name string, payload any) { s.hub.Publish(s.now(), s.world.Org.Events, name, payload) }
	switch r := record.(type) {
	case world.DesiredState:
		publish("sandbox.desired-state.updated", map[string]any{"sandbox": s.views().Sandbox(r.Sandbox), "oldDesiredState": from, "newDesiredState": to})
		return
	case *world.Sandbox:
		kind, id, body = "sandbox", r.ID, s.views().Sandbox(r)
	case *world.Snapshot:
		kind, id, body = "snapshot", r.ID, s.views().Snapshot(r)
	case *world.Volume:
		kind, id, body = "volume", r.ID, view.Volume(r)
	}
	switch {
	case to == "":
		publish(kind+".removed", id)
	case from == "":
		publish(kind+".created", body)
	default:
		publish(kind+".state.updated", map[string]any{kind: body, "oldState": from, "newState": to})
	}
}

// NextEventDelay carries out all transitions that are due and returns the time until
// the next one, at most a second. Subscribers thus receive events even if no client
// sends a request.
func (s *Server) NextEventDelay() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.Advance(now)
	_ = s.commit() // the next change reports the same error
	wait := s.hub.Flush(now)
	if at, ok := s.world.Timers.Next(); ok {
		wait = min(wait, at.Sub(now.Time))
	}
	return max(time.Millisecond, wait)
}
