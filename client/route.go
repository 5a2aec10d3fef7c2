package client

import (
	"net/http"
	"path"
	"strings"
)

// A RateClass names one of the counters of requests that a server keeps for each
// organisation, as in the server's headers.
type RateClass string

// The counters that can limit a call. RateFailedAuth counts refused credentials
// for each address; once it is full, valid credentials from that address are
// refused too.
const (
	RateGeneral    RateClass = "authenticated"
	RateCreate     RateClass = "sandbox-create"
	RateLifecycle  RateClass = "sandbox-lifecycle"
	RateList       RateClass = "sandbox-list"
	RateFailedAuth RateClass = "failed-auth"
)

// The classes of requests that are not calls of the API and count in none of its
// limits. The services behind them have limits that they do not report.
const (
	RateStorage RateClass = "object-storage" // uploads of build contexts
	RateToolbox RateClass = "toolbox"        // commands in sandboxes, and their logs
	RatePreview RateClass = "preview"        // ports of sandboxes
)

// A Route is what fleet knows of a kind of request: the limit that it counts in,
// the permission that it takes, and whether it may be sent twice.
type Route struct {
	Class         RateClass // the limit that it counts in
	NonIdempotent bool      // whether it must not reach the server twice
	Permission    string    // the permission that an API key needs; "" if any key will do
}

// routes is the only place that knows classes and permissions of the API's calls.
// The first row that matches method and path counts; * stands for one element of
// the path. A call without a row is general, and is repeatable unless it is a POST.
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
}

// RouteOf returns the route of a call by its method and its path below the base
// URL, escaped, such as "sandbox/1/resize". An id may be replaced by a placeholder
// without a slash; a query does not count.
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

func routeOf(r request) Route {
	escaped, _ := r.escaped()
	return RouteOf(r.method, escaped)
}

// rateClasses are the ones the request may count in. Older servers count lists as
// general.
func (r Route) rateClasses() []RateClass {
	if r.Class == RateList {
		return []RateClass{RateList, RateGeneral}
	}
	return []RateClass{r.Class}
}

// rateLimited reports whether the API counts the request in one of its limits.
func (r Route) rateLimited() bool {
	switch r.Class {
	case RateStorage, RateToolbox, RatePreview:
		return false
	default:
		return true
	}
}
