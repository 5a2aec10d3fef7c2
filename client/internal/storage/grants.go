package storage

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	accessTTL   = time.Hour        // of an access
	renewBefore = 10 * time.Minute // its end: a request takes time
)

// grants holds the access to the storage for all uploads, and renews it. However many
// uploads need an access, one request fetches it.
type grants struct {
	fetch func(context.Context) (*session, error)

	mu      sync.Mutex // never held while a request is sent
	current *session   // nil before the first fetch
	flight  *flight    // nil if nothing is fetched now
}

// A flight is a fetch that is in progress.
type flight struct {
	done    chan struct{} // closed after it
	session *session
	err     error
}

// get returns a session that is valid for a while, and that is not the one that the
// storage refused; nil means that it refused none.
func (g *grants) get(ctx context.Context, refused *session) (*session, error) {
	for {
		valid, f, leads := g.look(refused)
		if valid != nil {
			return valid, nil
		}
		if leads {
			g.run(ctx, f)
			return f.session, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !isContextError(f.err) { // else the upload that fetched was cancelled, which does not concern this one
			return f.session, f.err
		}
	}
}

// look returns a valid session, or the flight to wait for. If leads is true, the caller
// has to run the flight.
func (g *grants) look(refused *session) (valid *session, f *flight, leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.current; s != nil && s != refused && time.Since(s.since) < accessTTL-renewBefore {
		return s, nil, false
	}
	if g.flight != nil {
		return nil, g.flight, false
	}
	g.flight = &flight{done: make(chan struct{})}
	return nil, g.flight, true
}

// run fetches a session for all who wait for the flight.
func (g *grants) run(ctx context.Context, f *flight) {
	since := time.Now()
	f.session, f.err = g.fetch(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.err == nil {
		f.session.since = since
		g.current = f.session
	}
	g.flight = nil
	close(f.done)
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
