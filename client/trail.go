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
	Waited   time.Duration // in which a request waited for rate limits, or before another attempt
	Paced    time.Duration // of it, for rate limits
	IDs      []string      // by which the server, or a proxy, knows the last requests; at most the last few
}

// lastIDs is how many ids a trail keeps: support asks for those of a failure.
const lastIDs = 5

// Plus is both trails together.
func (t Trail) Plus(more Trail) Trail {
	ids := slices.Concat(t.IDs, more.IDs)
	return Trail{t.Requests + more.Requests, t.Retries + more.Retries, t.Limited + more.Limited, t.Failing + more.Failing, t.Waited + more.Waited, t.Paced + more.Paced, ids[max(len(ids)-lastIDs, 0):]}
}

// A Tracker keeps the trail of all calls whose contexts come from it. The zero
// Tracker is ready; its methods may be called concurrently.
type Tracker struct {
	mu      sync.Mutex
	trail   Trail
	waiting int       // calls that wait now
	since   time.Time // when the first of them began to
}

type trackerKey struct{}

// Track lets calls with the context leave their trail.
func (t *Tracker) Track(ctx context.Context) context.Context {
	return context.WithValue(ctx, trackerKey{}, t)
}

// Trail is what was sent so far. Waits that have not ended count.
func (t *Tracker) Trail() Trail {
	t.mu.Lock()
	defer t.mu.Unlock()
	trail := t.trail
	trail.IDs = slices.Clone(trail.IDs)
	trail.paced(t.current())
	return trail
}

// Paced is how long requests have waited for rate limits so far.
func (t *Tracker) Paced() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trail.Paced + t.current()
}

// current is how long requests wait for rate limits already that still do.
func (t *Tracker) current() time.Duration {
	if t.waiting == 0 {
		return 0
	}
	return time.Since(t.since)
}

// Repeat notes that a call is made again by whoever made it.
func (t *Tracker) Repeat() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trail.Retries++
}

func (t *Trail) paced(d time.Duration) {
	t.Waited += d
	t.Paced += d
}

// trackPacing notes that a request begins to wait for a rate limit, until the
// returned function is called.
func trackPacing(ctx context.Context) (end func()) {
	t, ok := ctx.Value(trackerKey{}).(*Tracker)
	if !ok {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting++; t.waiting == 1 {
		t.since = time.Now()
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			t.trail.paced(time.Since(t.since))
		}
	}
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

// unable are the statuses of a server that is not able to answer for now.
var unable = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

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
		switch ofAPI := operationIn(req.Context()).paced(); {
		case !ofAPI: // what a sandbox answers says nothing of the server
		case res.StatusCode == http.StatusTooManyRequests:
			trail.Limited++
		case slices.Contains(unable, res.StatusCode):
			trail.Failing++
		}
		if id := requestID(res.Header); id != "" {
			ids := append(trail.IDs, short(t.redact.text(id)))
			trail.IDs = ids[max(len(ids)-lastIDs, 0):]
		}
	})
	return res, err
}

// trackWaited notes a wait of a request before another attempt.
func trackWaited(ctx context.Context, d time.Duration) {
	track(ctx, func(t *Trail) { t.Waited += d })
}
