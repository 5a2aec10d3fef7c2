package client

import (
	"net/http"
	"regexp"

	"fleet/internal/foreign"
)

// ErrorClass is the meaning of an error for a caller that decides what to do next.
type ErrorClass string

// The classes of errors. If the class is ServerError, Unreachable, NotJSON or
// NotDaytona, it is unknown whether the server carried out the request.
const (
	BadRequest    ErrorClass = "bad request"     // the request is invalid
	Busy          ErrorClass = "busy"            // another operation was faster: read the object, then retry
	FailedToStart ErrorClass = "failed to start" // the sandbox exists, and its state is error
	Forbidden     ErrorClass = "forbidden"       // the credentials lack a permission
	IllegalState  ErrorClass = "illegal state"   // not possible in this state, or there is nothing to change: read the object
	InTransition  ErrorClass = "in transition"   // possible once the change under way is over
	InUse         ErrorClass = "in use"          // a sandbox mounts the volume
	Maintenance   ErrorClass = "maintenance"     // the server is down for maintenance
	NameTaken     ErrorClass = "name taken"      // an object with this name exists
	NoCapacity    ErrorClass = "no capacity"     // no runner is free: retry later
	NotDaytona    ErrorClass = "not daytona"     // the response is not from the Daytona API
	NotFound      ErrorClass = "not found"       // the object, or one that the request names, does not exist
	NotJSON       ErrorClass = "not json"        // the response cannot be decoded
	NotSupported  ErrorClass = "not supported"   // not by this server, or not by this class of sandbox
	QuotaExceeded ErrorClass = "quota"           // the organisation's limits allow no more
	RateLimited   ErrorClass = "rate limited"    // still so after waiting
	ServerError   ErrorClass = "server"          // the server failed, perhaps because of the request
	Suspended     ErrorClass = "suspended"       // the organisation is suspended
	TooBig        ErrorClass = "too big"         // more than a single sandbox may have, regardless of quota
	TimedOut      ErrorClass = "timed out"       // a command exceeded its timeout and was killed
	Unauthorized  ErrorClass = "unauthorized"    // the credentials are not accepted
	Unreachable   ErrorClass = "unreachable"     // there was no response
)

// classRules distinguish errors that share a status. The API sends no error codes, so
// its messages decide; the first match counts.
var classRules = []struct {
	status int
	text   *regexp.Regexp
	class  ErrorClass
}{
	{400, caseInsensitive(`^sandbox failed to start`), FailedToStart},
	{400, caseInsensitive(`already exists`), NameTaken},
	{400, caseInsensitive(`exceeds maximum allowed per`), TooBig},
	{400, caseInsensitive(`quota exceeded|limit exceeded|exceeds maximum allowed`), QuotaExceeded},
	{400, caseInsensitive(`^no available runners`), NoCapacity},
	{400, caseInsensitive(`organization is suspended`), Suspended},
	{400, caseInsensitive(`^snapshot \S+ is (pending|building|pulling|snapshotting|removing)$`), InTransition},
	{400, caseInsensitive(`^snapshot \S+ is (error|build_failed|inactive)$`), IllegalState},
	{400, caseInsensitive(`^snapshot .*(already|not) (in)?active`), IllegalState},
	{400, caseInsensitive(`deactivation is still in progress`), InTransition},
	{400, caseInsensitive(`current state: (pending_create|creating)`), InTransition},
	{400, caseInsensitive(`^volume must be in .* state`), InTransition},
	{400, caseInsensitive(`not in an? .* state|in an errored state|must be in .* state`), IllegalState},
	{400, caseInsensitive(`is not (stopped|started)|on a stopped sandbox`), IllegalState},
	{400, caseInsensitive(`^no resource changes specified`), IllegalState},
	{400, caseInsensitive(`is the sandbox started\?`), IllegalState},

	{403, caseInsensitive(`organization is suspended`), Suspended},
	{403, caseInsensitive(`exceeds maximum allowed per`), TooBig}, // older servers

	{404, caseInsensitive(`^cannot [a-z]+ /`), NotSupported},
	{404, caseInsensitive(`sandbox container not found`), IllegalState},

	{408, caseInsensitive(`^command execution timeout`), TimedOut},

	{409, caseInsensitive(`already exists`), NameTaken},
	{409, caseInsensitive(`state change in progress`), InTransition},
	{409, caseInsensitive(`in use by`), InUse},
	{409, nil, Busy},

	{503, caseInsensitive(`maintenance`), Maintenance},
}

func caseInsensitive(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + pattern) }

// operationInProgress matches the reason of an object that failed because another
// operation was faster.
var operationInProgress = caseInsensitive(`^an operation is already in progress`)

// IsTransientFailure reports whether an object failed because another operation was
// under way, so that creating it again may succeed.
func IsTransientFailure(errorReason foreign.Text) bool {
	return operationInProgress.MatchString(string(errorReason))
}

// accessDenied matches the whole message of an error about a missing permission. A
// proxy in front of the server sends none.
var accessDenied = caseInsensitive(`^(access denied|forbidden|)$`)

// classByStatus holds the classes of errors that no rule matches.
var classByStatus = map[int]ErrorClass{
	http.StatusUnauthorized:        Unauthorized,
	http.StatusForbidden:           Forbidden,
	http.StatusNotFound:            NotFound,
	http.StatusGone:                NotFound,
	http.StatusMethodNotAllowed:    NotSupported,
	http.StatusRequestTimeout:      ServerError,
	http.StatusUnprocessableEntity: NotSupported,
	http.StatusTooManyRequests:     RateLimited,
	http.StatusNotImplemented:      NotSupported,
}

// classify returns the class of an error response. message is the server's; "" if the
// response has none.
func classify(status int, message string) ErrorClass {
	for _, r := range classRules {
		if r.status == status && (r.text == nil || r.text.MatchString(message)) {
			return r.class
		}
	}
	if class, ok := classByStatus[status]; ok {
		return class
	}
	switch {
	case status >= 500:
		return ServerError
	case status >= 400:
		return BadRequest
	default:
		return NotDaytona // a redirect
	}
}
