package transport_test

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// waitLog collects the waits that a client reports.
type waitLog struct {
	mu    sync.Mutex
	waits []time.Duration
}

func (w *waitLog) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = append(w.waits, d.Round(10*time.Second))
}

func (w *waitLog) list() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.waits)
}

func (w *waitLog) config(c *client.Config) { c.OnRateLimitWait = w.add }

func TestLongWaitsAreReported(t *testing.T) {
	for name, test := range map[string]struct {
		server        *limiter
		calls, atOnce int
		want          []time.Duration
	}{
		"of a minute, once for each window": {
			server: &limiter{limit: 20, window: time.Minute, delay: time.Millisecond}, calls: 50, atOnce: 30,
			want: []time.Duration{time.Minute, time.Minute, time.Minute},
		},
		"short ones are not":    {server: &limiter{limit: 20, window: 5 * time.Second}, calls: 50, atOnce: 30},
		"none before an answer": {server: &limiter{limit: 1000, window: time.Minute, delay: 40 * time.Second}, calls: 40, atOnce: 40},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.server.class = client.RateCreate
				var waits waitLog
				c := over(t, test.server.RoundTrip, waits.config)
				createMany(t, c, test.calls, test.atOnce)
				if got := waits.list(); !slices.Equal(got, test.want) {
					t.Errorf("reported %s, want %s", got, test.want)
				}
			})
		})
	}
}

// TestImplausibleWindows checks windows that end in years: some proxies report the time
// of the end instead of the seconds until then.
func TestImplausibleWindows(t *testing.T) {
	for _, reset := range []string{"1782777600", "1782777600000", "301", "-1", "soon", "99999999999999999999", "NaN", ""} {
		t.Run(reset, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var waits waitLog
				c := over(t, func(*http.Request) (*http.Response, error) {
					return answer(200, map[string]any{"id": "1"},
						"X-RateLimit-Limit-"+string(client.RateCreate), "1", "X-RateLimit-Remaining-"+string(client.RateCreate), "0", "X-RateLimit-Reset-"+string(client.RateCreate), reset), nil
				}, waits.config)
				start := time.Now()
				createMany(t, c, 5, 1)
				if took := time.Since(start); took > 0 || waits.list() != nil {
					t.Errorf("took %s, reported %s", took, waits.list())
				}
			})
		})
	}
}

// TestRequestedWaits checks that a call ends for any wait that a server asks for, and that
// long waits are reported.
func TestRequestedWaits(t *testing.T) {
	for name, test := range map[string]struct {
		status  int
		after   time.Duration
		reports int // waits of a call that is always refused
	}{
		"429, a minute":    {429, time.Minute, transport.MaxAttempts - 1},
		"429, an hour":     {429, time.Hour, 0},
		"503, a minute":    {503, time.Minute, transport.MaxAttempts - 1},
		"503, a century":   {503, 100 * 365 * 24 * time.Hour, 0},
		"502, two seconds": {502, 2 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var waits waitLog
				c := over(t, func(*http.Request) (*http.Response, error) {
					return answer(test.status, refusal("later"), "Retry-After", strconv.Itoa(int(test.after.Seconds()))), nil
				}, waits.config)
				start := time.Now()
				if _, err := c.Sandbox(t.Context(), "1"); err == nil {
					t.Error("no error")
				}
				if took, most := time.Since(start), transport.MaxAttempts*(api.MaxRetryAfter+transport.BackoffCap); took > most {
					t.Errorf("took %s, at most %s", took, most)
				}
				if got := len(waits.list()); got != test.reports {
					t.Errorf("reported %d waits, want %d", got, test.reports)
				}
			})
		})
	}
}
