package client

import (
	"net/http"
	"path"
	"strings"
)

// RateClass names a counter of requests the server keeps per organisation, as
// its headers do.
type RateClass string

// The counters that can limit a call. RateFailedAuth counts refused credentials
// per address and, when full, blocks good ones from there as well.
const (
	RateGeneral    RateClass = "authenticated"
	RateCreate     RateClass = "sandbox-create"
	RateLifecycle  RateClass = "sandbox-lifecycle"
	RateList       RateClass = "sandbox-list"
	RateFailedAuth RateClass = "failed-auth"
)

// RateStorage is the object storage, which is not the API: it has limits of its
// own and does not tell them.
const RateStorage RateClass = "object-storage"

// operation is what the layers of the transport and an error need to know of a
// request beyond its URL.
type operation struct {
	class         RateClass
	nonIdempotent bool   // must not reach the server twice
	permission    string // an API key needs; "" when none
}

// operations gives the first match of method and path, in which * stands for
// one element. Everything else counts as general and may be repeated.
var operations = []struct {
	method, path string
	operation
}{
	{http.MethodGet, "sandbox", operation{class: RateList}},
	{http.MethodGet, "sandbox/paginated", operation{class: RateList}},
	{http.MethodPost, "sandbox", operation{RateCreate, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/fork", operation{RateCreate, true, "write:sandboxes"}},
	{http.MethodDelete, "sandbox/*", operation{RateLifecycle, false, "delete:sandboxes"}},
	{http.MethodPost, "sandbox/*/start", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/stop", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/pause", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/resize", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/recover", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/archive", operation{RateLifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/snapshot", operation{RateGeneral, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/backup", operation{RateGeneral, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*", operation{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*/*", operation{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPut, "sandbox/*/*", operation{RateGeneral, false, "write:sandboxes"}},
	{http.MethodPost, "snapshots", operation{RateGeneral, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/activate", operation{RateGeneral, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/deactivate", operation{RateGeneral, false, "write:snapshots"}},
	{http.MethodDelete, "snapshots/*", operation{RateGeneral, false, "delete:snapshots"}},
	{http.MethodGet, "volumes", operation{RateGeneral, false, "read:volumes"}},
	{http.MethodGet, "volumes/*", operation{RateGeneral, false, "read:volumes"}},
	{http.MethodGet, "volumes/by-name/*", operation{RateGeneral, false, "read:volumes"}},
	{http.MethodPost, "volumes", operation{RateGeneral, true, "write:volumes"}},
	{http.MethodDelete, "volumes/*", operation{RateGeneral, false, "delete:volumes"}},
	{http.MethodGet, "organizations/*/usage", operation{RateGeneral, false, "read:limits"}},
}

func operationOf(r request) operation {
	escaped, _ := r.escaped()
	for _, o := range operations {
		if o.method != r.method {
			continue
		}
		if ok, _ := path.Match(o.path, strings.TrimPrefix(escaped, "/")); ok {
			return o.operation
		}
	}
	return operation{class: RateGeneral, nonIdempotent: r.method == http.MethodPost}
}

// rateClasses are the ones the request may count in. Older servers count lists as
// general.
func (o operation) rateClasses() []RateClass {
	if o.class == RateList {
		return []RateClass{RateList, RateGeneral}
	}
	return []RateClass{o.class}
}
