package client

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoutes(t *testing.T) {
	const id = "3f0c5ab2-0000-4000-8000-0123456789ab"
	for want, path := range map[string]string{
		"/sandbox":                       "sandbox",
		"/sandbox/{id}":                  "sandbox/web",
		"/sandbox/{id}/stop":             "sandbox/web/stop",
		"/sandbox/{id}/autostop/{value}": "sandbox/web/autostop/-1",
		"/sandbox/{id}/network-settings": "sandbox/" + id + "/network-settings",
		"/sandbox/{id}/{value}":          "sandbox/web/" + id,
		"/snapshots/{id}/activate":       "snapshots/" + id + "/activate",
		"/volumes/by-name/{id}":          "volumes/by-name/data",
		"/volumes/{id}":                  "volumes/data",
		"/api-keys/current":              "api-keys/current",
		"/object-storage/push-access":    "object-storage/push-access",
		"/{id}":                          id,
		"":                               "",
		"/sandbox/{id}/public/{value}":   "sandbox/by-name/public/true",
		"/snapshots/{id}/build-logs-url": "snapshots/team-py:3.12/build-logs-url",
		"/{bucket}/{organization}/{hash}/context.tar": "storage",
	} {
		c := call{path: slices.DeleteFunc(strings.Split(path, "/"), func(e string) bool { return e == "" })}
		if path == "storage" {
			c.Class = RateStorage
		}
		if got := c.route(); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// recorder notes the attempts that it sees.
type recorder struct {
	next http.RoundTripper
	seen map[Attempt]int
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.seen[AttemptFromContext(req.Context())]++
	return r.next.RoundTrip(req)
}

func TestInstrumentSeesAttempts(t *testing.T) {
	statuses := []int{503, 429, 200, 200}
	seen := map[Attempt]int{}
	c := over(t, func(*http.Request) (*http.Response, error) {
		status := statuses[0]
		statuses = statuses[1:]
		return answer(status, map[string]any{}), nil
	}, func(c *Config) {
		c.Instrument = func(next http.RoundTripper) http.RoundTripper { return recorder{next, seen} }
	})
	if _, err := c.Sandbox(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Sandboxes(t.Context(), SandboxFilter{Name: "web"}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[Attempt]int{
		{"/sandbox/{id}", RateGeneral, 1}: 1, {"/sandbox/{id}", RateGeneral, 2}: 1, {"/sandbox/{id}", RateGeneral, 3}: 1,
		{"/sandbox", RateList, 1}: 1,
	}
	if !maps.Equal(seen, want) {
		t.Error(cmp.Diff(want, seen))
	}
}
