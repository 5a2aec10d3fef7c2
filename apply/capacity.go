package apply

import (
	"context"
	"fmt"
	"time"
)

// A snapshot that was built is active before it has reached the runners. Until
// then, creations from it are refused as if no runner were free.
const (
	spreadTime  = time.Minute // the longest that it takes to reach them
	spreadPause = 250 * time.Millisecond
	spreadMost  = 5 * time.Second // between two attempts
)

// spreading turns a refusal for lack of runners into a wait if the snapshot was
// built less than [spreadTime] ago. Later the refusal means what it says.
func (r *runner) spreading(ctx context.Context, t *task, refusal error) (*wait, error) {
	name := t.step.Want.Snapshot()
	if name == "" {
		return nil, refusal
	}
	now := time.Now()
	if t.refused.IsZero() {
		t.refused = now
	}
	s, err := r.api.Snapshot(ctx, name)
	if err != nil || !s.Built() {
		return nil, refusal
	}
	active := s.UpdatedAt
	if s.CreatedAt.After(active) {
		active = s.CreatedAt
	}
	ahead, _ := r.api.Skew()
	// A server that counts a use as an update must not prolong the wait for ever.
	if age := now.Add(ahead).Sub(active); age >= spreadTime || now.Sub(t.refused) >= spreadTime {
		return nil, refusal
	}
	return later(fmt.Sprintf("snapshot %q to reach the runners", name), min(spreadPause<<min(t.attempt, 10), spreadMost)), nil
}
