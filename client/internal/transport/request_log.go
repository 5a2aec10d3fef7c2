package transport

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A RequestLog sums up the requests that were sent for one purpose, such as one
// operation on a sandbox.
type RequestLog struct {
	Requests    int           // attempts sent
	Retries     int           // attempts after the first of a call
	RateLimited int           // attempts that a rate limit turned away
	Unavailable int           // attempts answered with 502, 503 or 504
	Wait        time.Duration // time that requests waited for rate limits, or before another attempt
	Throttled   time.Duration // the part of Wait that was for rate limits
	RequestIDs  []string      // ids of the last requests for the support of the server, at most MaxRequestIDs
}

// MaxRequestIDs is the number of ids that a request log keeps. Support asks for those
// of a failure, which are the last ones.
const MaxRequestIDs = 5

// Add returns the sum of both logs; the requests of other are the later ones.
func (l RequestLog) Add(other RequestLog) RequestLog {
	ids := slices.Concat(l.RequestIDs, other.RequestIDs)
	return RequestLog{
		Requests:    l.Requests + other.Requests,
		Retries:     l.Retries + other.Retries,
		RateLimited: l.RateLimited + other.RateLimited,
		Unavailable: l.Unavailable + other.Unavailable,
		Wait:        l.Wait + other.Wait,
		Throttled:   l.Throttled + other.Throttled,
		RequestIDs:  ids[max(len(ids)-MaxRequestIDs, 0):],
	}
}

func (l *RequestLog) addThrottled(d time.Duration) {
	l.Wait += d
	l.Throttled += d
}

// A Recorder keeps the log of all calls whose contexts come from it. The zero
// Recorder is ready. Its methods may be called concurrently.
type Recorder struct {
	mu        sync.Mutex
	log       RequestLog
	waiters   int       // calls that wait for a rate limit now
	waitStart time.Time // when the first of them started to wait
}

type recorderKey struct{}

// WithContext returns a context whose calls are recorded.
func (r *Recorder) WithContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// Log returns the log so far. It includes waits that have not ended.
func (r *Recorder) Log() RequestLog {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log
	log.RequestIDs = slices.Clone(log.RequestIDs)
	log.addThrottled(r.ongoingWait())
	return log
}

// Throttled returns how long requests have waited for rate limits so far.
func (r *Recorder) Throttled() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Throttled + r.ongoingWait()
}

// ongoingWait returns how long the current wait for a rate limit has lasted; 0 if no
// request waits.
func (r *Recorder) ongoingWait() time.Duration {
	if r.waiters == 0 {
		return 0
	}
	return time.Since(r.waitStart)
}

// AddRetry counts a call that the caller repeats.
func (r *Recorder) AddRetry() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.Retries++
}

// recordThrottling records that a request waits for a rate limit, until the returned
// function is called. Waits at the same time count once.
func recordThrottling(ctx context.Context) (end func()) {
	r, ok := ctx.Value(recorderKey{}).(*Recorder)
	if !ok {
		return func() {}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiters++; r.waiters == 1 {
		r.waitStart = time.Now()
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.waiters--; r.waiters == 0 {
			r.log.addThrottled(time.Since(r.waitStart))
		}
	}
}

// recordWait records a wait before another attempt.
func recordWait(ctx context.Context, d time.Duration) {
	record(ctx, func(l *RequestLog) { l.Wait += d })
}

// record updates the log of the context's recorder, if it has one.
func record(ctx context.Context, update func(*RequestLog)) {
	r, ok := ctx.Value(recorderKey{}).(*Recorder)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	update(&r.log)
}
