package apply

import (
	"context"
	"fmt"
	"time"
)

// A snapshot that was built is active before it has reached the runners. Until
// then, creations from it are refused as if no runner were free.
const (
	propagationTimeout  = time.Minute // the longest that it takes to reach them
	propagationMinDelay = 250 * time.Millisecond
	propagationMaxDelay = 5 * time.Second // between two attempts
)

// awaitPropagation turns a refusal for lack of runners into a wait if the snapshot was
// built less than [propagationTimeout] ago. Later the refusal means what it says.
func (r *runner) awaitPropagation(ctx context.Context, t *task, refusal error) (*wait, error) {
	name := t.step.Want.Snapshot()
	if name == "" {
		return nil, refusal
	}
	now := time.Now()
	if t.firstRefusedAt.IsZero() {
		t.firstRefusedAt = now
	}
	s, err := r.api.Snapshot(ctx, name)
	if err != nil || !s.Built() {
		return nil, refusal
	}
	active := s.UpdatedAt
	if s.CreatedAt.After(active) {
		active = s.CreatedAt
	}
	skew, _ := r.api.ClockSkew()
	// A server that counts a use as an update must not prolong the wait for ever.
	if age := now.Add(skew).Sub(active); age >= propagationTimeout || now.Sub(t.firstRefusedAt) >= propagationTimeout {
		return nil, refusal
	}
	return retryAfter(fmt.Sprintf("snapshot %q to reach the runners", name), min(propagationMinDelay<<min(t.attempt, 10), propagationMaxDelay)), nil
}
