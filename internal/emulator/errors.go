package emulator

import (
	"fmt"
	"net/http"
)

// apiError is an answer that is not a success. The API tells errors apart by
// nothing but the status and this text.
type apiError struct {
	status  int
	message string
	// after is the time to wait in seconds, of an answer with status 429.
	after int
	// class is the rate limit that was exceeded, of an answer with status 429.
	class string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func newAPIError(status int, format string, args ...any) *apiError {
	return &apiError{status: status, message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *apiError {
	return newAPIError(http.StatusBadRequest, format, args...)
}

func notFound(format string, args ...any) *apiError {
	return newAPIError(http.StatusNotFound, format, args...)
}

func conflict(format string, args ...any) *apiError {
	return newAPIError(http.StatusConflict, format, args...)
}

var (
	errCredentials = newAPIError(http.StatusUnauthorized, "Invalid credentials")
	errDenied      = newAPIError(http.StatusForbidden, "Access denied")
	// errOtherOrganization is for the routes of an organisation that is not the key's.
	errOtherOrganization = newAPIError(http.StatusForbidden, "Invalid authentication context")

	errInProgress  = conflict("Sandbox state change in progress")
	errJobRunning  = conflict("An operation is already in progress for this resource")
	errErrored     = badRequest("Sandbox is in an errored state")
	errNoRunners   = badRequest("No available runners")
	errRegion      = notFound("Region not found")
	errMaintenance = newAPIError(http.StatusServiceUnavailable, "Service is currently under maintenance. Please try again later.")
	// errUnexpected is what the database's refusals become, such as a fraction in
	// an integer column.
	errUnexpected = newAPIError(http.StatusInternalServerError, "An unexpected error occurred.")
)

// errorBody is the usual body of an error.
type errorBody struct {
	Path       string  `json:"path"`
	Timestamp  instant `json:"timestamp"`
	StatusCode int     `json:"statusCode"`
	Error      string  `json:"error"`
	Message    string  `json:"message"`
}

// malformedBody is that of a request body which is not JSON.
type malformedBody struct {
	Message    string `json:"message"`
	Error      string `json:"error"`
	StatusCode int    `json:"statusCode"`
}
