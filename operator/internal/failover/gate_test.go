package failover_test

import (
	"context"
	"sync"
)

// A gate holds the requests that change something, so that work is in progress while a
// replica fails. The zero gate is open.
type gate struct {
	mu      sync.Mutex
	limited bool
	left    int           // requests that may pass, if it is limited
	held    chan struct{} // closed once a request is held
	changed chan struct{} // closed when requests that are held may pass
}

// hold holds all requests after the next n. The channel is closed once one is held.
func (g *gate) hold(n int) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wake()
	g.limited, g.left, g.held = true, n, make(chan struct{})
	return g.held
}

// release opens the gate.
func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wake()
	g.limited = false
}

// wake makes requests that are held try again. The caller holds the lock.
func (g *gate) wake() {
	if g.changed != nil {
		close(g.changed)
	}
	g.changed = make(chan struct{})
}

// try reports whether a request may pass. Otherwise it returns when to try again.
func (g *gate) try() (ok bool, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.limited || g.left > 0 {
		g.left--
		return true, nil
	}
	select {
	case <-g.held:
	default:
		close(g.held)
	}
	return false, g.changed
}

// pass waits until a request may pass. It returns false if its client ends first.
func (g *gate) pass(ctx context.Context) bool {
	for {
		ok, changed := g.try()
		if ok {
			return ctx.Err() == nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
