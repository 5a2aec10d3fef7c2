package schedule

import (
	"slices"
	"testing"

	"fleet/plan"
)

// TestDequeue checks that a task that is removed from its queue does not start until it
// is enqueued again, and that the others keep their order.
func TestDequeue(t *testing.T) {
	s := New(NewLimits(&plan.Plan{}, 9))
	for order := range 4 {
		queued(s, order, Slot{})
	}
	for _, want := range []bool{true, false} {
		if got := s.Dequeue(1); got != want {
			t.Errorf("task 1 was queued: %t, want %t", got, want)
		}
	}
	if got, want := turns(s), []int{0, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("%v start, want %v", got, want)
	}
	if s.Dequeue(2) {
		t.Error("a task that runs was queued")
	}
	s.Enqueue(1)
	if got, want := turns(s), []int{1}; !slices.Equal(got, want) {
		t.Errorf("%v start afterwards, want %v", got, want)
	}
}
