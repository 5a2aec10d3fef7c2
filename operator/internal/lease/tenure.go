package lease

import (
	"context"
	"errors"
	"sync"
)

// ErrGivenUp is the cause of the end of a context that Begin returned, once the shard is to be
// given up to another replica or the process ends.
var ErrGivenUp = errors.New("the shard is given up to another replica")

// A tenure is the time in which this replica works for a shard.
type tenure struct {
	fence  *Fence
	ctx    context.Context // of all work for the shard
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	ending bool
	work   int
	idle   chan struct{} // closed when the tenure is ending and no work is left
}

func newTenure(f *Fence) *tenure {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &tenure{fence: f, ctx: ctx, cancel: cancel, idle: make(chan struct{})}
}

// begin registers work, unless the tenure is ending.
func (t *tenure) begin(ctx context.Context) (context.Context, func(), bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ending {
		return nil, nil, false
	}
	t.work++
	ctx, cancel := context.WithCancelCause(WithFence(ctx, t.fence))
	stop := context.AfterFunc(t.ctx, func() { cancel(context.Cause(t.ctx)) })
	return ctx, sync.OnceFunc(func() {
		stop()
		cancel(nil)
		t.done()
	}), true
}

func (t *tenure) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.work--
	if t.ending && t.work == 0 {
		close(t.idle)
	}
}

// end refuses new work and ends the context of the work that is running. It reports whether
// all of it has stopped before ctx ends.
func (t *tenure) end(ctx context.Context, reason error) bool {
	t.mu.Lock()
	if !t.ending {
		t.ending = true
		if t.work == 0 {
			close(t.idle)
		}
	}
	t.mu.Unlock()
	t.cancel(reason)
	select {
	case <-t.idle:
		return true
	case <-ctx.Done():
		return false
	}
}
