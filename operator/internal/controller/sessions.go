package controller

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
)

// An entry is what a replica keeps of an object that it reconciles.
type entry struct {
	session  *session.Session
	store    *store
	failures int // passes that failed in a row

	mu         sync.Mutex
	generation int64              // of the object whose pass runs
	end        context.CancelFunc // of the pass that runs; nil for none
}

// sessions are the entries of all objects. The zero sessions are empty.
type sessions struct {
	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
}

// open returns the entry of an object, and makes one if there is none.
func (s *sessions) open(ctx context.Context, r *Reconciler, f *v1alpha1.Fleet) (*entry, error) {
	key := types.NamespacedName{Namespace: f.Namespace, Name: f.Name}
	s.mu.Lock()
	e := s.entries[key]
	s.mu.Unlock()
	if e != nil && e.store.uid == f.UID {
		return e, nil
	}
	if e != nil { // the object was deleted and created again
		s.remove(key)
	}
	e, err := newEntry(ctx, r, f)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[types.NamespacedName]*entry{}
	}
	s.entries[key] = e
	return e, nil
}

// newEntry returns an entry with the stored memory of the object.
func newEntry(ctx context.Context, r *Reconciler, f *v1alpha1.Fleet) (*entry, error) {
	st := newStore(r, f)
	memory := &session.Memory{Store: st.remember}
	text, err := st.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := memory.Restore(text); err != nil { // what was remembered only damps
		_ = memory.Restore("")
	}
	key := types.NamespacedName{Namespace: f.Namespace, Name: f.Name}
	return &entry{store: st, session: session.New(session.Options{
		Organizations: r.Organizations, Memory: memory, Now: r.now,
		Wake: func() { r.wakeups.wake(key) }, Resync: func() { r.wakeups.resync(key) },
	})}, nil
}

// begin records that a pass for a generation of the object runs, until end is called. The
// channel is closed when the pass is interrupted.
func (e *entry) begin(ctx context.Context, generation int64) (closed <-chan struct{}, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.generation, e.end = generation, cancel
	return ctx.Done(), func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.end = nil
		cancel()
	}
}

// interrupt makes the pass of an object start no more steps, if it is one for another
// generation: what it does may no longer be wanted.
func (s *sessions) interrupt(key types.NamespacedName, generation int64) {
	s.mu.Lock()
	e := s.entries[key]
	s.mu.Unlock()
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.end != nil && e.generation != generation {
		e.end()
	}
}

// remove ends the work on an object. No pass may run.
func (s *sessions) remove(key types.NamespacedName) {
	s.mu.Lock()
	e := s.entries[key]
	delete(s.entries, key)
	s.mu.Unlock()
	if e != nil {
		e.session.Close()
	}
}

// closeAll ends the work on all objects. No pass may run.
func (s *sessions) closeAll() {
	s.mu.Lock()
	all := s.entries
	s.entries = nil
	s.mu.Unlock()
	for _, e := range all {
		e.session.Close()
	}
}
