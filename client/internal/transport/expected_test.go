package transport_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

// A tier is a server with limits of a minute, by their class: what its configuration and
// its responses report. A class without one is not reported.
type tier struct {
	configured map[string]int // by the field of the configuration; nil if it reports no limits
	headers    map[client.RateClass]int
}

func (s tier) RoundTrip(req *http.Request) (*http.Response, error) {
	var body any = map[string]any{"id": "1", "items": []any{}}
	class := client.RateList
	switch {
	case req.Method == http.MethodPost:
		class = client.RateCreate
		time.Sleep(time.Second)
	case strings.HasSuffix(req.URL.Path, "/config"):
		limits := map[string]any{}
		for field, n := range s.configured {
			limits[field] = map[string]any{"limit": n, "ttl": 60}
		}
		if body = map[string]any{}; s.configured != nil {
			body = map[string]any{"rateLimit": limits}
		}
		class = "anonymous"
	}
	n, reported := s.headers[class]
	if class == client.RateList && !reported {
		class = client.RateGeneral
		n, reported = s.headers[class]
	}
	if !reported {
		return answer(200, body), nil
	}
	return answer(200, body, "X-RateLimit-Limit-"+string(class), strconv.Itoa(n),
		"X-RateLimit-Remaining-"+string(class), strconv.Itoa(n-1), "X-RateLimit-Reset-"+string(class), "60"), nil
}

// TestExpectedLimits checks how many creations are sent before the first is answered, and
// the burst that the client reports: after a list, and after the answer.
func TestExpectedLimits(t *testing.T) {
	type limits = map[client.RateClass]int
	const unknown = -1
	for name, test := range map[string]struct {
		server tier
		noted  limits
		probes int
		want   int // creations in flight
		burst  int // after a list; unknown if it is not known
		at     int // after the answer
	}{
		"nothing is known":                      {want: transport.DefaultProbes, burst: unknown},
		"nothing is known, a number is set":     {probes: 250, want: 250, burst: unknown},
		"a low number is set":                   {probes: 3, want: transport.DefaultProbes, burst: unknown},
		"another limit is reported":             {server: tier{headers: limits{client.RateGeneral: 77}}, probes: 250, want: transport.DefaultProbes, burst: unknown},
		"configured":                            {server: tier{configured: map[string]int{"sandboxCreate": 100}}, probes: 250, want: 80, burst: 80},
		"configured, without a limit":           {server: tier{configured: map[string]int{"authenticated": 5}}, want: 300, burst: 0},
		"noted":                                 {noted: limits{client.RateCreate: 50}, probes: 250, want: 40, burst: 40},
		"noted, configured otherwise":           {server: tier{configured: map[string]int{"sandboxCreate": 100}}, noted: limits{client.RateCreate: 50}, want: 40, burst: 40},
		"noted without a limit":                 {noted: limits{client.RateCreate: 0}, want: 300, burst: 0},
		"noted without a limit, now configured": {server: tier{configured: map[string]int{"sandboxCreate": 100}}, noted: limits{client.RateCreate: 0}, want: 80, burst: 80},
		"noted before limits were reported":     {server: tier{headers: limits{client.RateGeneral: 77}}, noted: limits{client.RateCreate: 0, client.RateGeneral: 0}, want: transport.DefaultProbes, burst: unknown},
		"noted in another tier":                 {server: tier{headers: limits{client.RateGeneral: 10_000}}, noted: limits{client.RateCreate: 600, client.RateGeneral: 50_000}, want: 240, burst: 240},
		"noted in the same tier":                {server: tier{headers: limits{client.RateGeneral: 10_000}}, noted: limits{client.RateCreate: 400, client.RateGeneral: 10_000}, want: 300, burst: 320},
		"noted for another class":               {noted: limits{client.RateLifecycle: 50}, want: transport.DefaultProbes, burst: unknown},
		"published tier":                        {server: tier{headers: limits{client.RateGeneral: 10_000}}, want: 240, burst: 240},
		"published tier, configured otherwise":  {server: tier{configured: map[string]int{"sandboxCreate": 100}, headers: limits{client.RateGeneral: 10_000}}, want: 80, burst: 80},
		"reported in the answer":                {server: tier{headers: limits{client.RateCreate: 200}}, noted: limits{client.RateCreate: 50}, want: 40, burst: 40, at: 160},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var inFlight atomic.Int32
				c := over(t, func(req *http.Request) (*http.Response, error) {
					if req.Method == http.MethodPost {
						inFlight.Add(1)
					}
					return test.server.RoundTrip(req)
				}, func(c *client.Config) { c.NotedLimits = test.noted })
				if test.probes > 0 {
					c.SetProbes(test.probes)
				}
				if _, err := c.ServerConfig(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, err := range c.Sandboxes(t.Context(), client.SandboxFilter{}) {
					t.Fatal(err)
				}
				if n, known := c.Burst(client.RateCreate); known != (test.burst != unknown) || known && n != test.burst {
					t.Errorf("burst %d, %t, want %d", n, known, test.burst)
				}
				for range 300 {
					go func() { _, _ = c.CreateSandbox(t.Context(), nil) }()
				}
				synctest.Wait()
				if n := int(inFlight.Load()); n != test.want {
					t.Errorf("%d creations are sent, want %d", n, test.want)
				}
				time.Sleep(time.Second + time.Millisecond)
				if n, known := c.Burst(client.RateCreate); !known || n != test.at {
					t.Errorf("after the answer: burst %d, %t, want %d", n, known, test.at)
				}
				time.Sleep(5 * time.Minute)
			})
		})
	}
}

// TestOutdatedNotes checks that a response with another limit than the noted one drops
// what was noted for other classes.
func TestOutdatedNotes(t *testing.T) {
	server := tier{headers: map[client.RateClass]int{client.RateGeneral: 10_000}}
	c := over(t, server.RoundTrip, func(c *client.Config) {
		c.NotedLimits = map[client.RateClass]int{client.RateGeneral: 50_000, client.RateLifecycle: 50_000}
	})
	for _, err := range c.Sandboxes(t.Context(), client.SandboxFilter{}) {
		t.Fatal(err)
	}
	got := c.NotedLimits()
	if _, known := got[client.RateLifecycle]; known || got[client.RateGeneral] != 10_000 {
		t.Errorf("noted %v", got)
	}
}

// TestNotedLimits checks the limits for a later client: those that responses reported,
// and those that an earlier client found for other classes, but none that the server has
// contradicted.
func TestNotedLimits(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		noted  int
		want   int
		known  bool
	}{
		"reported":              {status: 200, noted: 200, want: 200, known: true},
		"refused at a limit":    {status: 429, noted: 50},
		"refused without limit": {status: 429, noted: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := over(t, func(req *http.Request) (*http.Response, error) {
					if test.status == 429 {
						return answer(429, refusal("later"), "Retry-After", "301"), nil
					}
					return tier{headers: map[client.RateClass]int{client.RateCreate: 200}}.RoundTrip(req)
				}, func(c *client.Config) {
					c.NotedLimits = map[client.RateClass]int{client.RateCreate: test.noted, client.RateLifecycle: 7}
				})
				_, _ = c.CreateSandbox(t.Context(), nil)
				got := c.NotedLimits()
				if n, known := got[client.RateCreate]; n != test.want || known != test.known || got[client.RateLifecycle] != 7 {
					t.Errorf("noted %v, want %d, %t, and 7 for the other class", got, test.want, test.known)
				}
			})
		})
	}
}
