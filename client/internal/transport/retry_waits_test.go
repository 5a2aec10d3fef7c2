package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client/internal/api"
)

// TestRetryBackoff checks the ranges of the waits: each is used up to its end, and no
// wait is 0.
func TestRetryBackoff(t *testing.T) {
	for attempt, most := range map[int]time.Duration{
		1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 3: 800 * time.Millisecond, 4: 1600 * time.Millisecond,
		5: 3200 * time.Millisecond, 6: 5 * time.Second, 7: 5 * time.Second,
	} {
		var longest time.Duration
		for range 20000 {
			d := backoff(attempt)
			if d <= 0 {
				t.Fatalf("attempt %d: %s", attempt, d)
			}
			longest = max(longest, d)
		}
		if longest > most || longest < most*9/10 {
			t.Errorf("attempt %d: up to %s, want up to %s", attempt, longest, most)
		}
	}
}

// TestRetryWithoutATime checks that a retry after a failure of the server waits even if
// the server asks for no time.
func TestRetryWithoutATime(t *testing.T) {
	for name, header := range map[string][]string{"none": nil, "zero": {"Retry-After", "0"}, "the past": {"Retry-After", "Sat, 01 Jan 2000 00:00:00 GMT"}} {
		wait, again := attemptResult{api.Route{Class: api.RateGeneral}, "GET", 1, response(503, header...), nil}.retryDelay()
		if wait <= 0 || wait > backoffBase || !again {
			t.Errorf("%s: repeated %t after %s", name, again, wait)
		}
	}
}

// TestRetryPacedForTheShortestTime checks that even the shortest time of a rate limit is
// left to the pacer.
func TestRetryPacedForTheShortestTime(t *testing.T) {
	wait, again := attemptResult{api.Route{Class: api.RateGeneral}, "GET", 1, response(429, "Retry-After", "0.000000001"), nil}.retryDelay()
	if wait != 0 || !again {
		t.Errorf("repeated %t after %s", again, wait)
	}
}

// TestRetrySleep checks what ends a wait, and that the end of the context takes
// precedence.
func TestRetrySleep(t *testing.T) {
	woken := make(chan struct{})
	close(woken)
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 {
			for _, d := range []time.Duration{-1, 0, 1, time.Hour} {
				if err := sleep(ended, d, woken); !errors.Is(err, context.Canceled) {
					t.Fatalf("%s after the end: error %v", d, err)
				}
			}
		}
		for _, d := range []time.Duration{-time.Second, 0, 1, time.Second} {
			start := time.Now()
			if err := sleep(t.Context(), d, nil); err != nil || time.Since(start) != max(d, 0) {
				t.Errorf("%s took %s: error %v", d, time.Since(start), err)
			}
		}
	})
}
