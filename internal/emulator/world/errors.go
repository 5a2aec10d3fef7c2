package world

import (
	"fmt"
	"net/http"
)

// APIError is an error response. The API distinguishes errors only by the status and
// the message.
type APIError struct {
	Status  int
	Message string
	// After is the time to wait in seconds, for status 429.
	After int
	// Class is the rate limit that was exceeded, for status 429.
	Class string
}

func (e *APIError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Message) }

// NewAPIError returns an error response with a formatted message.
func NewAPIError(status int, format string, args ...any) *APIError {
	return &APIError{Status: status, Message: fmt.Sprintf(format, args...)}
}

// BadRequest returns an error with status 400.
func BadRequest(format string, args ...any) *APIError {
	return NewAPIError(http.StatusBadRequest, format, args...)
}

// NotFound returns an error with status 404.
func NotFound(format string, args ...any) *APIError {
	return NewAPIError(http.StatusNotFound, format, args...)
}

// Conflict returns an error with status 409.
func Conflict(format string, args ...any) *APIError {
	return NewAPIError(http.StatusConflict, format, args...)
}

// The error responses of the server that occur in several places.
var (
	ErrCredentials = NewAPIError(http.StatusUnauthorized, "Invalid credentials")
	ErrDenied      = NewAPIError(http.StatusForbidden, "Access denied")
	// ErrOtherOrganization is the response to a request for another organisation than
	// the key's.
	ErrOtherOrganization = NewAPIError(http.StatusForbidden, "Invalid authentication context")

	ErrInProgress  = Conflict("Sandbox state change in progress")
	ErrJobRunning  = Conflict("An operation is already in progress for this resource")
	ErrErrored     = BadRequest("Sandbox is in an errored state")
	ErrNoRunners   = BadRequest("No available runners")
	ErrRegion      = NotFound("Region not found")
	ErrMaintenance = NewAPIError(http.StatusServiceUnavailable, "Service is currently under maintenance. Please try again later.")
	// ErrUnexpected is the response if the database refuses a value, such as a
	// fraction in an integer column.
	ErrUnexpected = NewAPIError(http.StatusInternalServerError, "An unexpected error occurred.")
)

// ErrorBody is the usual body of an error response.
type ErrorBody struct {
	Path       string  `json:"path"`
	Timestamp  Instant `json:"timestamp"`
	StatusCode int     `json:"statusCode"`
	Error      string  `json:"error"`
	Message    string  `json:"message"`
}

// MalformedBody is the body of the response to a request that is not JSON.
type MalformedBody struct {
	Message    string `json:"message"`
	Error      string `json:"error"`
	StatusCode int    `json:"statusCode"`
}
