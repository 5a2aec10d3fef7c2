package transport

import (
	"maps"
	"net/http"
	"sync"
	"time"

	"fleet/client/internal/api"
)

// Stats are the totals of a client since it was made.
type Stats struct {
	Requests    map[api.RateClass]int // attempts sent, by the counter that they were sent under
	RateLimited int                   // attempts answered with 429
	Retries     int                   // attempts after the first of a call
	Wait        time.Duration         // time that calls waited before an attempt, summed over calls
}

// A Collector counts Stats. It may be used by several goroutines at once.
type Collector struct {
	mu    sync.Mutex
	total Stats
}

// Stats returns the totals so far.
func (c *Collector) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	total := c.total
	total.Requests = maps.Clone(total.Requests)
	return total
}

// AddRequest counts an attempt that is about to be sent.
func (c *Collector) AddRequest(class api.RateClass) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total.Requests == nil {
		c.total.Requests = map[api.RateClass]int{}
	}
	c.total.Requests[class]++
}

func (c *Collector) addRateLimited() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.RateLimited++
}

func (c *Collector) addRetry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.Retries++
}

func (c *Collector) addWait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total.Wait += d
}

// Counting counts the attempts at requests that are not paced; the Pacer counts the
// others.
type Counting struct {
	Next  http.RoundTripper // the next link
	Stats *Collector        // counts attempts and 429s
}

// RoundTrip implements http.RoundTripper.
func (t Counting) RoundTrip(req *http.Request) (*http.Response, error) {
	t.Stats.AddRequest(api.RouteFromContext(req.Context()).Class)
	res, err := t.Next.RoundTrip(req)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		t.Stats.addRateLimited()
	}
	return res, err
}
