package client

import (
	"net/http"
	"regexp"

	"fleet/internal/foreign"
)

// ErrorClass says what an error means to the one who has to decide what is next.
type ErrorClass string

// The classes of errors. Of a request of class ServerError, Unreachable, NotJSON or
// NotDaytona it is unknown whether it was carried out.
const (
	BadRequest    ErrorClass = "bad request"     // the request has to change
	Busy          ErrorClass = "busy"            // another operation was faster: look again, then retry
	FailedToStart ErrorClass = "failed to start" // the sandbox exists and is in error
	Forbidden     ErrorClass = "forbidden"       // the credentials lack a permission
	IllegalState  ErrorClass = "illegal state"   // not possible in this state, or nothing to change: look again
	InTransition  ErrorClass = "in transition"   // possible when the change under way is over
	InUse         ErrorClass = "in use"          // a volume some sandbox mounts
	Maintenance   ErrorClass = "maintenance"     // the server is closed for now
	NameTaken     ErrorClass = "name taken"      // something of this name exists
	NoCapacity    ErrorClass = "no capacity"     // no runner free; retry later
	NotDaytona    ErrorClass = "not daytona"     // something else answered
	NotFound      ErrorClass = "not found"       // it, or something the request names, does not exist here
	NotJSON       ErrorClass = "not json"        // the answer cannot be read
	NotSupported  ErrorClass = "not supported"   // by this server, or by this class of sandbox
	QuotaExceeded ErrorClass = "quota"           // the organisation's limits allow no more
	RateLimited   ErrorClass = "rate limited"    // and still so after waiting
	ServerError   ErrorClass = "server"          // it failed, perhaps over a mistake in the request
	Suspended     ErrorClass = "suspended"       // the organisation is
	TooBig        ErrorClass = "too big"         // more than one sandbox may have, whatever else there is
	TimedOut      ErrorClass = "timed out"       // a command took longer than it may, and was ended
	Unauthorized  ErrorClass = "unauthorized"    // the credentials are refused
	Unreachable   ErrorClass = "unreachable"     // no answer
)

// classRules tell apart what shares a status. The API sends no codes, so its texts
// decide; the first match counts.
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

// operationInProgress is the reason of an object that failed because another operation was
// faster.
var operationInProgress = caseInsensitive(`^an operation is already in progress`)

// IsTransientFailure reports whether an object failed for a reason that passes: another
// operation was under way, and the same creation may succeed.
func IsTransientFailure(errorReason foreign.Text) bool {
	return operationInProgress.MatchString(string(errorReason))
}

// accessDenied is the whole text of a refusal for want of a permission; "" is
// that of a proxy in front.
var accessDenied = caseInsensitive(`^(access denied|forbidden|)$`)

// classByStatus are the classes of what no rule tells apart.
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

// classify tells what a refusal means. message is the API's own text; "" when
// the answer held none.
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
