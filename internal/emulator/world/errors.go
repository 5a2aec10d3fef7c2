package world

import (
	"fmt"
	"net/http"
)

// apiError is an answer that is not a success. The API tells errors apart by
// nothing but the status and this text.
type APIError struct {
	Status  int
	Message string
	// after is the time to wait in seconds, of an answer with status 429.
	After int
	// class is the rate limit that was exceeded, of an answer with status 429.
	Class string
}

func (e *APIError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Message) }

func NewAPIError(status int, format string, args ...any) *APIError {
	return &APIError{Status: status, Message: fmt.Sprintf(format, args...)}
}

func BadRequest(format string, args ...any) *APIError {
	return NewAPIError(http.StatusBadRequest, format, args...)
}

func NotFound(format string, args ...any) *APIError {
	return NewAPIError(http.StatusNotFound, format, args...)
}

func Conflict(format string, args ...any) *APIError {
	return NewAPIError(http.StatusConflict, format, args...)
}

var (
	ErrCredentials = NewAPIError(http.StatusUnauthorized, "Invalid credentials")
	ErrDenied      = NewAPIError(http.StatusForbidden, "Access denied")
	// errOtherOrganization is for the routes of an organisation that is not the key's.
	ErrOtherOrganization = NewAPIError(http.StatusForbidden, "Invalid authentication context")

	ErrInProgress  = Conflict("Sandbox state change in progress")
	ErrJobRunning  = Conflict("An operation is already in progress for this resource")
	ErrErrored     = BadRequest("Sandbox is in an errored state")
	ErrNoRunners   = BadRequest("No available runners")
	ErrRegion      = NotFound("Region not found")
	ErrMaintenance = NewAPIError(http.StatusServiceUnavailable, "Service is currently under maintenance. Please try again later.")
	// errUnexpected is what the database's refusals become, such as a fraction in
	// an integer column.
	ErrUnexpected = NewAPIError(http.StatusInternalServerError, "An unexpected error occurred.")
)

// errorBody is the usual body of an error.
type ErrorBody struct {
	Path       string  `json:"path"`
	Timestamp  Instant `json:"timestamp"`
	StatusCode int     `json:"statusCode"`
	Error      string  `json:"error"`
	Message    string  `json:"message"`
}

// malformedBody is that of a request body which is not JSON.
type MalformedBody struct {
	Message    string `json:"message"`
	Error      string `json:"error"`
	StatusCode int    `json:"statusCode"`
}
