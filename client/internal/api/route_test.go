package api

import (
	"net/http"
	"testing"
)

// TestRouteOf checks the forms that a path may have, and calls without a row of their
// own.
func TestRouteOf(t *testing.T) {
	for _, test := range []struct {
		method, path string
		want         Route
	}{
		{http.MethodPost, "sandbox/{id}/resize", Route{RateLifecycle, true, "write:sandboxes"}},
		{http.MethodPost, "/sandbox/a%2Fb/stop?force=true", Route{RateLifecycle, true, "write:sandboxes"}},
		{http.MethodPost, "sandbox/{id}/autostop/30", Route{RateGeneral, false, "write:sandboxes"}},
		{http.MethodPut, "sandbox/{id}/labels", Route{RateGeneral, false, "write:sandboxes"}},
		{http.MethodDelete, "sandbox/{id}", Route{RateLifecycle, false, "delete:sandboxes"}},
		{http.MethodPost, "snapshots/{id}/activate", Route{RateGeneral, true, "write:snapshots"}},
		{http.MethodGet, "snapshots/{id}", Route{Class: RateGeneral}},
		{http.MethodPost, "unheard/of", Route{Class: RateGeneral, NonIdempotent: true}},
	} {
		if got := RouteOf(test.method, test.path); got != test.want {
			t.Errorf("%s %s: %+v, want %+v", test.method, test.path, got, test.want)
		}
	}
}
