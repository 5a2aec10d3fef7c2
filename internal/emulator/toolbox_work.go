package emulator

import (
	"context"
	"time"
)

// activityPeriod is how often the proxy resets the idle clock during a request.
const activityPeriod = 50 * time.Second

// work is what a sandbox is busy with before an answer.
type work struct {
	id    string
	until instant
	end   error // instead of the answer
}

// attend holds an answer back until the work is done, or the sandbox no longer
// runs. The clock may be moved meanwhile.
func (s *Server) attend(ctx context.Context, a answer, whole string) answer {
	for {
		done, left, moved := s.progress(a, whole)
		if done != nil {
			return *done
		}
		if !s.pause(ctx, left, moved) {
			return a
		}
	}
}

// progress returns the final answer, or how long to wait before looking again.
func (s *Server) progress(a answer, whole string) (*answer, time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.world.advance(now)
	sb := s.world.sandboxes.byID[a.work.id]
	works := sb != nil && sb.running()
	if works {
		s.world.use(sb)
	}
	if err := s.commit(); err != nil {
		return ptr(s.refuse(a, whole, err)), 0, nil
	}
	left := a.work.until.Sub(now.Time)
	switch {
	case !works:
		return ptr(s.refuse(a, whole, errNoToolbox)), 0, nil
	case left > 0:
		return nil, min(left, activityPeriod), s.moved
	case a.work.end != nil:
		return ptr(s.refuse(a, whole, a.work.end)), 0, nil
	}
	a.work = nil
	return &a, 0, nil
}
