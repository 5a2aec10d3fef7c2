package client

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"fleet/client/internal/storage"
	"fleet/client/internal/transport"
)

// storageError returns the error of a request to the object storage.
func storageError(s *storage.Error) *Error {
	e := &Error{
		Method: s.Method, Path: s.Path, Status: s.Status, Class: storageClass(s),
		Message:    cmp.Or(s.Message, s.Code, strings.ToLower(http.StatusText(s.Status)), "unknown status"),
		RetryAfter: s.RetryAfter, RequestID: s.RequestID, cause: s.Cause,
	}
	switch {
	case s.Page:
		e.Message = "got a web page instead of a response of the object storage"
	case e.Class == RateLimited:
		e.RateClass = RateStorage
	}
	e.Hint = storageHint(s, e)
	return e
}

// storageClass returns the class of an error of the object storage. It is never
// Unauthorized: an expired access does not mean that the API refuses the credentials.
func storageClass(s *storage.Error) ErrorClass {
	switch {
	case s.Page, errors.Is(s.Cause, transport.ErrTooLarge):
		return NotDaytona
	case s.Status == 0:
		return Unreachable
	case s.RefusesAccess():
		return Forbidden
	case s.Code == storage.CodeBusy:
		return RateLimited
	}
	if class := classify(s.Status, ""); class != Unauthorized {
		return class
	}
	return Forbidden
}

// storageHint returns what a user can do about an error of the object storage; "" if its
// message is enough.
func storageHint(s *storage.Error, e *Error) string {
	switch s.Code {
	case storage.CodeSkewed:
		return "set the clock of this machine: the object storage accepts requests of the last minutes only"
	case storage.CodeTooLarge:
		return "make the build context smaller, for example with .dockerignore"
	case storage.CodeSignature:
		return "check that no proxy changes requests to the object storage " + s.Host
	}
	switch e.Class {
	case Forbidden:
		return "the access to the object storage was granted by the server, for an hour: run the command again, or ask the administrator of the server"
	case Unreachable:
		return "check that the object storage " + s.Host + " can be reached from this machine: build contexts are uploaded to it"
	case NotDaytona:
		return "check that no proxy answers in place of the object storage " + s.Host
	case RateLimited:
		return rateLimitHint(*e)
	default:
		return ""
	}
}
