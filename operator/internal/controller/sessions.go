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

// newEntry returns an entry with what was stored of the object.
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
