package transport_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

// limiter counts like the server: in fixed windows that open with a request. The first
// request in excess of the limit is followed by a whole window of refusals.
type limiter struct {
	class  client.RateClass
	limit  int
	window time.Duration
	delay  time.Duration // before a response

	mu             sync.Mutex
	end, blocked   time.Time
	count, refused int
	others         int // requests of other programs, counted in each window
}

func (l *limiter) RoundTrip(*http.Request) (*http.Response, error) {
	res := l.count1()
	time.Sleep(l.delay)
	return res, nil
}

func (l *limiter) count1() *http.Response {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !now.Before(l.end) {
		l.end, l.count = now.Add(l.window), l.others
	}
	if now.Before(l.blocked) || l.count >= l.limit {
		if !now.Before(l.blocked) {
			l.blocked = now.Add(l.window)
		}
		l.end = l.blocked
		l.refused++
		return answer(429, refusal("slow down"), "Retry-After-"+string(l.class), seconds(l.blocked.Sub(now)))
	}
	l.count++
	return answer(200, map[string]any{"id": "1"},
		"X-RateLimit-Limit-"+string(l.class), strconv.Itoa(l.limit),
		"X-RateLimit-Remaining-"+string(l.class), strconv.Itoa(l.limit-l.count),
		"X-RateLimit-Reset-"+string(l.class), seconds(l.end.Sub(now)))
}

// TestSharedLimits checks that clients that share their limits use together what one of
// them may use alone.
func TestSharedLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &limiter{class: client.RateCreate, limit: 20, window: 2 * time.Second, delay: 10 * time.Millisecond}
		limits := client.NewLimits()
		var wg sync.WaitGroup
		start := time.Now()
		for i := range 4 {
			c := over(t, server.RoundTrip, func(c *client.Config) { c.Key, c.Limits = fmt.Sprint(testKey, i), limits })
			wg.Go(func() { createMany(t, c, 25, 25) })
		}
		wg.Wait()
		if took := time.Since(start); server.refused > 0 || took < 12*time.Second || took > 25*time.Second {
			t.Errorf("%d refused in %s", server.refused, took)
		}
	})
}

// TestSharedRefusal checks that a refusal of one client makes the others wait, and that a
// limit that one client finds is known to the others.
func TestSharedRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &limiter{class: client.RateCreate, limit: 40, window: 20 * time.Second, delay: time.Millisecond}
		server.blocked = time.Now().Add(20 * time.Second)
		limits := client.NewLimits()
		share := func(c *client.Config) { c.Limits = limits }
		first, second := over(t, server.RoundTrip, share), over(t, server.RoundTrip, share)
		var wg sync.WaitGroup
		wg.Go(func() { createMany(t, first, 1, 1) })
		time.Sleep(time.Second)
		wg.Go(func() { createMany(t, second, 20, 20) })
		wg.Wait()
		if server.refused != 1 {
			t.Errorf("%d refused", server.refused)
		}
		if n, known := second.Burst(client.RateCreate); !known || n != 32 || second.NotedLimits()[client.RateCreate] != 40 {
			t.Errorf("burst %d, %v", n, known)
		}
	})
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

