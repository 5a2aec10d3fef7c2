package apply_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
)

const latency = 20 * time.Millisecond

// hidden is what a server does not report about its rate limits.
type hidden struct{ config, headers bool }

// A paced is a server whose creations of sandboxes take a time, and are limited.
type paced struct {
	*daytona
	hidden hidden

	mu      sync.Mutex
	refused []time.Time // when it answered with 429
}

// newPaced returns a server with rate limits, by their class.
func newPaced(t *testing.T, create time.Duration, limits map[string]any, hidden hidden) *paced {
	t.Helper()
	d := newDaytona(t, emulator.Options{Latency: latency, Delays: emulator.Delays{Create: create}})
	if limits != nil {
		d.send("POST", "/_emulator/organization", map[string]any{"rateLimits": limits})
	}
	return &paced{daytona: d, hidden: hidden}
}

// RoundTrip implements http.RoundTripper.
func (s *paced) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := inProcess{s.handler}.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusTooManyRequests {
		s.mu.Lock()
		s.refused = append(s.refused, time.Now())
		s.mu.Unlock()
	}
	for name := range res.Header {
		if s.hidden.headers && strings.HasPrefix(name, "X-Ratelimit-") {
			res.Header.Del(name)
		}
	}
	if s.hidden.config && strings.HasSuffix(req.URL.Path, "/config") {
		err = hideLimits(res)
	}
	return res, err
}

func hideLimits(res *http.Response) error {
	var config map[string]any
	if err := json.NewDecoder(res.Body).Decode(&config); err != nil {
		return err
	}
	delete(config, "rateLimit")
	text, err := json.Marshal(config)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return err
}

func limitOf(limit int, window time.Duration) map[string]any {
	return map[string]any{"limit": limit, "ttl": window.Seconds()}
}

// create creates n sandboxes with a new client that knows the limits and the concurrency
// of an earlier one.
func (s *paced) create(t *testing.T, n int, noted map[client.RateClass]int, opts apply.Options) *apply.Report {
	t.Helper()
	var err error
	s.api, err = client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: s, NotedLimits: noted})
	if err != nil {
		t.Fatal(err)
	}
	p := s.plan(parse(t, fmt.Sprintf("version: 1\nname: paced\nsandboxes: {w: {count: %d, snapshot: daytona-small}}\n", n)), plan.Options{})
	s.log()
	r := apply.Run(t.Context(), s.api, p, opts, func(apply.Event) {})
	if !r.OK() {
		t.Fatal(outcome(r))
	}
	return r
}

// within fails if a run took longer than a multiple of a duration on the simulated
// clock, or if it reports waits for limits.
func within(t *testing.T, name string, r *apply.Report, ideal time.Duration, factor float64) {
	t.Helper()
	t.Logf("%s: %s for ideally %s (%.2f), %d requests", name, r.Duration.Round(time.Millisecond), ideal, r.Duration.Seconds()/ideal.Seconds(), r.RequestLog.Requests)
	if most := time.Duration(float64(ideal) * factor); r.Duration > most {
		t.Errorf("%s: it took %s, want at most %s", name, r.Duration, most)
	}
	if r.RequestLog.RateLimitWait > 0 {
		t.Errorf("%s: it reports %s for rate limits", name, r.RequestLog.RateLimitWait)
	}
}

// TestPaceWithoutLimits creates many sandboxes on a server that reports no limits: with
// a number that is set, with one that fleet has to find, and with the one that it found.
func TestPaceWithoutLimits(t *testing.T) {
	const n, create = 1000, 300 * time.Millisecond
	const ideal = n / apply.MaxParallelism * (latency + create)
	silent := hidden{config: true, headers: true}
	synctest.Test(t, func(t *testing.T) {
		s := newPaced(t, create, nil, silent)
		defer s.close()
		r := s.create(t, n, nil, apply.Options{Parallelism: apply.MaxParallelism})
		within(t, "250 at once", r, ideal, 1.12)
		if r.RequestLog.Requests > n*102/100 || r.Concurrency != (apply.Concurrency{}) {
			t.Errorf("%d requests, concurrency %+v", r.RequestLog.Requests, r.Concurrency)
		}
	})
	var first *apply.Report
	var noted map[client.RateClass]int
	synctest.Test(t, func(t *testing.T) {
		s := newPaced(t, create, nil, silent)
		defer s.close()
		first = s.create(t, n, nil, apply.Options{})
		noted = s.api.NotedLimits()
		within(t, "first run", first, ideal, 1.40)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newPaced(t, create, nil, silent)
		defer s.close()
		r := s.create(t, n, noted, apply.Options{Concurrency: first.Concurrency})
		within(t, "second run", r, ideal, 1.20)
	})
}

