package client

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A RequestLog is what was sent for one purpose.
type RequestLog struct {
	Requests    int           // attempts sent
	Retries     int           // of them, those after the first of a call
	RateLimited int           // of them, those that a rate limit turned away
	Unavailable int           // of them, those that were answered by 502, 503 or 504: the server was not able to
	Wait        time.Duration // in which a request waited for rate limits, or before another attempt
	Throttled   time.Duration // of it, for rate limits
	RequestIDs  []string      // by which the server, or a proxy, knows the last requests; at most the last few
}

// maxRequestIDs is how many ids a trail keeps: support asks for those of a failure.
const maxRequestIDs = 5

// Add is both trails together.
func (t RequestLog) Add(other RequestLog) RequestLog {
	ids := slices.Concat(t.RequestIDs, other.RequestIDs)
	return RequestLog{t.Requests + other.Requests, t.Retries + other.Retries, t.RateLimited + other.RateLimited, t.Unavailable + other.Unavailable, t.Wait + other.Wait, t.Throttled + other.Throttled, ids[max(len(ids)-maxRequestIDs, 0):]}
}

// A Recorder keeps the trail of all calls whose contexts come from it. The zero
// Recorder is ready; its methods may be called concurrently.
type Recorder struct {
	mu        sync.Mutex
	log       RequestLog
	waiters   int       // calls that wait now
	waitStart time.Time // when the first of them began to
}

type recorderKey struct{}

// WithContext lets calls with the context leave their trail.
func (t *Recorder) WithContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, recorderKey{}, t)
}

// Log is what was sent so far. Waits that have not ended count.
func (t *Recorder) Log() RequestLog {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := t.log
	total.RequestIDs = slices.Clone(total.RequestIDs)
	total.addThrottled(t.ongoingWait())
	return total
}

// Throttled is how long requests have waited for rate limits so far.
func (t *Recorder) Throttled() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.log.Throttled + t.ongoingWait()
}

// ongoingWait is how long requests wait for rate limits already that still do.
func (t *Recorder) ongoingWait() time.Duration {
	if t.waiters == 0 {
		return 0
	}
	return time.Since(t.waitStart)
}

// AddRetry notes that a call is made again by whoever made it.
func (t *Recorder) AddRetry() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log.Retries++
}

func (t *RequestLog) addThrottled(d time.Duration) {
	t.Wait += d
	t.Throttled += d
}

// recordThrottling notes that a request begins to wait for a rate limit, until the
// returned function is called.
func recordThrottling(ctx context.Context) (end func()) {
	t, ok := ctx.Value(recorderKey{}).(*Recorder)
	if !ok {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiters++; t.waiters == 1 {
		t.waitStart = time.Now()
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.waiters--; t.waiters == 0 {
			t.log.addThrottled(time.Since(t.waitStart))
		}
	}
}

func recordRequest(ctx context.Context, update func(*RequestLog)) {
	t, ok := ctx.Value(recorderKey{}).(*Recorder)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	update(&t.log)
}

// unavailableStatuses are the statuses of a server that is not able to answer for now.
var unavailableStatuses = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// recordingTransport leaves the trail of each attempt.
type recordingTransport struct {
	next   http.RoundTripper
	redact redactor
}

func (t recordingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	recordRequest(req.Context(), func(trail *RequestLog) {
		trail.Requests++
		if attemptFromContext(req.Context()) > 1 {
			trail.Retries++
		}
		if res == nil {
			return
		}
		switch isAPI := routeFromContext(req.Context()).rateLimited(); {
		case !isAPI: // what a sandbox answers says nothing of the server
		case res.StatusCode == http.StatusTooManyRequests:
			trail.RateLimited++
		case slices.Contains(unavailableStatuses, res.StatusCode):
			trail.Unavailable++
		}
		if id := requestID(res.Header); id != "" {
			ids := append(trail.RequestIDs, oneLine(t.redact.text(id)))
			trail.RequestIDs = ids[max(len(ids)-maxRequestIDs, 0):]
		}
	})
	return res, err
}

// recordWait notes a wait of a request before another attempt.
func recordWait(ctx context.Context, d time.Duration) {
	recordRequest(ctx, func(t *RequestLog) { t.Wait += d })
}