func TestPacing(t *testing.T) {
	for name, test := range map[string]struct {
		server     *limiter
		share      int
		atOnce     int
		calls      int
		refused    int
		takesUpTo  time.Duration
		takesAtMin time.Duration
	}{
		"20 in 2 s, all of it": {
			server: &limiter{limit: 20, window: 2 * time.Second, delay: 10 * time.Millisecond},
			share:  100, atOnce: 100, calls: 100, takesAtMin: 8 * time.Second, takesUpTo: 20 * time.Second,
		},
		"20 in 2 s, the usual share": {
			server: &limiter{limit: 20, window: 2 * time.Second, delay: 10 * time.Millisecond},
			atOnce: 100, calls: 100, takesAtMin: 12 * time.Second, takesUpTo: 25 * time.Second,
		},
		"slow answers": {
			server: &limiter{limit: 300, window: time.Minute, delay: 25 * time.Second},
			atOnce: 30, calls: 600, takesAtMin: 8 * time.Minute, takesUpTo: 9 * time.Minute,
		},
		"others use the rest": {
			server: &limiter{limit: 100, window: 10 * time.Second, delay: 50 * time.Millisecond, others: 20},
			atOnce: 10, calls: 300, takesAtMin: 40 * time.Second, takesUpTo: 80 * time.Second,
		},
		"a trickle never stops": {
			server: &limiter{limit: 1000, window: 30 * time.Second, delay: 100 * time.Millisecond},
			atOnce: 1, calls: 2000, takesAtMin: 200 * time.Second, takesUpTo: 210 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := test.server
				server.class = client.RateCreate
				c := over(t, server.RoundTrip, func(c *client.Config) { c.RateShare = test.share })
				start := time.Now()
				createMany(t, c, test.calls, test.atOnce)
				if server.refused > 0 || c.Stats().RateLimited > 0 {
					t.Errorf("%d refused, stats %+v", server.refused, c.Stats())
				}
				if took := time.Since(start); took < test.takesAtMin || took > test.takesUpTo {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func createMany(t *testing.T, c *client.Client, calls, atOnce int) {
	t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range calls {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := c.CreateSandbox(t.Context(), map[string]any{"name": fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestOnePauseForAll checks that a limit that is used up at first refuses only the
// requests in flight: later ones wait.
func TestOnePauseForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &limiter{class: client.RateCreate, limit: 40, window: 20 * time.Second, delay: time.Millisecond}
		server.blocked = time.Now().Add(20 * time.Second)
		c := over(t, server.RoundTrip)
		createMany(t, c, 50, 50)
		if server.refused > transport.DefaultProbes {
			t.Errorf("%d refused", server.refused)
		}
	})
}

// TestListsCountAsTheServerReports checks the class of lists: an older server counts them
// as general requests, a newer one has a counter for them.
func TestListsCountAsTheServerReports(t *testing.T) {
	for _, class := range []client.RateClass{client.RateGeneral, client.RateList} {
		t.Run(string(class), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &limiter{class: class, limit: 10, window: 10 * time.Second, delay: 10 * time.Millisecond}
				c := over(t, server.RoundTrip)
				start := time.Now()
				for range 20 {
					for _, err := range c.Sandboxes(t.Context(), client.SandboxFilter{}) {
						t.Error(err)
					}
				}
				if took := time.Since(start); server.refused > 0 || took < 20*time.Second || took > 40*time.Second {
					t.Errorf("%d refused in %s", server.refused, took)
				}
			})
		})
	}
}

// TestNoLimitsReported checks that requests are not paced, after the first responses, if
// the server reports no limits.
func TestNoLimitsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := over(t, func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return answer(200, map[string]any{"id": "1"}), nil
		})
		createMany(t, c, 500, 500)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestFailedAuthPausesAll checks that all requests wait after refused credentials, for
// which the server blocks the address.
func TestFailedAuthPausesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, first := time.Now(), true
		c := over(t, func(*http.Request) (*http.Response, error) {
			if first {
				first = false
				return answer(429, refusal(""), "Retry-After", "20", "X-RateLimit-Limit-failed-auth", "5",
					"X-RateLimit-Remaining-failed-auth", "0", "X-RateLimit-Reset-failed-auth", "20"), nil
			}
			if time.Since(start) < 20*time.Second {
				t.Error("sent too early")
			}
			return answer(200, map[string]any{"id": "1"}), nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = c.Sandbox(t.Context(), "x") })
		synctest.Wait()
		wg.Go(func() { _, _ = c.CreateSandbox(t.Context(), nil) })
		wg.Go(func() { _, _ = c.StopSandbox(t.Context(), "x") })
		wg.Wait()
		if first {
			t.Error("nothing was sent")
		}
	})
}
