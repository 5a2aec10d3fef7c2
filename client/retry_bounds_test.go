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
	get := operation{class: General}
	for name, c := range map[string]struct {
		of    outcome
		wait  time.Duration
		again bool
	}{
		"as long a wait as may be":   {outcome{get, "GET", 1, after(503, "300"), nil}, maxToldWait, true},
		"a longer one":               {outcome{get, "GET", 1, after(503, "301"), nil}, 0, false},
		"a longer one, rate limited": {outcome{get, "GET", 1, after(429, "301"), nil}, 0, false},
		"the last but one":           {outcome{get, "GET", maxAttempts - 1, after(503, "1"), nil}, 0, true},
		"the last":                   {outcome{get, "GET", maxAttempts, after(503, "1"), nil}, 0, false},
		"name not found":             {outcome{get, "GET", 1, nil, &net.DNSError{IsNotFound: true}}, 0, false},
		"name not answered":          {outcome{get, "GET", 1, nil, &net.DNSError{IsTimeout: true}}, 0, true},
		"certificate":                {outcome{get, "GET", 1, nil, &tls.CertificateVerificationError{Err: errors.New("x")}}, 0, false},
		"too large":                  {outcome{get, "GET", 1, nil, errTooLarge}, 0, false},
		"dial, once":                 {outcome{operation{class: General, once: true}, "POST", 1, nil, dial("dial")}, 0, true},
		"proxy, once":                {outcome{operation{class: General, once: true}, "POST", 1, nil, dial("proxyconnect")}, 0, true},
		"read, once":                 {outcome{operation{class: General, once: true}, "POST", 1, nil, dial("read")}, 0, false},
		"preview":                    {outcome{operation{class: Preview}, "GET", 1, nil, dial("read")}, 0, true},
		"preview, again":             {outcome{operation{class: Preview}, "GET", 2, nil, dial("read")}, 0, false},
		"preview, too slow":          {outcome{operation{class: Preview}, "GET", 1, nil, tooSlow(1)}, 0, false},
		"preview, too large":         {outcome{operation{class: Preview}, "GET", 1, nil, errTooLarge}, 0, false},
	} {
		wait, again := c.of.repeat()
		if again != c.again || again && (wait <= 0 || wait < c.wait || wait > max(c.wait, backoffCap)) {
			t.Errorf("%s: repeated %t after %s, want %t after %s", name, again, wait, c.again, c.wait)
		}
	}
}

// TestRateLimitedIsPaced: the pacing holds a whole class back, so that a request
// of it need not wait as well.
func TestRateLimitedIsPaced(t *testing.T) {
	told, silent := answer(429, nil, "Retry-After", "7"), answer(429, nil)
	for class, want := range map[RateClass]time.Duration{General: 0, Toolbox: 7 * time.Second} {
		wait, again := outcome{operation{class: class, once: true}, "POST", 1, told, nil}.repeat()
		if wait != want || !again {
			t.Errorf("%s: repeated %t after %s, want after %s", class, again, wait, want)
		}
		if wait, again = (outcome{operation{class: class}, "POST", 1, silent, nil}).repeat(); wait <= 0 || wait > backoffCap || !again {
			t.Errorf("%s: repeated %t after %s where no time is told", class, again, wait)
		}
	}
}
