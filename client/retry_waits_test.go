package client

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryBackoff checks the ranges from which waits are drawn: each is used to
// its end, and none begins below what is a wait.
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

// TestRetryWithoutATime checks that a server's failure is waited for even if the
// server does not say how long.
func TestRetryWithoutATime(t *testing.T) {
	for name, header := range map[string][]string{"none": nil, "zero": {"Retry-After", "0"}, "the past": {"Retry-After", "Sat, 01 Jan 2000 00:00:00 GMT"}} {
		wait, again := attemptResult{Route{Class: RateGeneral}, "GET", 1, answer(503, nil, header...), nil}.retryDelay()
		if wait <= 0 || wait > backoffBase || !again {
			t.Errorf("%s: repeated %t after %s", name, again, wait)
		}
	}
}

// TestRetryPacedForTheShortestTime checks that any time that a rate limit tells
// is left to the pacing.
func TestRetryPacedForTheShortestTime(t *testing.T) {
	wait, again := attemptResult{Route{Class: RateGeneral}, "GET", 1, answer(429, nil, "Retry-After", "0.000000001"), nil}.retryDelay()
	if wait != 0 || !again {
		t.Errorf("repeated %t after %s", again, wait)
	}
}

// TestRetryNotAfterCancel checks that a call that ended is not counted and logged
// as one that is repeated.
func TestRetryNotAfterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := over(t, func(*http.Request) (*http.Response, error) {
			cancel()
			return answer(503, refusal("later")), nil
		})
		if _, err := c.Sandbox(ctx, "x"); err == nil {
			t.Error("no error")
		}
		if got := c.Stats().Retries; got != 0 {
			t.Errorf("%d retries", got)
		}
	})
}

// TestRetryIsLogged checks that each repetition is logged with its number.
func TestRetryIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := over(t, func(*http.Request) (*http.Response, error) { return answer(503, refusal("later")), nil }, func(c *Config) {
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, _ = c.Sandbox(t.Context(), "x")
		var got []string
		for _, m := range regexp.MustCompile(`msg=repeat.* attempt=(\d+)`).FindAllStringSubmatch(log.String(), -1) {
			got = append(got, m[1])
		}
		if want := []string{"2", "3", "4", "5", "6"}; !slices.Equal(got, want) {
			t.Errorf("logged %v, want %v:\n%s", got, want, log.String())
		}
	})
}

// TestRetrySleep checks what ends a wait, and that the end of the context counts
// before anything else.
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
