package admission

import (
	"errors"

	"fleet/client"
)

// isSystemic reports whether a failure concerns more than one create request: the
// organization, or the cause that another request met before, with no success
// between the two.
func (ts *Trials) isSystemic(tr *trial, e TrialEnd) bool {
	if organizational(e.Err) {
		return true
	}
	if e.Tolerated {
		return false
	}
	key := refusalKey(e.Err)
	if before := ts.refusals[key]; before != nil && before != tr {
		return true
	}
	ts.refusals[key] = tr
	return false
}

// wouldRecur reports whether another request of the same content would be refused,
// too.
func wouldRecur(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.BadRequest, client.NotFound, client.IllegalState, client.NotSupported, client.FailedToStart, client.TooBig:
		return true
	}
	return organizational(err)
}

// organizational reports whether a refusal depends on the state of the organization
// or the credentials rather than on the request.
func organizational(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.QuotaExceeded, client.NoCapacity, client.Suspended, client.Forbidden, client.Maintenance:
		return true
	}
	return false
}

// refusalKey returns a text that two failures have in common if they have the same
// cause.
func refusalKey(err error) string {
	e, ok := errors.AsType[*client.Error](err)
	if !ok {
		return err.Error()
	}
	switch e.Class {
	case client.ServerError, client.Unreachable, client.NotJSON, client.NotDaytona, client.RateLimited:
		return string(e.Class)
	default:
		return string(e.Class) + ": " + e.Message
	}
}

// affects reports whether the members of a trial would meet the failure of another
// one, too. A shortage in one region is none in another.
func affects(e TrialEnd, other *trial) bool {
	switch client.ErrorClassOf(e.Err) {
	case client.QuotaExceeded, client.NoCapacity:
		here, there := e.Region, other.members[0].Region
		return here == "" || there == "" || here == there
	}
	return true
}
