package client

import (
	"sync"
	"time"
)

// serverInfo is what a client learned about its server and organisation from
// responses to other questions.
type serverInfo struct {
	mu            sync.Mutex
	rateLimits    *RateLimits // in the server's configuration; nil if it was not read, or reports none
	inferredQuota InferredQuota
}

func (s *serverInfo) setRateLimits(limits *RateLimits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rateLimits = limits
}

func (s *serverInfo) rateLimit(class RateClass) RateLimit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rateLimits.byClass()[class]
}

// ClockSkew returns how far the server's clock is ahead of that of this machine, to
// about a second, by the latest response. It is negative if the server's clock is
// behind. known is false until a response had a date.
func (c *Client) ClockSkew() (ahead time.Duration, known bool) { return c.clock.Skew() }

// ServerNow returns the time by the server's clock, as far as it is known. Compare
// times that the server reports with it.
func (c *Client) ServerNow() time.Time {
	ahead, _ := c.ClockSkew()
	return time.Now().Add(ahead)
}
