package schedule

import (
	"container/heap"

	"fleet/plan"
)

// A queueKey is all that decides whether a task may start. Tasks with equal keys
// share a queue, so that no task waits behind one that may not start yet.
type queueKey struct {
	class   plan.RequestClass
	hasSlot bool
	slot    Slot
}

// A queue holds tasks in the order in which they start.
type queue struct {
	queueKey
	limits map[limitKey]int // that apply to its tasks
	recordHeap
}

// recordHeap implements [heap.Interface].
type recordHeap []*record

func (h recordHeap) Len() int           { return len(h) }
func (h recordHeap) Less(i, j int) bool { return h[i].runsBefore(h[j]) }
func (h recordHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *recordHeap) Push(r any) { *h = append(*h, r.(*record)) }

// Pop implements [heap.Interface].
func (h *recordHeap) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	*h = (*h)[:last]
	return r
}

// dropEnded removes tasks at the front that ended while they were queued.
func (h *recordHeap) dropEnded() {
	for len(*h) > 0 && (*h)[0].ended {
		heap.Pop(h)
	}
}

// hasTasks reports whether a task is queued.
func (q *queue) hasTasks() bool {
	q.dropEnded()
	return len(q.recordHeap) > 0
}

// Dequeue removes a task from its queue, and reports whether it was queued.
func (s *Schedule) Dequeue(id TaskID) bool {
	for _, q := range s.queueOrder {
		for i, t := range q.recordHeap {
			if t.id == id {
				heap.Remove(&q.recordHeap, i)
				return true
			}
		}
	}
	return false
}
