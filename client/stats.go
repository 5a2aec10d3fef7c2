package client

import (
	"maps"
	"sync"
	"time"
)

// Stats are totals over a client's life.
type Stats struct {
	Requests    map[RateClass]int // attempts sent, by the counter they were sent under
	RateLimited int               // of them, answered 429
	Retries     int               // attempts after the first of a call
	Wait        time.Duration     // time calls spent waiting to be sent, summed over calls
}

// statsCollector collects Stats.
type statsCollector struct {
	mu    sync.Mutex
	total Stats
}

func (t *statsCollector) stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.total
	total.Requests = maps.Clone(total.Requests)
	return total
}

func (t *statsCollector) addRequest(class RateClass) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total.Requests == nil {
		t.total.Requests = map[RateClass]int{}
	}
	t.total.Requests[class]++
}

func (t *statsCollector) addRateLimited() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.RateLimited++
}

func (t *statsCollector) addRetry() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.Retries++
}

func (t *statsCollector) addWait(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total.Wait += d
}
