package schedule

import (
	"slices"
	"testing"
	"time"

	"fleet/plan"
)

// TestNextWithinLimiter checks that no more tasks of a class start than its limiter
// permits, although there are more workers, and that it holds up no other class.
func TestNextWithinLimiter(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 0))
	for i := range initialLimit + 2 {
		queued(s, i, Slot{})
	}
	other := s.Add(Task{Order: 99, Turns: []Turn{{Class: plan.CreateRequests}}})
	s.Enqueue(other)
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99}
	if got := turns(s); !slices.Equal(got, want) {
		t.Errorf("%v start, want %v", got, want)
	}
	back(s, 0)
	if got := turns(s); len(got) == 0 || got[0] != 10 {
		t.Errorf("%v start after one has returned, want the next", got)
	}
}

// TestNextOfNone checks what Next returns if no task may start: for lack of workers, and
// for lack of tasks.
func TestNextOfNone(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 1))
	none := func(why string) {
		t.Helper()
		if id, ok := s.Next(time.Time{}); ok || id != 0 {
			t.Errorf("%s: task %d starts: %t", why, id, ok)
		}
	}
	none("an empty schedule")
	queued(s, 0, Slot{})
	queued(s, 1, Slot{})
	turns(s)
	none("no worker is free")
}
