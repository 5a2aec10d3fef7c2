package controller

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/lease"
	"fleet/operator/internal/session"
)

// An entry is what a replica keeps of an object that it reconciles.
type entry struct {
	session  *session.Session
	store    *store
	fence    *lease.Fence // of the shard while it is this replica's; nil outside of leases
	failures int          // passes that failed in a row

	mu    sync.Mutex
	order order              // of the reconciliation that runs
	end   context.CancelFunc // interrupts the reconciliation that runs; nil for none
}

// An order is what an object asks for, as far as a reconciliation must end for another one.
type order struct {
	generation int64
	dryRun     bool
}

// orderOf returns what an object asks for.
func orderOf(o client.Object) order {
	return order{o.GetGeneration(), o.GetAnnotations()[v1alpha1.DryRunAnnotation] == "true"}
}

// sessions are the entries of all objects. The zero sessions are empty.
type sessions struct {
	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
}

// open returns the entry of an object, and makes one if there is none. It makes a new one
// for another object of the same name, and after another replica may have reconciled the
// object: what was remembered of it may be out of date.
func (s *sessions) open(ctx context.Context, r *Reconciler, f *v1alpha1.Fleet) (*entry, error) {
	key := types.NamespacedName{Namespace: f.Namespace, Name: f.Name}
	s.mu.Lock()
	e := s.entries[key]
	s.mu.Unlock()
	if e != nil && e.store.uid == f.UID && e.fence == lease.FenceOf(ctx) {
		return e, nil
	}
	s.remove(key)
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
	return &entry{store: st, fence: lease.FenceOf(ctx), session: session.New(session.Options{
		Organizations: r.Organizations, Memory: memory, Now: r.now,
		Wake: func() { r.wakeups.wake(key) }, Resync: func() { r.wakeups.resync(key) },
	})}, nil
}

// begin records that the object is reconciled as it was read, until end is called. The
// channel is closed when the reconciliation is interrupted.
func (e *entry) begin(ctx context.Context, o order) (interrupted <-chan struct{}, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.order, e.end = o, cancel
	return ctx.Done(), func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.end = nil
		cancel()
	}
}

// interrupt makes the reconciliation of an object start no more steps, if the object asks
// for something else by now: what it does may no longer be wanted. Older generations are
// ignored, since events may be older than the object that was read.
func (s *sessions) interrupt(key types.NamespacedName, o order) {
	s.mu.Lock()
	e := s.entries[key]
	s.mu.Unlock()
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.end != nil && o != e.order && o.generation >= e.order.generation {
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
