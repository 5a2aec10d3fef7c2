package apply

import "container/heap"

// A lane is a line of tasks in the order in which they are to go.
type taskQueue struct {
	queueKey
	limits map[limitKey]int
	taskHeap
}

// A queue is a heap of tasks.
type taskHeap []*task

func (q taskHeap) Len() int           { return len(q) }
func (q taskHeap) Less(i, j int) bool { return q[i].runsBefore(q[j]) }
func (q taskHeap) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *taskHeap) Push(t any)        { *q = append(*q, t.(*task)) }
func (q *taskHeap) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	*q = (*q)[:last]
	return t
}

// dropEnded takes away what has ended in line.
func (q *taskHeap) dropEnded() {
	for len(*q) > 0 && (*q)[0].ended {
		heap.Pop(q)
	}
}

// runsBefore reports whether a task goes before another: first what most waits for
// in a row, then what comes first in the plan.
func (t *task) runsBefore(other *task) bool {
	if t.depth != other.depth {
		return t.depth > other.depth
	}
	return t.index < other.index
}
