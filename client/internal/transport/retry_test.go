package transport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

var (
	errReset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	errRefused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	errNoHost  = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
)

func TestRetry(t *testing.T) {
	status := func(code int, headers ...string) func() (*http.Response, error) {
		return func() (*http.Response, error) { return answer(code, refusal("no"), headers...), nil }
	}
	broken := func(err error) func() (*http.Response, error) {
		return func() (*http.Response, error) { return nil, err }
	}
	read := func(ctx context.Context, c *client.Client) error { _, err := c.Sandbox(ctx, "x"); return err }
	create := func(ctx context.Context, c *client.Client) error {
		_, err := c.CreateSandbox(ctx, map[string]any{"name": "x"})
		return err
	}
	stop := func(ctx context.Context, c *client.Client) error { _, err := c.StopSandbox(ctx, "x"); return err }
	remove := func(ctx context.Context, c *client.Client) error { _, err := c.DeleteSandbox(ctx, "x"); return err }
	interval := func(ctx context.Context, c *client.Client) error {
		_, err := c.ChangeSandbox(ctx, "x", client.SandboxRequest{Method: "POST", Path: "autostop/30"})
		return err
	}
	for name, test := range map[string]struct {
		call func(context.Context, *client.Client) error
		fail func() (*http.Response, error)
		want int // attempts when it never ends
	}{
		"GET, reset":               {read, broken(errReset), 6},
		"GET, refused":             {read, broken(errRefused), 6},
		"GET, no such host":        {read, broken(errNoHost), 1},
		"GET, 500":                 {read, status(500), 3},
		"GET, 502":                 {read, status(502), 6},
		"GET, 504":                 {read, status(504), 6},
		"GET, 404":                 {read, status(404), 1},
		"GET, 409":                 {read, status(409), 1},
		"GET, 429":                 {read, status(429, "Retry-After-authenticated", "3"), 6},
		"GET, 429 with a long ban": {read, status(429, "Retry-After", "3600"), 1},
		"GET, no answer":           {read, broken(transport.ErrTimeout), 2},
		"GET, 429 at once":         {read, status(429, "Retry-After", "0"), 6},
		"GET, 429 of another kind": {read, status(429, "Retry-After-anonymous", "3"), 6},
		"create, reset":            {create, broken(errReset), 1},
		"create, refused":          {create, broken(errRefused), 6},
		"create, 500":              {create, status(500), 1},
		"create, 503":              {create, status(503), 1},
		"create, 429":              {create, status(429, "Retry-After-sandbox-create", "3"), 20},
		"create, 429 without word": {create, status(429), 20},
		"stop, reset":              {stop, broken(errReset), 1},
		"stop, 502":                {stop, status(502), 1},
		"stop, 429":                {stop, status(429, "Retry-After-sandbox-lifecycle", "3"), 6},
		"delete, 502":              {remove, status(502), 6},
		"delete, reset":            {remove, broken(errReset), 6},
		"delete, 500":              {remove, status(500), 1},
		"interval, 502":            {interval, status(502), 6},
		"interval, 500":            {interval, status(500), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				c := over(t, func(*http.Request) (*http.Response, error) { attempts++; return test.fail() })
				if err := test.call(t.Context(), c); client.ErrorClassOf(err) == "" {
					t.Errorf("got error %v", err)
				}
				if attempts != test.want {
					t.Errorf("got %d attempts, want %d", attempts, test.want)
				}
				if got := c.Stats().Retries; got != test.want-1 {
					t.Errorf("%d retries counted", got)
				}
			})
		})
	}
}

// TestRetryWaitsAsAsked also checks that each attempt sends the whole body.
func TestRetryWaitsAsAsked(t *testing.T) {
	for name, header := range map[string][2]string{
		"own name": {"Retry-After-sandbox-create", "20"},
		"standard": {"Retry-After", "20"},
		"date":     {"Retry-After", "Sat, 01 Jan 2000 00:00:20 GMT"}, // when synctest's clock starts
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, attempts := time.Now(), 0
				c := over(t, func(req *http.Request) (*http.Response, error) {
					attempts++
					if body, _ := io.ReadAll(req.Body); string(body) != `{"name":"x"}` {
						t.Errorf("got body %s", body)
					}
					if attempts == 1 {
						return answer(429, refusal("ThrottlerException: Too Many Requests"), header[0], header[1]), nil
					}
					if took := time.Since(start); took < 20*time.Second || took > 23*time.Second {
						t.Errorf("second attempt after %s", took)
					}
					return answer(200, map[string]any{"id": "1"}), nil
				})
				if s, err := c.CreateSandbox(t.Context(), map[string]any{"name": "x"}); err != nil || s.ID != "1" {
					t.Errorf("got %v, %v", s, err)
				}
				stats := c.Stats()
				if attempts != 2 || stats.RateLimited != 1 || stats.Requests[client.RateCreate] != 2 || stats.Wait < 20*time.Second {
					t.Errorf("%d attempts, %+v", attempts, stats)
				}
			})
		})
	}
}

func TestCancelTakesPrecedence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := over(t, func(*http.Request) (*http.Response, error) {
			cancel()
			return nil, errReset
		})
		_, err := c.Sandbox(ctx, "x")
		if !errors.Is(err, context.Canceled) || client.ErrorClassOf(err) != "" {
			t.Errorf("got %v", err)
		}
	})
}

func TestCancelEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		c := over(t, func(*http.Request) (*http.Response, error) {
			return answer(429, refusal(""), "Retry-After-authenticated", "60"), nil
		})
		_, err := c.Sandbox(ctx, "x")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestAttemptHasATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := over(t, func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		_, err := c.CreateSandbox(t.Context(), nil)
		if client.ErrorClassOf(err) != client.Unreachable || time.Since(start) != transport.AttemptTimeout || !strings.Contains(err.Error(), "no response within 1m30s") {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

// TestRetryNotAfterCancel checks that a canceled call is not counted as repeated.
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

// TestRetryIsLogged checks that each retry is logged with its number.
func TestRetryIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := over(t, func(*http.Request) (*http.Response, error) { return answer(503, refusal("later")), nil }, func(c *client.Config) {
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
