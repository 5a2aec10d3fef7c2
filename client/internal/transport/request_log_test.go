package transport_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

func TestRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []int{503, 429, 200, 200}
		n := 0
		c := over(t, func(*http.Request) (*http.Response, error) {
			res := answer(answers[n], map[string]any{"id": "i"})
			res.Header.Set("X-Request-Id", fmt.Sprintf("r%d-%s", n, testKey))
			n++
			return res, nil
		})
		var one, other client.Recorder
		if _, err := c.Sandbox(one.WithContext(t.Context()), "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Sandbox(other.WithContext(t.Context()), "b"); err != nil {
			t.Fatal(err)
		}
		got := one.Log()
		if got.Requests != 3 || got.Retries != 2 || got.RateLimited != 1 || got.Wait <= 0 {
			t.Errorf("log: %+v", got)
		}
		if want := []string{"r0-(hidden)", "r1-(hidden)", "r2-(hidden)"}; !slices.Equal(got.RequestIDs, want) {
			t.Errorf("ids %q, want %q", got.RequestIDs, want)
		}
		if other := other.Log(); other.Requests != 1 || other.Retries != 0 {
			t.Errorf("logs are mixed up: %+v", other)
		}
		if sum := got.Add(client.RequestLog{Requests: 2, RequestIDs: []string{"x", "y", "z"}}); sum.Requests != 5 || len(sum.RequestIDs) != transport.MaxRequestIDs || sum.RequestIDs[4] != "z" {
			t.Errorf("sum: %+v", sum)
		}
	})
}

// TestRateLimitWaits checks which waits count as waits for a rate limit, and that waits
// at the same time count once.
func TestRateLimitWaits(t *testing.T) {
	const calls = 60
	for name, test := range map[string]struct {
		server      *limiter
		refuseFirst int // responses without a limit, and without a time to wait
		limitWait   time.Duration
		throttled   time.Duration
	}{
		"until it is known that the limit is high": {
			server: &limiter{limit: 1000, window: time.Minute, delay: 3 * time.Second}, throttled: 3 * time.Second,
		},
		"for the next window": {
			server: &limiter{limit: 40, window: 20 * time.Second, delay: time.Second}, limitWait: 19 * time.Second, throttled: 20 * time.Second,
		},
		"after a refusal that asks for no wait": {
			server: &limiter{limit: 1000, window: time.Minute, delay: time.Millisecond}, refuseFirst: 1, limitWait: time.Millisecond, throttled: time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.server.class = client.RateCreate
				refused := 0
				c := over(t, func(req *http.Request) (*http.Response, error) {
					if refused < test.refuseFirst {
						refused++
						return answer(429, refusal("later")), nil
					}
					return test.server.RoundTrip(req)
				}, func(c *client.Config) { c.RateShare = 100 })
				var all client.Recorder
				steps := make([]client.Recorder, calls)
				var wg sync.WaitGroup
				for i := range steps {
					wg.Go(func() {
						ctx := steps[i].WithContext(all.WithContext(t.Context()))
						if _, err := c.CreateSandbox(ctx, nil); err != nil {
							t.Error(err)
						}
					})
					if test.refuseFirst > 0 {
						synctest.Wait()
					}
				}
				wg.Wait()
				var sum client.RequestLog
				for i := range steps {
					sum = sum.Add(steps[i].Log())
				}
				log := all.Log()
				if log.RateLimitWait < test.limitWait || log.RateLimitWait > test.limitWait+2*time.Second || test.limitWait == 0 && sum.RateLimitWait > 0 {
					t.Errorf("waited %s for limits, want %s; the steps in sum %s", log.RateLimitWait, test.limitWait, sum.RateLimitWait)
				}
				if log.Throttled < test.throttled || log.Throttled > test.throttled+3*time.Second {
					t.Errorf("held back for %s, want %s", log.Throttled, test.throttled)
				}
				if test.limitWait > time.Second && sum.RateLimitWait < 5*log.RateLimitWait {
					t.Errorf("the steps waited %s in sum, all together %s", sum.RateLimitWait, log.RateLimitWait)
				}
				if got := log.Delayed(); got != log.RateLimitWait {
					t.Errorf("delayed by %s, of which %s for limits", got, log.RateLimitWait)
				}
				if log.Requests != sum.Requests || log.Requests != calls+test.refuseFirst {
					t.Errorf("%d requests, and %d of the steps", log.Requests, sum.Requests)
				}
			})
		})
	}
}
