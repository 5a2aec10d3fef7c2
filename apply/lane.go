package apply

import "container/heap"

// A lane is a line of tasks in the order in which they are to go.
type lane struct {
	place
	bounds map[occupancy]int
	queue
}

// A queue is a heap of tasks.
type queue []*task

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].before(q[j]) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(t any)        { *q = append(*q, t.(*task)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	*q = (*q)[:last]
	return t
}

// drop takes away what has ended in line.
func (q *queue) drop() {
	for len(*q) > 0 && (*q)[0].ended {
		heap.Pop(q)
	}
}

// before reports whether a task goes before another: first what most waits for
// in a row, then what comes first in the plan.
func (t *task) before(other *task) bool {
	if t.depth != other.depth {
		return t.depth > other.depth
	}
	return t.index < other.index
}
