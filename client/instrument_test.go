package client

import (
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder counts the attempts that pass through it.
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
		{Route: "/sandbox/{id}", Class: RateGeneral, Number: 1}: 1, {Route: "/sandbox/{id}", Class: RateGeneral, Number: 2}: 1, {Route: "/sandbox/{id}", Class: RateGeneral, Number: 3}: 1,
		{Route: "/sandbox", Class: RateList, Number: 1}: 1,
	}
	if !maps.Equal(seen, want) {
		t.Error(cmp.Diff(want, seen))
	}
}
