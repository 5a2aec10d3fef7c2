package client

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestRetryBounds: what may be repeated, and after which wait, close to each
// bound. Waits of the client's own are below backoffCap; 0 stands for them.
func TestRetryBounds(t *testing.T) {
	after := func(status int, seconds string) *http.Response {
		return answer(status, nil, "Retry-After", seconds)
	}
	dial := func(op string) error { return &net.OpError{Op: op, Err: errors.New("refused")} }
	get := Route{Class: RateGeneral}
	for name, c := range map[string]struct {
		of    attemptResult
		wait  time.Duration
		again bool
	}{
		"as long a wait as may be":   {attemptResult{get, "GET", 1, after(503, "300"), nil}, maxRetryAfter, true},
		"a longer one":               {attemptResult{get, "GET", 1, after(503, "301"), nil}, 0, false},
		"a longer one, rate limited": {attemptResult{get, "GET", 1, after(429, "301"), nil}, 0, false},
		"the last but one":           {attemptResult{get, "GET", maxAttempts - 1, after(503, "1"), nil}, 0, true},
		"the last":                   {attemptResult{get, "GET", maxAttempts, after(503, "1"), nil}, 0, false},
		"name not found":             {attemptResult{get, "GET", 1, nil, &net.DNSError{IsNotFound: true}}, 0, false},
		"name not answered":          {attemptResult{get, "GET", 1, nil, &net.DNSError{IsTimeout: true}}, 0, true},
		"certificate":                {attemptResult{get, "GET", 1, nil, &tls.CertificateVerificationError{Err: errors.New("x")}}, 0, false},
		"too large":                  {attemptResult{get, "GET", 1, nil, errTooLarge}, 0, false},
		"dial, once":                 {attemptResult{Route{Class: RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("dial")}, 0, true},
		"proxy, once":                {attemptResult{Route{Class: RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("proxyconnect")}, 0, true},
		"read, once":                 {attemptResult{Route{Class: RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("read")}, 0, false},
		"preview":                    {attemptResult{Route{Class: RatePreview}, "GET", 1, nil, dial("read")}, 0, true},
		"preview, again":             {attemptResult{Route{Class: RatePreview}, "GET", 2, nil, dial("read")}, 0, false},
		"preview, too slow":          {attemptResult{Route{Class: RatePreview}, "GET", 1, nil, attemptTimeoutError(1)}, 0, false},
		"preview, too large":         {attemptResult{Route{Class: RatePreview}, "GET", 1, nil, errTooLarge}, 0, false},
	} {
		wait, again := c.of.retryDelay()
		if again != c.again || again && (wait <= 0 || wait < c.wait || wait > max(c.wait, backoffCap)) {
			t.Errorf("%s: repeated %t after %s, want %t after %s", name, again, wait, c.again, c.wait)
		}
	}
}

// TestRateLimitedIsPaced: the pacing holds a whole class back, so that a request
// of it need not wait as well.
func TestRateLimitedIsPaced(t *testing.T) {
	told, silent := answer(429, nil, "Retry-After", "7"), answer(429, nil)
	for class, want := range map[RateClass]time.Duration{RateGeneral: 0, RateToolbox: 7 * time.Second} {
		wait, again := attemptResult{Route{Class: class, NonIdempotent: true}, "POST", 1, told, nil}.retryDelay()
		if wait != want || !again {
			t.Errorf("%s: repeated %t after %s, want after %s", class, again, wait, want)
		}
		if wait, again = (attemptResult{Route{Class: class}, "POST", 1, silent, nil}).retryDelay(); wait <= 0 || wait > backoffCap || !again {
			t.Errorf("%s: repeated %t after %s where no time is told", class, again, wait)
		}
	}
}
