package organization

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A server limits how many callers ask one server at the same time. nil limits nothing.
type server chan struct{}

// newServer returns a server with a number of places; 0 means no limit.
func newServer(places int) server {
	if places == 0 {
		return nil
	}
	s := make(server, places)
	for range places {
		s <- struct{}{}
	}
	return s
}

// enter takes a place, for which it waits for some time if wait is set. leave gives it back.
// The error is ErrBusy, or that of the context.
func (s server) enter(ctx context.Context, wait bool) (leave func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	if err := receive(ctx, s, wait); err != nil {
		return nil, err
	}
	return func() { s <- struct{}{} }, nil
}

// shortAnswer is how long the server may take for a small question.
const shortAnswer = 30 * time.Second

// errSilent is the cause of a context that ended since the server did not answer.
var errSilent = errors.New("the server did not answer")

// ask asks a small question with the key of the access, at most for the time of
// [shortAnswer]. The caller has the turn of the access.
func (a *Access) ask(ctx context.Context, wait bool, question func(ctx context.Context) error) error {
	leave, err := a.server.enter(ctx, wait)
	if err != nil {
		return err
	}
	defer leave()
	limited, cancel := context.WithTimeoutCause(ctx, shortAnswer, errSilent)
	defer cancel()
	if err = question(limited); err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), errSilent) {
		err = fmt.Errorf("no answer from %s within %s; check spec.server.url, the NetworkPolicy, and the state of Daytona: %w", a.config.URL, shortAnswer, err)
	}
	a.turn.record(ctx, a, err)
	return err
}
