package notify

import (
	"context"

	"fleet/internal/journal"
)

// follow calls handle with new events of a journal, the oldest first, until ctx ends and
// all events were handled. lost is the number of events before them that the journal
// has forgotten.
func follow(ctx context.Context, j *journal.Journal, handle func(events []journal.Event, lost uint64)) {
	var seq uint64
	for {
		ended := ctx.Err() != nil
		events, _, changed := j.Since(seq)
		if n := len(events); n > 0 {
			lost := events[0].Seq - seq - 1
			seq = events[n-1].Seq
			handle(events, lost)
			continue
		}
		if ended {
			return
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}
