package client

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// DefaultListLag is how far a list may lag behind the truth at the most, as far
// as is known: the hosted list by cursor was seen to be some seconds late.
const DefaultListLag = 10 * time.Second

// A Write is what a client last did to a sandbox.
type Write struct {
	ID   string    `json:"id"`
	What WriteKind `json:"what"`
	At   time.Time `json:"at"` // by the clock of this machine
}

// A WriteKind says what is known of a sandbox after a write.
type WriteKind string

// The kinds of writes, each outdoing the ones before.
const (
	Created WriteKind = "created" // it exists
	Changed WriteKind = "changed" // it was sent something that may have changed or deleted it
	Deleted WriteKind = "deleted" // its deletion was accepted: it does not come back
)

// Writes remembers what was done to sandboxes lately, for as long as lists may
// not show it. The zero value remembers for DefaultListLag. It may be used by
// several goroutines at once.
type Writes struct {
	Lag time.Duration // 0 is DefaultListLag

	// Keep is called with each new write, one at a time, to keep it for other
	// processes. nil keeps it in memory only.
	Keep func(Write)

	mu   sync.Mutex
	last map[string]Write
}

// Window returns how long a write is remembered.
func (w *Writes) Window() time.Duration { return cmp.Or(w.Lag, DefaultListLag) }

// Add takes in writes that another process has kept. A write takes the place of
// an earlier one of the same sandbox; nothing outdoes a deletion.
func (w *Writes) Add(list ...Write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range list {
		w.put(x)
	}
}

// Note takes in a write of this process, and keeps it. The client notes what it
// sends; a caller notes what it finds out of requests whose answer was lost. An
// empty id is no write.
func (w *Writes) Note(id string, what WriteKind) {
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	x := Write{ID: id, What: what, At: time.Now()}
	w.put(x)
	if w.Keep != nil {
		w.Keep(x)
	}
}

func (w *Writes) put(x Write) {
	if w.last == nil {
		w.last = map[string]Write{}
	}
	before, known := w.last[x.ID]
	if known && before.What == Deleted {
		x.What = Deleted
	}
	if known && before.At.After(x.At) {
		x.At = before.At
	}
	w.last[x.ID] = x
}

// Recent lists the writes that a list may not show yet, oldest first, and
// forgets the others.
func (w *Writes) Recent() []Write {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []Write
	edge := time.Now().Add(-w.Window())
	for id, x := range w.last {
		if x.At.Before(edge) {
			delete(w.last, id)
			continue
		}
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b Write) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Writes returns what the client remembers of its writes.
func (c *Client) Writes() *Writes { return c.config.Writes }