// TestPaceOfSlowCreations creates sandboxes that take seconds, each in a request that
// blocks until it has started.
func TestPaceOfSlowCreations(t *testing.T) {
	tier1 := map[string]any{
		"authenticated": limitOf(10_000, time.Minute), "sandbox-create": limitOf(300, time.Minute), "sandbox-lifecycle": limitOf(10_000, time.Minute),
	}
	other := map[string]any{"authenticated": limitOf(7_000, time.Minute), "sandbox-create": limitOf(300, time.Minute)}
	noted := map[client.RateClass]int{client.RateCreate: 300}
	for name, test := range map[string]struct {
		n           int
		create      time.Duration
		limits      map[string]any
		hidden      hidden
		noted       map[client.RateClass]int
		parallelism int
		rounds      int // that it takes
		factor      float64
	}{
		"50, limits in the configuration":             {n: 50, create: 3 * time.Second, limits: other, rounds: 1, factor: 1.1},
		"50, limits of the last run":                  {n: 50, create: 3 * time.Second, limits: other, hidden: hidden{config: true}, noted: noted, rounds: 1, factor: 1.1},
		"50, limits in the first answer":              {n: 50, create: 3 * time.Second, limits: other, hidden: hidden{config: true}, rounds: 2, factor: 1.1},
		"50, no limits":                               {n: 50, create: 3 * time.Second, hidden: hidden{config: true, headers: true}, rounds: 2, factor: 1.1},
		"50, no limits, 50 at once":                   {n: 50, create: 3 * time.Second, hidden: hidden{config: true, headers: true}, parallelism: 50, rounds: 1, factor: 1.1},
		"50, limits in the configuration, 50 at once": {n: 50, create: 3 * time.Second, limits: tier1, parallelism: 50, rounds: 1, factor: 1.1},
		"200, tier 1 in the configuration":            {n: 200, create: 2 * time.Second, limits: tier1, rounds: 1, factor: 1.1},
		"200, tier 1 in the lists":                    {n: 200, create: 2 * time.Second, limits: tier1, hidden: hidden{config: true}, rounds: 1, factor: 1.1},
		"200, tier 1 in the lists, 250 at once":       {n: 200, create: 2 * time.Second, limits: tier1, hidden: hidden{config: true}, parallelism: 250, rounds: 1, factor: 1.1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newPaced(t, test.create, test.limits, test.hidden)
			defer s.close()
			r := s.create(t, test.n, test.noted, apply.Options{Parallelism: test.parallelism})
			within(t, name, r, time.Duration(test.rounds)*(latency+test.create), test.factor)
			if len(s.refused) > 0 {
				t.Errorf("%s: %d requests were refused", name, len(s.refused))
			}
		})
	}
}

// TestPaceWithinLowLimit creates more sandboxes than a low limit allows at once. Hardly a
// request is refused, and the run takes as long as the limit imposes, however much is
// known about the limit before.
func TestPaceWithinLowLimit(t *testing.T) {
	const n, limit, window = 100, 20, 2 * time.Second
	const ideal = n / limit * window
	for name, test := range map[string]struct {
		hidden      hidden
		noted       map[client.RateClass]int
		concurrency apply.Concurrency
		parallelism int
	}{
		"in the configuration":              {},
		"in the configuration, 250 at once": {parallelism: 250},
		"in the first answer":               {hidden: hidden{config: true}},
		"in the first answer, 250 at once":  {hidden: hidden{config: true}, parallelism: 250},
		"noted": {
			hidden: hidden{config: true}, noted: map[client.RateClass]int{client.RateCreate: limit}, concurrency: apply.Concurrency{Create: 40},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newPaced(t, 100*time.Millisecond, map[string]any{"sandbox-create": limitOf(limit, window)}, test.hidden)
			defer s.close()
			r := s.create(t, n, test.noted, apply.Options{Parallelism: test.parallelism, Concurrency: test.concurrency})
			t.Logf("%s: %s for ideally %s, %d refused, waited %s", name, r.Duration, ideal, len(s.refused), r.RequestLog.RateLimitWait)
			if r.Duration > ideal*11/10 {
				t.Errorf("%s: it took %s, and ideally takes %s", name, r.Duration, ideal)
			}
			if refused := len(s.refused); refused*100 > 2*r.RequestLog.Requests {
				t.Errorf("%s: %d of %d requests were refused", name, refused, r.RequestLog.Requests)
			}
			if waited := r.RequestLog.RateLimitWait; waited > r.Duration || waited < ideal/2 {
				t.Errorf("%s: it reports %s for rate limits, of %s", name, waited, r.Duration)
			}
		})
	}
}

// TestPaceOfSlowerServer creates sandboxes on a server that is slower than an earlier run
// found it to be. After the first window, hardly a request is refused.
func TestPaceOfSlowerServer(t *testing.T) {
	const n, limit, window = 200, 20, 2 * time.Second
	for name, test := range map[string]struct {
		hidden      hidden
		noted       map[client.RateClass]int
		parallelism int
		later       int  // requests refused after the first window
		none        bool // no request is refused
	}{
		"noted with a higher limit": {noted: map[client.RateClass]int{client.RateCreate: 1000}},
		"noted without a limit":     {hidden: hidden{config: true}, noted: map[client.RateClass]int{client.RateCreate: 0}},
		"fixed, noted":              {hidden: hidden{config: true}, noted: map[client.RateClass]int{client.RateCreate: 0}, parallelism: 250},
		"noted, but lists differ": {
			hidden: hidden{config: true}, noted: map[client.RateClass]int{client.RateCreate: 0, client.RateGeneral: 0}, none: true,
		},
		"a limit that is never reported": {
			hidden: hidden{config: true, headers: true}, later: n * 2,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newPaced(t, 100*time.Millisecond, map[string]any{"sandbox-create": limitOf(limit, window)}, test.hidden)
			defer s.close()
			start := time.Now()
			r := s.create(t, n, test.noted, apply.Options{Parallelism: test.parallelism, Concurrency: apply.Concurrency{Create: 250}})
			later := 0
			for _, at := range s.refused {
				if at.Sub(start) > window {
					later++
				}
			}
			t.Logf("%s: %s, %d refused, %d of them later", name, r.Duration, len(s.refused), later)
			if test.none && len(s.refused) > 0 {
				t.Errorf("%s: %d requests were refused", name, len(s.refused))
			}
			if later > test.later {
				t.Errorf("%s: %d requests were refused after the first window, want at most %d", name, later, test.later)
			}
			if most := (n/limit + 2) * window * 11 / 10; r.Duration > most && test.later == 0 {
				t.Errorf("%s: it took %s, want at most %s", name, r.Duration, most)
			}
		})
	}
}
