package operation

import (
	"context"
	"fmt"
	"time"
)

// A snapshot that was built is active before it has reached the runners. Until then,
// creations from it are refused as if no runner were free.
const (
	propagationTimeout  = time.Minute // the longest that it takes to reach them
	propagationMinDelay = 250 * time.Millisecond
	propagationMaxDelay = 5 * time.Second // between two attempts
)

// awaitPropagation turns a refusal for lack of runners into a wait if the snapshot was
// built less than [propagationTimeout] ago. Later, the server really has no runner free.
func awaitPropagation(ctx context.Context, e *Env, t *Task, refusal error) (*Wait, error) {
	name := t.Step.Want.Snapshot()
	if name == "" {
		return nil, refusal
	}
	now := e.Now()
	if t.firstNoCapacity.IsZero() {
		t.firstNoCapacity = now
	}
	s, err := e.API.Snapshot(ctx, name)
	if err != nil || !s.Built() {
		return nil, refusal
	}
	active := s.UpdatedAt
	if s.CreatedAt.After(active) {
		active = s.CreatedAt
	}
	skew, _ := e.API.ClockSkew()
	age := now.Add(skew).Sub(active)
	// A server that counts each use as an update must not prolong the wait forever.
	if age >= propagationTimeout || now.Sub(t.firstNoCapacity) >= propagationTimeout {
		return nil, refusal
	}
	delay := min(propagationMinDelay<<min(t.Attempt, 10), propagationMaxDelay)
	return RetryAfter(fmt.Sprintf("snapshot %q to reach the runners", name), delay), nil
}
