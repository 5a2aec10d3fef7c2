package api

import (
	"net/http"
	"path"
	"strings"
)

// A Route describes the requests of one method and one form of path.
type Route struct {
	Class         RateClass // the limit that the request counts in
	NonIdempotent bool      // whether the request must not reach the server twice
	Permission    string    // what an API key must be granted; "" if any key is accepted
}

// routes is the only place that knows the rate classes and permissions of the API.
// The first row that matches method and path counts; * stands for one element of
// the path. The class of a call without a row is RateGeneral, and only a POST is
// not idempotent.
var routes = []struct {
	method, path string
	Route
}{
	{http.MethodGet, "sandbox", Route{Class: RateList}},
	{http.MethodGet, "sandbox/paginated", Route{Class: RateList}},
	{http.MethodPost, "sandbox", Route{RateCreate, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/fork", Route{RateCreate, true, "write:sandboxes"}},
	{http.MethodDelete, "sandbox/*", Route{RateLifecycle, false, "delete:sandboxes"}},
	{http.MethodPost, "sandbox/*/start", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/stop", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/pause", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/resize", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/recover", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/archive", Route{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/snapshot", Route{RateGeneral, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/backup", Route{RateGeneral, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*", Route{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*/*", Route{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPut, "sandbox/*/*", Route{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPost, "snapshots", Route{RateGeneral, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/activate", Route{RateGeneral, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/deactivate", Route{RateGeneral, false, "write:snapshots"}},
	{http.MethodDelete, "snapshots/*", Route{RateGeneral, false, "delete:snapshots"}},
	{http.MethodGet, "volumes", Route{RateGeneral, false, "read:volumes"}},
	{http.MethodGet, "volumes/*", Route{RateGeneral, false, "read:volumes"}},
	{http.MethodGet, "volumes/by-name/*", Route{RateGeneral, false, "read:volumes"}},
	{http.MethodPost, "volumes", Route{RateGeneral, true, "write:volumes"}},
	{http.MethodDelete, "volumes/*", Route{RateGeneral, false, "delete:volumes"}},
	{http.MethodGet, "organizations/*/usage", Route{RateGeneral, false, "read:limits"}},

	// Below a sandbox's toolbox, wherever it is.
	{http.MethodPost, "toolbox/*/process/execute", Route{RateToolbox, true, "write:sandboxes"}},
	{http.MethodGet, "toolbox/*/process/session/entrypoint/logs", Route{Class: RateToolbox}},
	{http.MethodPost, "toolbox/*/files/bulk-upload", Route{RateToolbox, false, "write:sandboxes"}},
	{http.MethodPost, "toolbox/*/files/permissions", Route{RateToolbox, false, "write:sandboxes"}},
	{http.MethodGet, "toolbox/*/files/download", Route{Class: RateToolbox}},
}

// RouteOf returns the route of a call by its method and its escaped path below the
// base URL, such as "sandbox/1/resize". A placeholder such as {id} may stand for an
// element; a leading slash and a query are ignored.
func RouteOf(method, address string) Route {
	address, _, _ = strings.Cut(strings.TrimPrefix(address, "/"), "?")
	for _, r := range routes {
		if r.method != method {
			continue
		}
		if ok, _ := path.Match(r.path, address); ok {
			return r.Route
		}
	}
	return Route{Class: RateGeneral, NonIdempotent: method == http.MethodPost}
}

// RateClasses returns the classes that the request may count in. Older servers have
// no counter for lists and count them as general requests.
func (r Route) RateClasses() []RateClass {
	if r.Class == RateList {
		return []RateClass{RateList, RateGeneral}
	}
	return []RateClass{r.Class}
}
