package client

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Trail is what was sent for one purpose.
type Trail struct {
	Requests int           // attempts sent
	Retries  int           // of them, those after the first of a call
	Limited  int           // of them, those that a rate limit turned away
	Failing  int           // of them, those that were answered by 502, 503 or 504: the server was not able to
	Waited   time.Duration // that requests waited for rate limits, or before another attempt, summed
	IDs      []string      // by which the server, or a proxy, knows the last requests; at most the last few
}

// lastIDs is how many ids a trail keeps: support asks for those of a failure.
const lastIDs = 5

// Plus is both trails together.
func (t Trail) Plus(more Trail) Trail {
	ids := slices.Concat(t.IDs, more.IDs)
	return Trail{t.Requests + more.Requests, t.Retries + more.Retries, t.Limited + more.Limited, t.Failing + more.Failing, t.Waited + more.Waited, ids[max(len(ids)-lastIDs, 0):]}
}

// A Tracker keeps the trail of all calls whose contexts come from it. The zero
// Tracker is ready; its methods may be called concurrently.
type Tracker struct {
	mu    sync.Mutex
	trail Trail
}

type trackerKey struct{}

// Track lets calls with the context leave their trail.
func (t *Tracker) Track(ctx context.Context) context.Context {
	return context.WithValue(ctx, trackerKey{}, t)
}

// Trail is what was sent so far.
func (t *Tracker) Trail() Trail {
	t.mu.Lock()
	defer t.mu.Unlock()
	trail := t.trail
	trail.IDs = slices.Clone(trail.IDs)
	return trail
}

func track(ctx context.Context, change func(*Trail)) {
	t, ok := ctx.Value(trackerKey{}).(*Tracker)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.trail)
}

// tracked leaves the trail of each attempt.
type tracked struct {
	next   http.RoundTripper
	redact redactor
}

func (t tracked) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	track(req.Context(), func(trail *Trail) {
		trail.Requests++
		if attemptIn(req.Context()) > 1 {
			trail.Retries++
		}
		if res == nil {
			return
		}
		switch res.StatusCode {
		case http.StatusTooManyRequests:
			trail.Limited++
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			trail.Failing++
		}
		if id := requestID(res.Header); id != "" {
			ids := append(trail.IDs, short(t.redact.text(id)))
			trail.IDs = ids[max(len(ids)-lastIDs, 0):]
		}
	})
	return res, err
}

// trackWaited notes a wait of a request.
func trackWaited(ctx context.Context, d time.Duration) {
	if d > 0 {
		track(ctx, func(t *Trail) { t.Waited += d })
	}
}
