// Package api is the ground that the client and its transport share: the routes of
// the Daytona API with their rate classes and permissions, the headers of its rate
// limits, and what the context of a request carries down the transport chain. It
// sends nothing.
package api

// A RateClass names one of the counters of requests that a server keeps for each
// organisation, as the server's headers spell it.
type RateClass string

// The counters that can limit a call. RateFailedAuth counts refused credentials
// for each address; once it is full, the server refuses valid credentials from that
// address too.
const (
	RateGeneral    RateClass = "authenticated"
	RateCreate     RateClass = "sandbox-create"
	RateLifecycle  RateClass = "sandbox-lifecycle"
	RateList       RateClass = "sandbox-list"
	RateFailedAuth RateClass = "failed-auth"
)

// PacedClasses are the classes whose limits delay the requests of a client with valid
// credentials.
var PacedClasses = []RateClass{RateGeneral, RateCreate, RateLifecycle, RateList}

// The classes of requests that do not go to the API and count in none of its
// limits. The services behind them do not report the limits that they have.
const (
	RateStorage RateClass = "object-storage" // uploads of build contexts
	RateToolbox RateClass = "toolbox"        // commands in sandboxes, and their logs
	RatePreview RateClass = "preview"        // ports of sandboxes
)

// IsAPI reports whether requests of the class go to the API, which counts them in
// its limits.
func (c RateClass) IsAPI() bool {
	switch c {
	case RateStorage, RateToolbox, RatePreview:
		return false
	default:
		return true
	}
}
