package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"fleet/client/internal/api"
)

// TestRetryBounds checks which attempts are repeated, and after which wait, close to each
// bound. A wait of 0 stands for the client's own backoff, up to BackoffCap.
func TestRetryBounds(t *testing.T) {
	after := func(status int, seconds string) *http.Response {
		return response(status, "Retry-After", seconds)
	}
	dial := func(op string) error { return &net.OpError{Op: op, Err: errors.New("refused")} }
	get := api.Route{Class: api.RateGeneral}
	for name, c := range map[string]struct {
		of    attemptResult
		wait  time.Duration
		again bool
	}{
		"as long a wait as may be":   {attemptResult{get, "GET", 1, after(503, "300"), nil}, api.MaxRetryAfter, true},
		"a longer one":               {attemptResult{get, "GET", 1, after(503, "301"), nil}, 0, false},
		"a longer one, rate limited": {attemptResult{get, "GET", 1, after(429, "301"), nil}, 0, false},
		"the last but one":           {attemptResult{get, "GET", MaxAttempts - 1, after(503, "1"), nil}, 0, true},
		"the last":                   {attemptResult{get, "GET", MaxAttempts, after(503, "1"), nil}, 0, false},
		"name not found":             {attemptResult{get, "GET", 1, nil, &net.DNSError{IsNotFound: true}}, 0, false},
		"name not answered":          {attemptResult{get, "GET", 1, nil, &net.DNSError{IsTimeout: true}}, 0, true},
		"certificate":                {attemptResult{get, "GET", 1, nil, &tls.CertificateVerificationError{Err: errors.New("x")}}, 0, false},
		"too large":                  {attemptResult{get, "GET", 1, nil, ErrTooLarge}, 0, false},
		"dial, once":                 {attemptResult{api.Route{Class: api.RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("dial")}, 0, true},
		"proxy, once":                {attemptResult{api.Route{Class: api.RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("proxyconnect")}, 0, true},
		"read, once":                 {attemptResult{api.Route{Class: api.RateGeneral, NonIdempotent: true}, "POST", 1, nil, dial("read")}, 0, false},
		"preview":                    {attemptResult{api.Route{Class: api.RatePreview}, "GET", 1, nil, dial("read")}, 0, true},
		"preview, again":             {attemptResult{api.Route{Class: api.RatePreview}, "GET", 2, nil, dial("read")}, 0, false},
		"preview, too slow":          {attemptResult{api.Route{Class: api.RatePreview}, "GET", 1, nil, timeoutError(1)}, 0, false},
		"preview, unavailable":       {attemptResult{api.Route{Class: api.RatePreview}, "GET", 1, response(503), nil}, 0, false},
		"upload, server error":       {attemptResult{api.Route{Class: api.RateStorage}, "PUT", 1, response(500), nil}, 0, true},
		"change, server error":       {attemptResult{api.Route{Class: api.RateGeneral}, "PUT", 1, response(500), nil}, 0, false},
		"preview, too large":         {attemptResult{api.Route{Class: api.RatePreview}, "GET", 1, nil, ErrTooLarge}, 0, false},
	} {
		wait, again := c.of.retryDelay()
		if again != c.again || again && (wait <= 0 || wait < c.wait || wait > max(c.wait, BackoffCap)) {
			t.Errorf("%s: repeated %t after %s, want %t after %s", name, again, wait, c.again, c.wait)
		}
	}
}

// TestRateLimitedIsPaced checks that a retry does not wait for a time that the pacer
// applies to the whole class.
func TestRateLimitedIsPaced(t *testing.T) {
	withTime, without := response(429, "Retry-After", "7"), response(429)
	for class, want := range map[api.RateClass]time.Duration{api.RateGeneral: 0, api.RateToolbox: 7 * time.Second} {
		wait, again := attemptResult{api.Route{Class: class, NonIdempotent: true}, "POST", 1, withTime, nil}.retryDelay()
		if wait != want || !again {
			t.Errorf("%s: repeated %t after %s, want after %s", class, again, wait, want)
		}
		if wait, again = (attemptResult{api.Route{Class: class}, "POST", 1, without, nil}).retryDelay(); wait <= 0 || wait > BackoffCap || !again {
			t.Errorf("%s: repeated %t after %s if the server reports no time", class, again, wait)
		}
	}
}

// response returns a response without a body; headers are name, value, name, value.
func response(status int, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: http.NoBody}
}
