package client

import (
	"time"

	"fleet/client/internal/api"
)

// A RateClass names one of the counters of requests that a server keeps for each
// organisation, as the server's headers spell it.
type RateClass = api.RateClass

// The counters that can limit a call.
const (
	RateGeneral    = api.RateGeneral    // calls without a counter of their own
	RateCreate     = api.RateCreate     // creations of sandboxes
	RateLifecycle  = api.RateLifecycle  // starts, stops, deletions and the like
	RateList       = api.RateList       // lists of sandboxes
	RateFailedAuth = api.RateFailedAuth // refused credentials, by address; once full, valid ones are refused too
)

// The classes of requests that do not go to the API and count in none of its limits.
const (
	RateStorage = api.RateStorage // uploads of build contexts
	RateToolbox = api.RateToolbox // commands in sandboxes, and their logs
	RatePreview = api.RatePreview // ports of sandboxes
)

// A Route describes the requests of one method and one form of path: the limit that
// they count in, and the permission that they take.
type Route = api.Route

// RouteOf returns the route of a call by its method and its escaped path below the
// base URL, such as "sandbox/1/resize". A placeholder such as {id} may stand for an
// element; a leading slash and a query are ignored.
func RouteOf(method, path string) Route { return api.RouteOf(method, path) }

// A Rate is the highest number of requests of a class that the client sends in a
// window.
type Rate struct {
	Limit       int           // requests of this client: the server's limit without the share left to others
	ServerLimit int           // requests that the server allows
	Window      time.Duration // length of a window

	// IsDefault means that the limit is from the server's configuration. The
	// organisation may have another one.
	IsDefault bool
}

// Rate returns the limit of a class, from the headers of responses or else from the
// server's configuration, if ServerConfig has read it. ok is false if none is known.
func (c *Client) Rate(class RateClass) (r Rate, ok bool) {
	limit, window := c.pacer.ObservedLimit(class)
	isDefault := limit == 0
	if isDefault {
		configured := c.serverInfo.rateLimit(class)
		limit, window = int(configured.Limit), time.Duration(configured.TTL*float64(time.Second))
	}
	if limit <= 0 || window <= 0 {
		return Rate{}, false
	}
	return Rate{Limit: max(limit-limit*(100-c.config.RateShare)/100, 1), ServerLimit: limit, Window: window, IsDefault: isDefault}, true
}

// RateLimits are the defaults of a server; an organisation may have others.
type RateLimits struct {
	FailedAuth       RateLimit `json:"failedAuth"`       // refused credentials of an address
	Authenticated    RateLimit `json:"authenticated"`    // calls without a counter of their own
	SandboxCreate    RateLimit `json:"sandboxCreate"`    // creations of sandboxes
	SandboxLifecycle RateLimit `json:"sandboxLifecycle"` // starts, stops, deletions and the like
	SandboxList      RateLimit `json:"sandboxList"`      // lists of sandboxes
}

// A RateLimit is a number of requests in a window. It is zero if the server does not
// report it.
type RateLimit struct {
	Limit float64 `json:"limit"` // requests
	TTL   float64 `json:"ttl"`   // length of the window in seconds
}

// byClass returns the limits of the classes that are paced; nil if l is nil.
func (l *RateLimits) byClass() map[RateClass]RateLimit {
	if l == nil {
		return nil
	}
	return map[RateClass]RateLimit{
		RateGeneral: l.Authenticated, RateCreate: l.SandboxCreate, RateLifecycle: l.SandboxLifecycle, RateList: l.SandboxList,
	}
}

// requests returns the limits of the classes in requests of each window; nil if l is
// nil.
func (l *RateLimits) requests() map[RateClass]int {
	if l == nil {
		return nil
	}
	limits := map[RateClass]int{}
	for class, limit := range l.byClass() {
		limits[class] = int(limit.Limit)
	}
	return limits
}
