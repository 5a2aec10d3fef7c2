package transport

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Recorder keeps the log of all calls whose contexts come from it, also through
// other recorders. The zero Recorder is ready. Its methods may be called concurrently.
type Recorder struct {
	mu      sync.Mutex
	log     RequestLog
	held    waiting // calls that are held back
	limited waiting // those that wait for a rate limit
}

// recorders are the recorders of a context, the innermost first.
type recorders struct {
	*Recorder
	outer *recorders
}

type recorderKey struct{}

func recordersOf(ctx context.Context) *recorders {
	r, _ := ctx.Value(recorderKey{}).(*recorders)
	return r
}

// WithContext returns a context whose calls are recorded, by the recorders of ctx too.
func (r *Recorder) WithContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, recorderKey{}, &recorders{r, recordersOf(ctx)})
}

// Log returns the log so far. It includes waits that have not ended.
func (r *Recorder) Log() RequestLog {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log
	log.RequestIDs = slices.Clone(log.RequestIDs)
	log.addThrottled(r.held.ongoing())
	log.RateLimitWait += r.limited.ongoing()
	return log
}

// Throttled returns how long requests were held back so far.
func (r *Recorder) Throttled() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Throttled + r.held.ongoing()
}

// AddRetry counts a call that the caller repeats.
func (r *Recorder) AddRetry() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.Retries++
}

// recordThrottling records that a request is held back, until the returned function is
// called.
func recordThrottling(ctx context.Context) (end func()) {
	all := recordersOf(ctx)
	all.update(func(r *Recorder) { r.held.begin() })
	return func() { all.update(func(r *Recorder) { r.log.addThrottled(r.held.end()) }) }
}

// recordRateLimit records that a request that is held back waits for a rate limit that
// the server has, until the returned function is called.
func recordRateLimit(ctx context.Context) (end func()) {
	all := recordersOf(ctx)
	all.update(func(r *Recorder) { r.limited.begin() })
	return func() { all.update(func(r *Recorder) { r.log.RateLimitWait += r.limited.end() }) }
}

// record updates the logs of the context's recorders.
func record(ctx context.Context, update func(*RequestLog)) {
	recordersOf(ctx).update(func(r *Recorder) { update(&r.log) })
}

// update changes each of the recorders; nil is none.
func (all *recorders) update(change func(*Recorder)) {
	for r := all; r != nil; r = r.outer {
		r.mu.Lock()
		change(r.Recorder)
		r.mu.Unlock()
	}
}

// waiting counts calls that wait. Waits at the same time last once.
type waiting struct {
	calls int
	since time.Time // when the first of them started to wait
}

func (w *waiting) begin() {
	if w.calls++; w.calls == 1 {
		w.since = time.Now()
	}
}

// end returns how long calls have waited if the last of them ends its wait, else 0.
func (w *waiting) end() time.Duration {
	if w.calls--; w.calls > 0 {
		return 0
	}
	return time.Since(w.since)
}

// ongoing returns how long calls have waited; 0 if none waits.
func (w *waiting) ongoing() time.Duration {
	if w.calls == 0 {
		return 0
	}
	return time.Since(w.since)
}
