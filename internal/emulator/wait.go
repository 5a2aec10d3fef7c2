package emulator

import (
	"context"
	"time"
)

// maxWait is how long create and start hold their answer back.
const maxWait = 30 * time.Second

// wait asks for an answer to be held back until a sandbox is started.
type wait struct {
	id string
	// fresh gives the state at the end of the wait, as start does; create answers
	// with the state at its beginning.
	fresh bool
}

// await holds an answer back until the sandbox is started, has failed, or 30
// seconds have passed.
func (s *Server) await(ctx context.Context, a answer, full string) answer {
	deadline := time.NewTimer(maxWait)
	defer deadline.Stop()
	for {
		next, left, moved := s.look(a, full)
		if next != nil {
			return *next
		}
		timer := time.NewTimer(left)
		over := false
		select {
		case <-timer.C:
		case <-moved:
		case <-deadline.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-s.closed:
			over = true
		}
		timer.Stop()
		if over {
			return s.giveUp(a)
		}
	}
}

// look returns the final answer, or how long to wait before looking again.
func (s *Server) look(a answer, full string) (*answer, time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.advance(now)
	if err := s.commit(); err != nil {
		return ptr(s.refuse(a, full, err)), 0, nil
	}
	sb := s.world.sandboxes.byID[a.wait.id]
	switch {
	case sb == nil || sb.DesiredState == stateDestroyed:
		return &a, 0, nil
	case sb.errored():
		return ptr(s.refuse(a, full, badRequest("Sandbox failed to start: %s", valueOr(sb.ErrorReason, "unknown error")))), 0, nil
	case !sb.Pending:
		return ptr(s.fresh(a, sb)), 0, nil
	case sb.Due == nil:
		return nil, maxWait, s.moved
	}
	return nil, sb.Due.Sub(now.Time), s.moved
}

// giveUp answers with what is known at the end of the wait.
func (s *Server) giveUp(a answer) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sb := s.world.sandboxes.byID[a.wait.id]; sb != nil {
		return s.fresh(a, sb)
	}
	return a
}

// fresh renews the body of an answer that shows the end of the wait.
func (s *Server) fresh(a answer, sb *sandbox) answer {
	if !a.wait.fresh {
		return a
	}
	return a.json(a.status, s.viewSandbox(sb))
}
