package client

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// paced sends requests no faster than the share of each rate limit allows,
// and after a 429 nothing of its class until the server said.
type paced struct {
	next  http.RoundTripper
	share int // percent
	tally *tally
	waits *waiting

	mu       sync.Mutex
	windows  map[RateClass]*window
	expected *RateLimits   // nil when the server has not told
	told     chan struct{} // closed when a limit becomes known
}

func newPaced(next http.RoundTripper, share int, tally *tally, waits *waiting) *paced {
	return &paced{next: next, share: share, tally: tally, waits: waits, windows: map[RateClass]*window{}, told: make(chan struct{})}
}

func (p *paced) RoundTrip(req *http.Request) (*http.Response, error) {
	operation := operationIn(req.Context())
	if err := p.admit(req.Context(), operation.counters()); err != nil {
		return nil, err
	}
	p.tally.sent(operation.class)
	sent := time.Now()
	res, err := p.next.RoundTrip(req)
	p.landed(operation, sent, res)
	return res, err
}

// admit returns when a request may be sent that counts in all these classes.
func (p *paced) admit(ctx context.Context, classes []RateClass) error {
	start, end := time.Now(), trackPacing(ctx)
	defer func() {
		p.tally.paused(time.Since(start))
		end()
	}()
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait, limited, told := p.take(classes)
		if wait == 0 {
			return nil
		}
		if limited {
			p.waits.begins(wait)
		}
		if err := sleep(ctx, wait+jitter(wait), told); err != nil {
			return err
		}
	}
}

// jitter keeps those who wait for one moment from coming in the same instant.
func jitter(wait time.Duration) time.Duration {
	return rand.N(min(wait/10, time.Second) + 1)
}

// take counts the request in its classes, or tells how long to wait, whether a
// limit of the server is the reason, and what may end the wait early.
func (p *paced) take(classes []RateClass) (wait time.Duration, limited bool, told <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, class := range classes {
		w := p.window(class)
		if d := w.delay(now, w.limit*(100-p.share)/100); d > wait {
			wait, limited = d, w.known || now.Before(w.blocked)
		}
	}
	if wait == 0 {
		for _, class := range classes {
			p.window(class).take()
		}
	}
	return wait, limited, p.told
}

func (p *paced) window(class RateClass) *window {
	if p.windows[class] == nil {
		p.windows[class] = &window{probes: p.first(class)}
	}
	return p.windows[class]
}

// expect takes in what the server's configuration tells of limits, before any
// answer does.
func (p *paced) expect(limits *RateLimits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = limits
	for class, w := range p.windows {
		w.probes = p.first(class)
	}
	p.wake()
}

// first is how many requests of a class may be in flight before an answer has
// told of its limit: as many as the configuration lets expect in one window.
func (p *paced) first(class RateClass) int {
	limit := int(p.expected.of(class).Limit)
	switch {
	case p.expected == nil:
		return probes
	case limit <= 0:
		return unlimited
	}
	return max(limit*p.share/100, 1)
}

// wake lets those who wait look again.
func (p *paced) wake() {
	close(p.told)
	p.told = make(chan struct{})
}

// landed takes in what came of a request: res is nil when nothing did.
func (p *paced) landed(o operation, sent time.Time, res *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wake := false
	for _, class := range o.counters() {
		w := p.window(class)
		w.flying--
		wake = wake || !w.known
	}
	if res != nil && res.StatusCode != http.StatusTooManyRequests {
		p.window(o.class).known = true
	}
	if res != nil {
		p.learn(o, sent, res)
	}
	if wake {
		p.wake()
	}
}

func (p *paced) learn(o operation, sent time.Time, res *http.Response) {
	for class, q := range quotas(res.Header) {
		p.window(class).learn(sent, q)
	}
	if res.StatusCode != http.StatusTooManyRequests {
		return
	}
	p.tally.limited()
	now := time.Now()
	wait, told := retryAfter(res.Header, now)
	if !told { // the retry's own wait has to do
		return
	}
	until := now.Add(min(wait, maxToldWait))
	full := []RateClass{o.class, limitedClass(res.Header, o.class)}
	if slices.Contains(full, FailedAuth) { // counted by address, whatever is asked
		full = append(full, General, Creates, Lifecycle, Lists)
	}
	for _, class := range full {
		p.window(class).block(until)
	}
}
