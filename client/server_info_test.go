package client

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestInferredQuota checks that limits in error messages are remembered.
func TestInferredQuota(t *testing.T) {
	texts := []string{
		"Total CPU limit exceeded. Maximum allowed: 10.\nTo increase", "Total memory limit exceeded. Maximum allowed: 20GiB.",
		"Total disk limit exceeded. Maximum allowed: 30GiB.", "Snapshot quota exceeded. Maximum allowed: 5", "Volume quota exceeded. Maximum allowed: 6",
		"CPU request 64 exceeds maximum allowed per sandbox (4).",
	}
	n := 0
	c := over(t, func(*http.Request) (*http.Response, error) {
		n++
		return answer(400, refusal(texts[n-1])), nil
	})
	for _, text := range texts {
		want := QuotaExceeded
		if strings.HasPrefix(text, "CPU request") { // of one sandbox, and no total
			want = TooBig
		}
		if _, err := c.CreateSandbox(context.Background(), map[string]any{}); ErrorClassOf(err) != want {
			t.Fatal(err)
		}
	}
	if got, want := c.InferredQuota(), (InferredQuota{CPU: 10, Memory: 20, Disk: 30, Snapshots: 5, Volumes: 6}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestRate checks that headers take precedence over the configuration, and that the
// share of others is deducted.
func TestRate(t *testing.T) {
	c := over(t, func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/api/config" {
			return answer(200, map[string]any{"rateLimit": map[string]any{"sandboxCreate": map[string]int{"limit": 300, "ttl": 60}, "authenticated": map[string]int{"limit": 9, "ttl": 60}}}), nil
		}
		return answer(200, []any{}, "X-RateLimit-Limit-authenticated", "1000", "X-RateLimit-Remaining-authenticated", "999", "X-RateLimit-Reset-authenticated", "30"), nil
	}, func(c *Config) { c.RateShare = 80 })
	if _, ok := c.Rate(RateCreate); ok {
		t.Error("a rate is known before the first request")
	}
	if _, err := c.ServerConfig(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range c.Volumes(context.Background()) {
		t.Error("there is a volume")
	}
	for class, want := range map[RateClass]Rate{RateCreate: {240, 300, time.Minute, true}, RateGeneral: {800, 1000, 30 * time.Second, false}} {
		if got, ok := c.Rate(class); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", class, got, want)
		}
	}
	if _, ok := c.Rate(RateLifecycle); ok {
		t.Error("a rate is known that was never reported")
	}
}

// TestSkew checks that the clock is read from responses with any status.
func TestSkew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, func(*http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second)
			there := time.Now().Add(-time.Second + time.Hour) // half-way
			return answer(404, refusal("none"), "Date", there.UTC().Format(http.TimeFormat)), nil
		})
		if _, known := c.ClockSkew(); known {
			t.Error("the skew is known before a response")
		}
		_, _ = c.Sandbox(context.Background(), "x")
		before, known := c.ClockSkew()
		if !known || (before-time.Hour).Abs() > time.Second {
			t.Errorf("skew %v, %v, want an hour", before, known)
		}
		if got := time.Until(c.ServerNow()); got != before {
			t.Errorf("now is %v before, want %v", got, before)
		}
	})
}

func TestSuspendedAt(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		o    Organization
		want bool
	}{
		{Organization{}, false},
		{Organization{Suspended: true}, true},
		{Organization{Suspended: true, SuspendedUntil: now.Add(time.Hour)}, true},
		{Organization{Suspended: true, SuspendedUntil: now.Add(-time.Hour)}, false},
	} {
		if got := c.o.SuspendedAt(now); got != c.want {
			t.Errorf("%+v: %v", c.o, got)
		}
	}
}
