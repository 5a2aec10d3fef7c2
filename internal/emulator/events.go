package emulator

import (
	"encoding/json"
	"time"

	"fleet/internal/emulator/world"
)

// maxPendingEvents is how many events a subscriber may lag behind before it is cut off.
const maxPendingEvents = 1000

// subscriber is one connection that is told what happens.
type subscriber struct{ events chan string }

// subscribe adds a subscriber, which must be given back with unsubscribe.
func (s *Server) subscribe() *subscriber {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := &subscriber{events: make(chan string, maxPendingEvents)}
	s.subscribers[sub] = true
	return sub
}

func (s *Server) unsubscribe(sub *subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropSubscriber(sub)
}

// dropSubscriber ends the news of a subscriber. The caller holds the lock.
func (s *Server) dropSubscriber(sub *subscriber) {
	if s.subscribers[sub] {
		delete(s.subscribers, sub)
		close(sub.events)
	}
}

// publishChange publishes the change of a record from one state to another: from none when
// it is new, to none when it is gone. The caller holds the lock.
func (s *Server) publishChange(record any, from, to string) {
	if len(s.subscribers) == 0 {
		return
	}
	var kind, id string
	var view any
	switch r := record.(type) {
	case *world.Sandbox:
		kind, id, view = "sandbox", r.ID, s.viewSandbox(r)
	case *world.Snapshot:
		kind, id, view = "snapshot", r.ID, s.viewSnapshot(r)
	case *world.Volume:
		kind, id, view = "volume", r.ID, viewVolume(r)
	}
	switch {
	case to == "":
		s.publish(kind+".removed", id)
	case from == "":
		s.publish(kind+".created", view)
	default:
		s.publish(kind+".state.updated", map[string]any{kind: view, "oldState": from, "newState": to})
	}
}

func (s *Server) publish(name string, payload any) {
	text, err := json.Marshal([]any{name, payload})
	if err != nil {
		return
	}
	for sub := range s.subscribers {
		select {
		case sub.events <- string(text):
		default:
			s.dropSubscriber(sub)
		}
	}
}

// nextEventDelay lets everything happen whose time has come and returns how long it
// is until something happens by itself, a second at most: subscribers hear of it
// although nobody asks.
func (s *Server) nextEventDelay() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.Advance(now)
	_ = s.commit() // the next request that changes something meets the same error
	at, ok := s.world.Timers.Next()
	if !ok {
		return time.Second
	}
	return min(time.Second, max(time.Millisecond, at.Sub(now.Time)))
}
