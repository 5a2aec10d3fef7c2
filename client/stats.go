package client

import (
	"maps"
	"sync"
	"time"
)

// Stats are totals over a client's life.
type Stats struct {
	Requests map[RateClass]int // attempts sent, by the counter they were sent under
	Limited  int               // of them, answered 429
	Retries  int               // attempts after the first of a call
	Paused   time.Duration     // time calls spent waiting to be sent, summed over calls
}

// tally collects Stats.
type tally struct {
	mu    sync.Mutex
	total Stats
}

func (t *tally) stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.total
	total.Requests = maps.Clone(total.Requests)
	return total
}

func (t *tally) sent(class RateClass) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total.Requests == nil {
		t.total.Requests = map[RateClass]int{}
	}
	t.total.Requests[class]++
}

func (t *tally) limited() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.Limited++
}

func (t *tally) retried() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.Retries++
}

func (t *tally) paused(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.Paused += d
}
