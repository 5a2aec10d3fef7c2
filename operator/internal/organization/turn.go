package organization

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// ErrBusy is the error of a question that another caller asks the server, or that too many
// others wait for.
var ErrBusy = errors.New("the server is being asked")

// patience is how long a caller waits for others.
const patience = 15 * time.Second

// A turn lets one caller at a time ask a server, and shares its failure with those that wait.
type turn struct {
	token chan struct{} // is held while no caller has the turn

	mu       sync.Mutex
	attempts int     // that have ended
	failure  error   // of the last one; nil if it succeeded
	failedBy *Access // whose key that was made with
}

// newTurn returns a turn that can be taken.
func newTurn() *turn {
	t := &turn{token: make(chan struct{}, 1)}
	t.putBack()
	return t
}

// take takes the turn. If another caller has it, take waits for it for some time, or does not
// wait; the error is then that of the last attempt with the same key, or else ErrBusy. After
// the wait, the error is that of the attempt that was waited for if it failed with the same
// key.
func (t *turn) take(ctx context.Context, a *Access, wait bool) error {
	select {
	case <-t.token:
		return nil
	default:
	}
	before, failure := t.last(a)
	if err := receive(ctx, t.token, wait); err != nil {
		if errors.Is(err, ErrBusy) {
			return cmp.Or(failure, err)
		}
		return err
	}
	if after, failure := t.last(a); after != before && failure != nil {
		t.putBack()
		return failure
	}
	return nil
}

// receive receives a token, for which it waits for some time if wait is set. The error is
// ErrBusy, or that of the context.
func receive(ctx context.Context, token <-chan struct{}, wait bool) error {
	select {
	case <-token:
		return nil
	default:
	}
	if !wait {
		return ErrBusy
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-token:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// putBack gives the turn to the next caller.
func (t *turn) putBack() { t.token <- struct{}{} }

// last returns the number of attempts, and the error of the last one if it was made with the
// key of an access.
func (t *turn) last(a *Access) (attempts int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failedBy == a {
		err = t.failure
	}
	return t.attempts, err
}

// record records how an attempt ended. One that its caller gave up, or that found no place at
// the server, states nothing for others.
func (t *turn) record(ctx context.Context, a *Access, err error) {
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrBusy)) {
		return
	}
	t.end(a, err)
}

// succeed records that the last failure is over.
func (t *turn) succeed(a *Access) { t.end(a, nil) }

func (t *turn) end(a *Access, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attempts++
	t.failure, t.failedBy = err, a
}
