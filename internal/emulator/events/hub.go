// Package events sends the emulator's events to its clients, as Daytona does:
// Socket.IO over a WebSocket.
package events

import (
	"encoding/json"
	"sync"
)

// maxPending is the number of events that a subscriber may lag behind before it is
// disconnected.
const maxPending = 1000

// Hub distributes events to subscribers. It is safe for concurrent use.
type Hub struct {
	mu          sync.Mutex
	subscribers map[*subscriber]bool
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

// Publish sends an event to all subscribers. It never blocks: a subscriber that has
// maxPending unread events is disconnected.
func (h *Hub) Publish(name string, payload any) {
	text, err := json.Marshal([]any{name, payload})
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subscribers {
		select {
		case sub.events <- string(text):
		default:
			h.drop(sub)
		}
	}
}
