package emulator

import (
	"context"
	"time"

	"fleet/internal/emulator/world"
)

// activityPeriod is how often the proxy resets the idle clock during a request.
const activityPeriod = 50 * time.Second

// pendingWork is a command or preview that runs before the response.
type pendingWork struct {
	id    string
	until world.Instant
	err   error // instead of the response
}

// awaitWork delays a response until the work is done, or the sandbox no longer runs.
// The clock may be advanced meanwhile.
func (s *Server) awaitWork(ctx context.Context, a response, fullPath string) response {
	for {
		done, left, controlChanged := s.pollWork(a, fullPath)
		if done != nil {
			return *done
		}
		if !s.pause(ctx, left, controlChanged) {
			return a
		}
	}
}

// pollWork returns the final response, or how long to wait before the next poll.
func (s *Server) pollWork(a response, fullPath string) (*response, time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.Advance(now)
	sb := s.world.Sandboxes.ByID[a.work.id]
	running := sb != nil && sb.Running()
	if running {
		s.world.MarkActive(sb)
	}
	if err := s.commit(); err != nil {
		return new(s.refuse(a, fullPath, err)), 0, nil
	}
	left := a.work.until.Sub(now.Time)
	switch {
	case !running:
		return new(s.refuse(a, fullPath, errNoToolbox)), 0, nil
	case left > 0:
		return nil, min(left, activityPeriod), s.controlChanged
	case a.work.err != nil:
		return new(s.refuse(a, fullPath, a.work.err)), 0, nil
	}
	a.work = nil
	return &a, 0, nil
}
