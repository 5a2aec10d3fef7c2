package client

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pacer sends requests no faster than the share of each rate limit allows,
// and after a 429 nothing of its class until the server said.
type pacer struct {
	next         http.RoundTripper
	share        int // percent
	stats        *statsCollector
	waitReporter *waitReporter

	mu            sync.Mutex
	windows       map[RateClass]*window
	serverLimits  *RateLimits   // nil when the server has not told
	limitsChanged chan struct{} // closed when a limit becomes known
}

func newPacer(next http.RoundTripper, share int, tally *statsCollector, waits *waitReporter) *pacer {
	return &pacer{next: next, share: share, stats: tally, waitReporter: waits, windows: map[RateClass]*window{}, limitsChanged: make(chan struct{})}
}

func (p *pacer) RoundTrip(req *http.Request) (*http.Response, error) {
	route := routeFromContext(req.Context())
	if err := p.admit(req.Context(), route.rateClasses()); err != nil {
		return nil, err
	}
	p.stats.addRequest(route.Class)
	sent := time.Now()
	res, err := p.next.RoundTrip(req)
	p.finish(route, sent, res)
	return res, err
}

// admit returns when a request may be sent that counts in all these classes.
func (p *pacer) admit(ctx context.Context, classes []RateClass) error {
	start, end := time.Now(), recordThrottling(ctx)
	defer func() {
		p.stats.addWait(time.Since(start))
		end()
	}()
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait, limited, limitsChanged := p.tryAcquire(classes)
		if wait == 0 {
			return nil
		}
		if limited {
			p.waitReporter.report(wait)
		}
		if err := sleep(ctx, wait+jitter(wait), limitsChanged); err != nil {
			return err
		}
	}
}

// jitter keeps those who wait for one moment from coming in the same instant.
func jitter(wait time.Duration) time.Duration {
	return rand.N(min(wait/10, time.Second) + 1)
}

// tryAcquire counts the request in its classes, or tells how long to wait, whether a
// limit of the server is the reason, and what may end the wait early.
func (p *pacer) tryAcquire(classes []RateClass) (wait time.Duration, limited bool, limitsChanged <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, class := range classes {
		w := p.window(class)
		if d := w.delay(now, w.limit*(100-p.share)/100); d > wait {
			wait, limited = d, w.known || now.Before(w.blockedUntil)
		}
	}
	if wait == 0 {
		for _, class := range classes {
			p.window(class).acquire()
		}
	}
	return wait, limited, p.limitsChanged
}

func (p *pacer) window(class RateClass) *window {
	if p.windows[class] == nil {
		p.windows[class] = &window{maxProbes: p.maxProbes(class)}
	}
	return p.windows[class]
}

// setServerLimits takes in what the server's configuration tells of limits, before any
// answer does.
func (p *pacer) setServerLimits(limits *RateLimits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serverLimits = limits
	for class, w := range p.windows {
		w.maxProbes = p.maxProbes(class)
	}
	p.wakeWaiters()
}

// maxProbes is how many requests of a class may be in flight before an answer has
// told of its limit: as many as the configuration lets expect in one window.
func (p *pacer) maxProbes(class RateClass) int {
	limit := int(p.serverLimits.forClass(class).Limit)
	switch {
	case p.serverLimits == nil:
		return defaultProbes
	case limit <= 0:
		return unlimited
	}
	return max(limit*p.share/100, 1)
}

// wakeWaiters lets those who wait look again.
func (p *pacer) wakeWaiters() {
	close(p.limitsChanged)
	p.limitsChanged = make(chan struct{})
}

// finish takes in what came of a request: res is nil when nothing did.
func (p *pacer) finish(o Route, sent time.Time, res *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	unknown := false
	for _, class := range o.rateClasses() {
		w := p.window(class)
		w.inFlight--
		unknown = unknown || !w.known
	}
	if res != nil && res.StatusCode != http.StatusTooManyRequests {
		p.window(o.Class).known = true
	}
	if res != nil {
		p.updateWindows(o, sent, res)
	}
	if unknown {
		p.wakeWaiters()
	}
}

func (p *pacer) updateWindows(o Route, sent time.Time, res *http.Response) {
	for class, q := range rateStatuses(res.Header) {
		p.window(class).update(sent, q)
	}
	if res.StatusCode != http.StatusTooManyRequests {
		return
	}
	p.stats.addRateLimited()
	now := time.Now()
	wait, ok := retryAfter(res.Header, now)
	if !ok { // the retry's own wait has to do
		return
	}
	until := now.Add(min(wait, maxRetryAfter))
	classes := []RateClass{o.Class, rateLimitedClass(res.Header, o.Class)}
	if slices.Contains(classes, RateFailedAuth) { // counted by address, whatever is asked
		classes = append(classes, RateGeneral, RateCreate, RateLifecycle, RateList)
	}
	for _, class := range classes {
		p.window(class).blockUntil(until)
	}
}
