package client

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// FuzzHeaders checks that no headers of a server, or of a proxy in front of it, make the
// client wait longer than its bounds, or keep it from reading the next response.
func FuzzHeaders(f *testing.F) {
	for _, seed := range [][6]string{
		{"100", "99", "60", "3", "Mon, 23 Nov 2026 10:28:21 GMT", "application/json"},
		{"1", "0", "1782777600", "1782777600", "", "application/json; charset=utf-8"},
		{"-1", "-1", "-1", "-1", "Mon, 01 Jan 0001 00:00:00 GMT", "text/html"},
		{"99999999999999999999", "0", "1e9", "NaN", "Fri, 31 Dec 9999 23:59:59 GMT", ""},
		{"10", "20", "301", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "application/problem+json"},
		{"0", "0", "0", "1e308", "Thu, 01 Jan 1970 00:00:00 GMT", "\x1b[2J"},
		{"2", "-5", "300", "0.0001", "\u202e", "application/json;;;=\""},
	} {
		for _, status := range []int{200, 301, 401, 429, 500, 503} {
			f.Add(status, seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
		}
	}
	f.Fuzz(func(t *testing.T, status int, limit, remaining, reset, after, date, media string) {
		if status < 200 || status > 599 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			header := http.Header{"Date": {date}, "Content-Type": {media}, "Location": {after}, "X-Request-Id": {media}}
			for _, class := range []RateClass{RateGeneral, RateList, RateFailedAuth} {
				name := http.CanonicalHeaderKey("x-" + string(class))[2:]
				header["X-Ratelimit-Limit-"+name], header["X-Ratelimit-Remaining-"+name], header["X-Ratelimit-Reset-"+name] = []string{limit}, []string{remaining}, []string{reset}
				header["Retry-After"+"-"+name] = []string{after}
			}
			header["Retry-After"] = []string{after}
			odd := true
			c := over(t, func(*http.Request) (*http.Response, error) {
				res := verbatim(`{"items":[]}`)
				if odd {
					res.StatusCode, res.Header = status, header.Clone()
				}
				return res, nil
			})
			start := time.Now()
			for range 2 {
				for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
					if err != nil {
						checkText(t, err.Error())
					}
				}
			}
			odd = false
			for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
				if err != nil {
					t.Errorf("an honest response is not read: %v", err)
				}
			}
			// Two lists of MaxAttempts each, and one window after them.
			if took, most := time.Since(start), (2*transport.MaxAttempts+1)*(api.MaxRetryAfter+transport.BackoffCap); took > most {
				t.Errorf("the client waits %s", took)
			}
			if _, known := c.ClockSkew(); known {
				c.ServerNow()
			}
			c.Rate(RateList)
		})
	})
}

// checkText checks that an error has a bounded length and no control characters.
func checkText(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) || len(text) > 4*api.MaxMessage {
		t.Errorf("the error shows what the server wrote: %q", text)
	}
}

// FuzzCursors checks cursors that never end, repeat, or are not valid text.
func FuzzCursors(f *testing.F) {
	for _, seed := range [][2]string{
		{"a", "b"}, {"a", "a"}, {"", "x"}, {"next", ""}, {"&limit=1000#", "?"}, {"../..", "%00"}, {"\x1b[2J", "\u202e"}, {"\xff", "\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		asked := 0
		c := over(t, func(req *http.Request) (*http.Response, error) {
			next := one
			if asked++; asked%2 == 0 {
				next = two
			}
			if asked > 3 {
				t.Fatalf("a list of %q and %q has no end", one, two)
			}
			if got := req.URL.Query()["limit"]; len(got) != 1 || got[0] != pageSize || req.URL.Path != "/api/sandbox" {
				t.Fatalf("a cursor changes the request to %s", req.URL)
			}
			return answer(200, map[string]any{"items": []any{}, "nextCursor": next}), nil
		})
		for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
			if err != nil {
				checkText(t, err.Error())
			}
		}
	})
}
