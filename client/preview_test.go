package client

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// previewed answers requests for a preview with a new token each time, and passes other
// requests to next.
func previewed(next wire) wire {
	n := 0
	return func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "daytona.test" {
			n++
			return answer(200, map[string]any{"url": "https://3000-1.proxy.test", "token": fmt.Sprintf("preview-token-%d", n)}), nil
		}
		return next(req)
	}
}

func TestProbeRequests(t *testing.T) {
	for path, want := range map[string]string{
		"":                 "https://3000-1.proxy.test/",
		"/":                "https://3000-1.proxy.test/",
		"healthz":          "https://3000-1.proxy.test/healthz",
		"/a%2Fb/c?full=1":  "https://3000-1.proxy.test/a%2Fb/c?full=1",
		"@evil.test/x":     "https://3000-1.proxy.test/@evil.test/x",
		"//evil.test/x":    "https://3000-1.proxy.test/evil.test/x",
		"https://evil/a b": "https://3000-1.proxy.test/https://evil/a%20b",
	} {
		c := over(t, previewed(func(req *http.Request) (*http.Response, error) {
			if got := req.URL.String(); got != want || req.Method != http.MethodGet {
				t.Errorf("%q: got %s", path, got)
			}
			headers := http.Header{
				"User-Agent":                     {"fleet/1.2.3"},
				"X-Daytona-Preview-Token":        {"preview-token-1"},
				"X-Daytona-Skip-Preview-Warning": {"true"},
			}
			if diff := cmp.Diff(headers, req.Header); diff != "" {
				t.Error(diff)
			}
			return answer(200, nil), nil
		}))
		if status, err := c.Probe(t.Context(), "1", 3000, path); status != 200 || err != nil {
			t.Errorf("%q: %d, %v", path, status, err)
		}
	}
}

func TestProbeStatuses(t *testing.T) {
	page := func(status int) *http.Response {
		res := text200("text/html", "<html>")
		res.StatusCode = status
		return res
	}
	endless := text200("text/plain", "")
	endless.Body = io.NopCloser(endlessBody{})
	for name, test := range map[string]struct {
		res   *http.Response
		want  int
		class ErrorClass
	}{
		"endless":      {endless, 200, ""},
		"page":         {page(200), 200, ""},
		"missing page": {page(404), 404, ""},
		"refusal":      {answer(400, refusal("email is required")), 400, ""},
		"busy":         {answer(429, nil, "Retry-After", "1"), 429, ""},
		"failing":      {answer(500, nil), 500, ""},
		"silent":       {answer(502, nil), 502, ""},
		"warming up":   {answer(503, nil), 503, ""},
		"elsewhere":    {answer(301, nil, "Location", "https://evil.test"), 301, ""},
		"stopped":      {answer(400, refusal("bad request: no IP address found. Is the Sandbox started?")), 0, IllegalState},
		"archived":     {answer(404, refusal("not found: sandbox container not found: x")), 0, IllegalState},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c := over(t, previewed(func(*http.Request) (*http.Response, error) {
				n++
				return test.res, nil
			}))
			status, err := c.Probe(t.Context(), "1", 3000, "/")
			if status != test.want || ErrorClassOf(err) != test.class || (err == nil) != (test.class == "") || n != 1 {
				t.Errorf("%d, %v after %d attempts", status, err, n)
			}
		})
	}
}

// endlessBody is a body that never ends. A probe must not read it.
type endlessBody struct{ endless }

// TestProbeRenewsTokens checks that an expired token is replaced: each start of a
// sandbox invalidates the old ones.
func TestProbeRenewsTokens(t *testing.T) {
	good := "preview-token-1"
	var tokens []string
	c := over(t, previewed(func(req *http.Request) (*http.Response, error) {
		tokens = append(tokens, req.Header.Get(headerPreview))
		if req.Header.Get(headerPreview) != good {
			return answer(307, nil, "Location", "https://login.test"), nil
		}
		return answer(200, nil), nil
	}))
	probe := func(want int) {
		t.Helper()
		if status, err := c.Probe(t.Context(), "1", 3000, "/"); status != want || err != nil {
			t.Errorf("%d, %v", status, err)
		}
	}
	probe(200)
	probe(200)
	good = "preview-token-2"
	probe(200)
	good = "none"
	probe(307)
	want := []string{"preview-token-1", "preview-token-1", "preview-token-1", "preview-token-2", "preview-token-2", "preview-token-3"}
	if diff := cmp.Diff(want, tokens); diff != "" {
		t.Error(diff)
	}
	if got := c.Stats().Requests; got[RateGeneral] != 3 || got[RatePreview] != 6 {
		t.Errorf("sent %v", got)
	}
}

// TestProbeIsRepeatedOnce checks the number of attempts. One more is for a stale
// connection; callers repeat probes anyway.
func TestProbeIsRepeatedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := over(t, previewed(func(*http.Request) (*http.Response, error) {
			n++
			return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
		}))
		if _, err := c.Probe(t.Context(), "1", 3000, "/healthz"); ErrorClassOf(err) != Unreachable || n != 2 ||
			!strings.HasPrefix(err.Error(), "GET /healthz: ") || !strings.Contains(err.Error(), "the sandbox proxy 3000-1.proxy.test") {
			t.Errorf("%v after %d attempts", err, n)
		}
		n = 0
		slow := over(t, previewed(func(req *http.Request) (*http.Response, error) {
			n++
			<-req.Context().Done()
			return nil, req.Context().Err()
		}))
		begin := time.Now()
		if _, err := slow.Probe(t.Context(), "1", 3000, "/"); ErrorClassOf(err) != Unreachable || n != 1 || time.Since(begin) != probeTimeout {
			t.Errorf("%v after %d attempts, %v", err, n, time.Since(begin))
		}
	})
}

func TestProbeKeepsSecrets(t *testing.T) {
	var log strings.Builder
	seen := map[Attempt]int{}
	c := over(t, previewed(func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("no %s", req.Header.Get(headerPreview))
	}), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Instrument = func(next http.RoundTripper) http.RoundTripper { return recorder{next, seen} }
	})
	_, err := c.Probe(t.Context(), "1", 3000, "/healthz?key=query-secret")
	if shown := fmt.Sprint(err) + log.String(); err == nil || strings.Contains(shown, "preview-token") || strings.Contains(shown, "query-secret") {
		t.Error(shown)
	}
	if text := fmt.Sprintf("%v %+v %#v", preview{"u", "hidden"}, preview{"u", "hidden"}, preview{"u", "hidden"}); strings.Contains(text, "hidden") {
		t.Error(text)
	}
	want := map[Attempt]int{
		{Route: "/sandbox/{id}/ports/{value}/preview-url", Class: RateGeneral, Number: 1}: 1,
		{Route: "/preview/{port}/{path}", Class: RatePreview, Number: 1}:                  1,
		{Route: "/preview/{port}/{path}", Class: RatePreview, Number: 2}:                  1,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}
