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

	stop chan struct{} // closed to start no more steps
	busy sync.Mutex    // is held during a pass
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
	return &entry{store: st, stop: make(chan struct{}), session: session.New(session.Options{
		Organizations: r.Organizations, Memory: memory, Wake: func() { r.wakeups.wake(key) }, Now: r.now,
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

// release stops the passes of some objects, and waits for them until ctx ends.
func (s *sessions) release(ctx context.Context, concerned func(namespace, name string) bool) {
	var stopped []*entry
	s.mu.Lock()
	for key, e := range s.entries {
		if concerned(key.Namespace, key.Name) {
			stopped = append(stopped, e)
			delete(s.entries, key)
			close(e.stop)
		}
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { // ends with the last pass, whose requests are bounded
		defer close(done)
		for _, e := range stopped {
			e.busy.Lock()
			e.session.Close()
			e.busy.Unlock()
		}
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
