package client

import (
	"net/http"
	"path"
	"strings"
)

// RateClass names a counter of requests the server keeps per organisation, as
// its headers do.
type RateClass string

// The counters that can limit a call. FailedAuth counts refused credentials
// per address and, when full, blocks good ones from there as well.
const (
	General    RateClass = "authenticated"
	Creates    RateClass = "sandbox-create"
	Lifecycle  RateClass = "sandbox-lifecycle"
	Lists      RateClass = "sandbox-list"
	FailedAuth RateClass = "failed-auth"
)

// Storage is the object storage, which is not the API: it has limits of its
// own and does not tell them.
const Storage RateClass = "object-storage"

// operation is what the layers of the transport and an error need to know of a
// request beyond its URL.
type operation struct {
	class      RateClass
	once       bool   // must not reach the server twice
	permission string // an API key needs; "" when none
}

// operations gives the first match of method and path, in which * stands for
// one element. Everything else counts as general and may be repeated.
var operations = []struct {
	method, path string
	operation
}{
	{http.MethodGet, "sandbox", operation{class: Lists}},
	{http.MethodGet, "sandbox/paginated", operation{class: Lists}},
	{http.MethodPost, "sandbox", operation{Creates, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/fork", operation{Creates, true, "write:sandboxes"}},
	{http.MethodDelete, "sandbox/*", operation{Lifecycle, false, "delete:sandboxes"}},
	{http.MethodPost, "sandbox/*/start", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/stop", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/pause", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/resize", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/recover", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/archive", operation{Lifecycle, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/snapshot", operation{General, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/backup", operation{General, true, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*", operation{General, false, "write:sandboxes"}},
	{http.MethodPost, "sandbox/*/*/*", operation{General, false, "write:sandboxes"}},
	{http.MethodPut, "sandbox/*/*", operation{General, false, "write:sandboxes"}},
	{http.MethodPost, "snapshots", operation{General, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/activate", operation{General, true, "write:snapshots"}},
	{http.MethodPost, "snapshots/*/deactivate", operation{General, false, "write:snapshots"}},
	{http.MethodDelete, "snapshots/*", operation{General, false, "delete:snapshots"}},
	{http.MethodGet, "volumes", operation{General, false, "read:volumes"}},
	{http.MethodGet, "volumes/*", operation{General, false, "read:volumes"}},
	{http.MethodGet, "volumes/by-name/*", operation{General, false, "read:volumes"}},
	{http.MethodPost, "volumes", operation{General, true, "write:volumes"}},
	{http.MethodDelete, "volumes/*", operation{General, false, "delete:volumes"}},
	{http.MethodGet, "organizations/*/usage", operation{General, false, "read:limits"}},
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
	return operation{class: General, once: r.method == http.MethodPost}
}

// counters are the ones the request may count in. Older servers count lists as
// general.
func (o operation) counters() []RateClass {
	if o.class == Lists {
		return []RateClass{Lists, General}
	}
	return []RateClass{o.class}
}
