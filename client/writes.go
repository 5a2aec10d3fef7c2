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
	Kind WriteKind `json:"what"`
	At   time.Time `json:"at"` // by the clock of this machine
}

// A WriteKind says what is known of a sandbox after a write.
type WriteKind string

// The kinds of writes, each outdoing the ones before.
const (
	WriteCreated WriteKind = "created" // it exists
	WriteChanged WriteKind = "changed" // it was sent something that may have changed or deleted it
	WriteDeleted WriteKind = "deleted" // its deletion was accepted: it does not come back
)

// Writes remembers what was done to sandboxes lately, for as long as lists may
// not show it. The zero value remembers for DefaultListLag. It may be used by
// several goroutines at once.
type Writes struct {
	ListLag time.Duration // 0 is DefaultListLag

	// OnWrite is called with each new write, one at a time, to keep it for other
	// processes. nil keeps it in memory only.
	OnWrite func(Write)

	mu   sync.Mutex
	last map[string]Write
}

// Retention returns how long a write is remembered.
func (w *Writes) Retention() time.Duration { return cmp.Or(w.ListLag, DefaultListLag) }

// Add takes in writes that another process has kept. A write takes the place of
// an earlier one of the same sandbox; nothing outdoes a deletion.
func (w *Writes) Add(list ...Write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range list {
		w.merge(x)
	}
}

// Record takes in a write of this process, and keeps it. The client notes what it
// sends; a caller notes what it finds out of requests whose answer was lost. An
// empty id is no write.
func (w *Writes) Record(id string, kind WriteKind) {
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	x := Write{ID: id, Kind: kind, At: time.Now()}
	w.merge(x)
	if w.OnWrite != nil {
		w.OnWrite(x)
	}
}

func (w *Writes) merge(x Write) {
	if w.last == nil {
		w.last = map[string]Write{}
	}
	before, known := w.last[x.ID]
	if known && before.Kind == WriteDeleted {
		x.Kind = WriteDeleted
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
	cutoff := time.Now().Add(-w.Retention())
	for id, x := range w.last {
		if x.At.Before(cutoff) {
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
