package client

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// DefaultListLag is how long a list may not show a change. The list by cursor of the
// hosted service has been seen to be some seconds out of date.
const DefaultListLag = 10 * time.Second

// A Write is the last change that a client made to a sandbox.
type Write struct {
	ID   string    `json:"id"`   // of the sandbox
	Kind WriteKind `json:"what"` // of change
	At   time.Time `json:"at"`   // by the clock of this machine
}

// A WriteKind is what is known of a sandbox after a write.
type WriteKind string

// The kinds of writes.
const (
	WriteCreated WriteKind = "created" // the sandbox exists
	WriteChanged WriteKind = "changed" // a request was sent that may have changed or deleted it
	WriteDeleted WriteKind = "deleted" // its deletion was accepted, which is final
)

// Writes remembers recent changes of sandboxes for as long as lists may not show them.
// The zero value is ready. It may be used by several goroutines at once.
type Writes struct {
	ListLag time.Duration // how long lists may not show a change; 0 means DefaultListLag

	// OnWrite is called with each new write, one at a time, to store it for other
	// processes. nil means that writes are kept in memory only.
	OnWrite func(Write)

	mu   sync.Mutex
	last map[string]Write
}

// Retention returns how long a write is remembered.
func (w *Writes) Retention() time.Duration { return cmp.Or(w.ListLag, DefaultListLag) }

// Add adds writes that another process has stored. A write replaces an earlier one to
// the same sandbox, except that a deletion stays a deletion.
func (w *Writes) Add(list ...Write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range list {
		w.merge(x)
	}
}

// Record adds a write of this process and passes it to OnWrite. The client records the
// requests that it sends. A caller records the effects that it finds of a request without
// a response. A write without an id is ignored.
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

// Recent returns the writes that a list may not show yet, oldest first, and forgets the
// others.
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

// Writes returns the recent writes of the client.
func (c *Client) Writes() *Writes { return c.config.Writes }
