// Package events sends the emulator's events to its clients, as Daytona does:
// Socket.IO over a WebSocket.
package events

import (
	"encoding/json"
	"sync"
	"time"

	"fleet/internal/emulator/world"
)

// maxPending is the number of events that a subscriber may lag behind before it is
// disconnected.
const maxPending = 1000

// Hub distributes events to subscribers. It is safe for concurrent use.
type Hub struct {
	mu          sync.Mutex
	subscribers map[*subscriber]bool
	held        []heldEvent // that faults delay
	draws       draws
}

// NewHub returns a Hub without subscribers.
func NewHub() *Hub { return &Hub{subscribers: map[*subscriber]bool{}} }

// subscriber is one connection that receives events. Its channel is closed when it
// is disconnected.
type subscriber struct{ events chan string }

// subscribe adds a subscriber, which the caller removes with unsubscribe.
func (h *Hub) subscribe() *subscriber {
	h.mu.Lock()
	defer h.mu.Unlock()
	sub := &subscriber{events: make(chan string, maxPending)}
	h.subscribers[sub] = true
	return sub
}

// unsubscribe removes a subscriber; it may have been disconnected before.
func (h *Hub) unsubscribe(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(sub)
}

// drop disconnects a subscriber. The caller holds the lock.
func (h *Hub) drop(sub *subscriber) {
	if h.subscribers[sub] {
		delete(h.subscribers, sub)
		close(sub.events)
	}
}

// HasSubscribers reports whether Publish would reach a client.
func (h *Hub) HasSubscribers() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subscribers) > 0
}

// Publish sends an event to all subscribers, unless the faults delay or lose it. It
// never blocks: a subscriber that has maxPending unread events is disconnected.
func (h *Hub) Publish(now world.Instant, faults world.EventFaults, name string, payload any) {
	text, err := json.Marshal([]any{name, payload})
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.disturb(now, faults, string(text))
}

// send sends an event to all subscribers. The caller holds the lock.
func (h *Hub) send(text string) {
	for sub := range h.subscribers {
		select {
		case sub.events <- text:
		default:
			h.drop(sub)
		}
	}
}

// Flush sends the delayed events that are due, and returns the time until the next one,
// at most a second.
func (h *Hub) Flush(now world.Instant) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(func(e heldEvent) bool { return !e.due.After(now.Time) })
	wait := time.Second
	for _, e := range h.held {
		wait = min(wait, e.due.Sub(now.Time))
	}
	return wait
}
