package buildcontext

import (
	"errors"
	"sync"
)

// errTooMany stops a scan above the limit of files.
var errTooMany = errors.New("too many files")

// A task is a directory that a scan has to read.
type task struct {
	place place
	real  string // path without symbolic links
}

// A queue hands out the directories of a scan to its workers. It ends when all are
// read, or with an error.
type queue struct {
	mu      sync.Mutex
	wake    sync.Cond
	waiting []task
	busy    int // directories that are being read
	visited int // directories, in all
	files   int // that were found
	limit   int // of files, and of directories
	err     error
}

// init prepares an empty queue.
func (q *queue) init(limit int) {
	q.wake.L = &q.mu
	q.limit = limit
}

// push adds a directory. It fails above the limit.
func (q *queue) push(t task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.visited++; q.visited > q.limit {
		return errTooMany
	}
	q.waiting = append(q.waiting, t)
	q.wake.Signal()
	return nil
}

// take returns the next directory. It waits for directories that others may find, and
// returns false at the end.
func (q *queue) take() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && q.busy > 0 && q.err == nil {
		q.wake.Wait()
	}
	last := len(q.waiting) - 1
	if last < 0 || q.err != nil {
		return task{}, false
	}
	t := q.waiting[last]
	q.waiting = q.waiting[:last]
	q.busy++
	return t, true
}

// finish records that a directory was read, and how many files it has.
func (q *queue) finish(files int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	if q.files += files; err == nil && q.files > q.limit {
		err = errTooMany
	}
	if q.err == nil {
		q.err = err
	}
	if q.err != nil || q.busy == 0 {
		q.wake.Broadcast()
	}
}
