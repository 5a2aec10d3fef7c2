package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrFenced is the error of requests that were not sent, or were canceled, since another
// replica may hold the lease.
var ErrFenced = errors.New("the lease may be held by another replica")

// A Fence states whether a lease is surely held. The zero Fence is closed. Its methods may be
// called from any goroutine.
type Fence struct {
	mu      sync.Mutex
	lease   string
	held    bool
	renewed time.Duration // when the last successful renewal was sent
	opens   time.Duration // the fence is closed before
	revoked error         // why the fence is closed for good, or nil
}

// Check returns nil if the last successful renewal of the lease is younger than RenewDeadline,
// and an error that wraps ErrFenced otherwise.
func (f *Fence) Check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.check(now(), RenewDeadline)
}

// check returns an error if the fence is closed, with the limit of the age of the renewal.
func (f *Fence) check(at, limit time.Duration) error {
	switch {
	case f.revoked != nil:
		return fmt.Errorf("lease %s: %w: %w", f.lease, ErrFenced, f.revoked)
	case !f.held:
		return fmt.Errorf("lease %s: %w: it is not held", f.lease, ErrFenced)
	case at < f.opens:
		return fmt.Errorf("lease %s: %w: a former holder may still write for %s", f.lease, ErrFenced, f.opens-at)
	case at-f.renewed >= limit:
		return fmt.Errorf("lease %s: %w: it was last renewed %s ago", f.lease, ErrFenced, (at - f.renewed).Round(time.Millisecond))
	}
	return nil
}

// renew records a successful renewal that was sent at a time. A fence that was revoked stays
// closed.
func (f *Fence) renew(sent time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = true
	f.renewed = max(f.renewed, sent)
}

// settle keeps the fence closed until a time.
func (f *Fence) settle(until time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opens = until
}

// settling returns how long the fence stays closed although the lease is held.
func (f *Fence) settling() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opens - now()
}

// revoke closes the fence for good.
func (f *Fence) revoke(reason error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.revoked == nil {
		f.revoked = reason
	}
}

// expired reports whether the lease is no longer the holder's: another replica may have held
// it since the last renewal.
func (f *Fence) expired() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held && now()-f.renewed >= LeaseDuration
}

// lastRenewed returns when the last successful renewal was sent, and whether the fence is open.
func (f *Fence) lastRenewed() (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.renewed, f.check(now(), RenewDeadline) == nil
}

// remaining returns the time until requests in flight are canceled, or the reason if it is now.
func (f *Fence) remaining() (time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := now()
	if err := f.check(at, abandonAfter); err != nil {
		return 0, err
	}
	return abandonAfter - (at - f.renewed), nil
}

// guard returns a context that ends once another replica may hold the lease. The caller calls
// cancel.
func (f *Fence) guard(ctx context.Context) (guarded context.Context, cancel context.CancelCauseFunc) {
	ctx, cancel = context.WithCancelCause(ctx)
	var mu sync.Mutex
	var timer *time.Timer
	expire := func() {
		mu.Lock()
		defer mu.Unlock()
		left, err := f.remaining()
		switch {
		case err != nil:
			cancel(err)
		case ctx.Err() == nil:
			timer.Reset(left)
		}
	}
	left, err := f.remaining()
	if err != nil {
		cancel(err)
		return ctx, cancel
	}
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(left, expire)
	context.AfterFunc(ctx, func() { timer.Stop() })
	return ctx, cancel
}

type fenceKey struct{}

// WithFence returns a context whose requests to Kubernetes are checked by a fence.
func WithFence(ctx context.Context, f *Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceOf returns the fence of a context that Begin returned, and nil for others.
func FenceOf(ctx context.Context) *Fence {
	f, _ := ctx.Value(fenceKey{}).(*Fence)
	return f
}
