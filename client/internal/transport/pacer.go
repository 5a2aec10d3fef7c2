package transport

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"fleet/client/internal/api"
)

// A Pacer sends requests no faster than a share of each rate limit allows. After a
// 429 it sends no request of the class until the time that the server reported.
type Pacer struct {
	*Limits
	next  http.RoundTripper
	share int // percent
	stats *Collector
	waits *WaitReporter
}

// Limits are the rate limits of one organisation, and the requests that count in them.
// Pacers that share them use them together. They must be made by [NewLimits].
type Limits struct {
	mu            sync.Mutex
	windows       map[api.RateClass]*window
	expected      expectedLimits
	limitsChanged chan struct{} // closed when a limit becomes known
}

// NewLimits returns Limits without any knowledge of the server.
func NewLimits() *Limits {
	return &Limits{windows: map[api.RateClass]*window{}, limitsChanged: make(chan struct{})}
}

// NewPacer returns a pacer that uses a share of each limit, in percent.
func NewPacer(next http.RoundTripper, limits *Limits, share int, stats *Collector, waits *WaitReporter) *Pacer {
	return &Pacer{Limits: limits, next: next, share: share, stats: stats, waits: waits}
}

// RoundTrip implements http.RoundTripper.
func (p *Pacer) RoundTrip(req *http.Request) (*http.Response, error) {
	route := api.RouteFromContext(req.Context())
	if err := p.admit(req.Context(), route.RateClasses()); err != nil {
		return nil, err
	}
	p.stats.AddRequest(route.Class)
	sent := time.Now()
	res, err := p.next.RoundTrip(req)
	p.finish(route, sent, res)
	return res, err
}

// admit blocks until a request may be sent that counts in all these classes.
func (p *Pacer) admit(ctx context.Context, classes []api.RateClass) error {
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
		if err := p.pause(ctx, wait, limited, limitsChanged); err != nil {
			return err
		}
	}
}

// pause waits until a request may be sent, or the limits have changed.
func (p *Pacer) pause(ctx context.Context, wait time.Duration, limited bool, limitsChanged <-chan struct{}) error {
	if limited {
		p.waits.report(wait)
		defer recordRateLimit(ctx)()
	}
	return sleep(ctx, wait+jitter(wait), limitsChanged)
}

// jitter keeps requests that wait for the same moment from being sent all at once.
func jitter(wait time.Duration) time.Duration {
	return rand.N(min(wait/10, time.Second) + 1)
}

// tryAcquire counts the request in its classes and returns 0, or returns how long to
// wait, whether a limit of the server is the reason, and what may end the wait early.
func (p *Pacer) tryAcquire(classes []api.RateClass) (wait time.Duration, limited bool, limitsChanged <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, class := range classes {
		w := p.window(class)
		if !w.known {
			w.maxProbes = p.maxProbes(class)
		}
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

// window returns the window of a class. The caller holds the mutex.
func (l *Limits) window(class api.RateClass) *window {
	if l.windows[class] == nil {
		l.windows[class] = &window{}
	}
	return l.windows[class]
}

// ObservedLimit returns the limit of a class, in requests, and the length of its
// window, as responses reported them; 0 if none did.
func (l *Limits) ObservedLimit(class api.RateClass) (int, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[class]
	if w == nil || !w.known {
		return 0, 0
	}
	return w.limit, w.length
}

// wakeWaiters makes all waiting requests try again.
func (l *Limits) wakeWaiters() {
	close(l.limitsChanged)
	l.limitsChanged = make(chan struct{})
}

// finish records the end of a request; a nil res means that there was no response.
func (p *Pacer) finish(r api.Route, sent time.Time, res *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	unknown := false
	for _, class := range r.RateClasses() {
		w := p.window(class)
		w.inFlight--
		unknown = unknown || !w.known
	}
	if res != nil && res.StatusCode != http.StatusTooManyRequests {
		p.window(r.Class).accepted()
	}
	if res != nil {
		p.updateWindows(r, sent, res)
	}
	if unknown {
		p.wakeWaiters()
	}
}

func (p *Pacer) updateWindows(r api.Route, sent time.Time, res *http.Response) {
	for class, status := range api.RateStatuses(res.Header) {
		p.window(class).update(sent, status)
	}
	if res.StatusCode != http.StatusTooManyRequests {
		return
	}
	p.stats.addRateLimited()
	now := time.Now()
	wait, ok := api.RetryAfter(res.Header, now)
	if !ok { // Retry waits for its own backoff
		return
	}
	until := now.Add(min(wait, api.MaxRetryAfter))
	classes := []api.RateClass{r.Class, api.RateLimitedClass(res.Header, r.Class)}
	if slices.Contains(classes, api.RateFailedAuth) { // the server blocks the address, not the class
		classes = append(classes, api.PacedClasses...)
	}
	for _, class := range classes {
		p.window(class).blockUntil(until)
	}
}
