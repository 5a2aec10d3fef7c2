package emulator

import (
	"context"
	"time"

	"fleet/internal/emulator/world"
)

// maxWait is the maximum time for which create and start delay their response.
const maxWait = 30 * time.Second

// wait delays a response until a sandbox has started.
type wait struct {
	id string
	// currentState selects the state at the end of the wait, as start does. create
	// responds with the state at its beginning.
	currentState bool
}

// awaitStart delays a response until the sandbox has started or failed, or 30 seconds
// have passed.
func (s *Server) awaitStart(ctx context.Context, a response, full string) response {
	deadline := time.NewTimer(maxWait)
	defer deadline.Stop()
	for {
		next, left, controlChanged := s.pollStart(a, full)
		if next != nil {
			return *next
		}
		timer := time.NewTimer(left)
		over := false
		select {
		case <-timer.C:
		case <-controlChanged:
		case <-deadline.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-s.closed:
			over = true
		}
		timer.Stop()
		if over {
			return s.timeOut(a)
		}
	}
}

// pollStart returns the final response, or how long to wait before the next poll.
func (s *Server) pollStart(a response, full string) (*response, time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.Advance(now)
	if err := s.commit(); err != nil {
		return new(s.refuse(a, full, err)), 0, nil
	}
	sb := s.world.Sandboxes.ByID[a.wait.id]
	switch {
	case sb == nil || sb.DesiredState == world.StateDestroyed:
		return &a, 0, nil
	case sb.Errored():
		return new(s.refuse(a, full, world.BadRequest("Sandbox failed to start: %s", world.ValueOr(sb.ErrorReason, "unknown error")))), 0, nil
	case !sb.Pending:
		return new(s.withCurrentState(a, sb)), 0, nil
	case sb.Due == nil:
		return nil, maxWait, s.controlChanged
	}
	return nil, sb.Due.Sub(now.Time), s.controlChanged
}

// timeOut returns the response at the end of the wait.
func (s *Server) timeOut(a response) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sb := s.world.Sandboxes.ByID[a.wait.id]; sb != nil {
		return s.withCurrentState(a, sb)
	}
	return a
}

// withCurrentState updates the body of a response that shows the state at the end of
// the wait.
func (s *Server) withCurrentState(a response, sb *world.Sandbox) response {
	if !a.wait.currentState {
		return a
	}
	return a.json(a.status, s.views().Sandbox(sb))
}
