package journal

import (
	"strings"
	"testing"
	"time"
)

// TestBoundedEvents: large events make the journal forget earlier, and a reader that fell
// behind gets what is left, with the note that it is not complete.
func TestBoundedEvents(t *testing.T) {
	j := New(time.Now, Head{})
	for n := range 500 {
		j.Begin("interval", "r")
		j.Planned(&Plan{Digest: "d", Text: strings.Repeat("x", 1<<20), Steps: make([]Step, n%7), NeedsApproval: "it deletes"}, func(*Pass) {})
		j.End(func(*Pass) {})
	}
	j.mu.Lock()
	size := 0
	for _, e := range j.events {
		size += e.size()
	}
	if size != j.size || size > 2*maxSize {
		t.Errorf("%d bytes of events, %d counted", size, j.size)
	}
	j.mu.Unlock()
	events, complete, _ := j.Since(1)
	if complete || len(events) == 0 || events[len(events)-1].Seq != j.State().Seq {
		t.Errorf("%d events, complete: %v", len(events), complete)
	}
	asked := 0
	for _, e := range events {
		if e.Kind == ApprovalNeeded {
			asked++
		}
	}
	if asked > 0 {
		t.Errorf("the same plan was offered %d times", asked)
	}
}
