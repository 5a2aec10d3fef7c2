package notify

import "sync"

// A queue holds the notifications for one endpoint. The oldest is dropped when a new one
// has no room.
type queue struct {
	limit int
	wake  chan struct{} // has a value after a change

	mu     sync.Mutex
	list   []Notification
	closed bool
}

func newQueue(limit int) *queue { return &queue{limit: limit, wake: make(chan struct{}, 1)} }

// push adds a notification. It reports whether another one was dropped.
func (q *queue) push(n Notification) (dropped bool) {
	q.mu.Lock()
	if dropped = len(q.list) == q.limit; dropped {
		q.list = append(q.list[:0], q.list[1:]...)
	}
	q.list = append(q.list, n)
	q.mu.Unlock()
	q.signal()
	return dropped
}

// close ends the queue once it is empty.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// pop removes and returns the oldest notification. It waits for one; ok is false if the
// queue is closed and empty. One goroutine may call it.
func (q *queue) pop() (n Notification, ok bool) {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			n, q.list = q.list[0], q.list[1:]
			q.mu.Unlock()
			return n, true
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return n, false
		}
		<-q.wake
	}
}

// len returns the number of notifications that wait.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list)
}
