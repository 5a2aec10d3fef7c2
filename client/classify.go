package client

import (
	"net/http"
	"regexp"

	"fleet/internal/foreign"
)

// Class says what an error means to the one who has to decide what is next.
type Class string

// The classes of errors. Of a request of class Server, Unreachable, NotJSON or
// NotDaytona it is unknown whether it was carried out.
const (
	BadRequest    Class = "bad request"     // the request has to change
	Busy          Class = "busy"            // another operation was faster: look again, then retry
	FailedToStart Class = "failed to start" // the sandbox exists and is in error
	Forbidden     Class = "forbidden"       // the credentials lack a permission
	IllegalState  Class = "illegal state"   // not possible in this state, or nothing to change: look again
	InTransition  Class = "in transition"   // possible when the change under way is over
	InUse         Class = "in use"          // a volume some sandbox mounts
	Maintenance   Class = "maintenance"     // the server is closed for now
	NameTaken     Class = "name taken"      // something of this name exists
	NoCapacity    Class = "no capacity"     // no runner free; retry later
	NotDaytona    Class = "not daytona"     // something else answered
	NotFound      Class = "not found"       // it, or something the request names, does not exist here
	NotJSON       Class = "not json"        // the answer cannot be read
	NotSupported  Class = "not supported"   // by this server, or by this class of sandbox
	Quota         Class = "quota"           // the organisation's limits allow no more
	RateLimited   Class = "rate limited"    // and still so after waiting
	Server        Class = "server"          // it failed, perhaps over a mistake in the request
	Suspended     Class = "suspended"       // the organisation is
	TooBig        Class = "too big"         // more than one sandbox may have, whatever else there is
	TimedOut      Class = "timed out"       // a command took longer than it may, and was ended
	Unauthorized  Class = "unauthorized"    // the credentials are refused
	Unreachable   Class = "unreachable"     // no answer
)

// rules tell apart what shares a status. The API sends no codes, so its texts
// decide; the first match counts.
var rules = []struct {
	status int
	text   *regexp.Regexp
	class  Class
}{
	{400, text(`^sandbox failed to start`), FailedToStart},
	{400, text(`already exists`), NameTaken},
	{400, text(`exceeds maximum allowed per`), TooBig},
	{400, text(`quota exceeded|limit exceeded|exceeds maximum allowed`), Quota},
	{400, text(`^no available runners`), NoCapacity},
	{400, text(`organization is suspended`), Suspended},
	{400, text(`^snapshot \S+ is (pending|building|pulling|snapshotting|removing)$`), InTransition},
	{400, text(`^snapshot \S+ is (error|build_failed|inactive)$`), IllegalState},
	{400, text(`^snapshot .*(already|not) (in)?active`), IllegalState},
	{400, text(`deactivation is still in progress`), InTransition},
	{400, text(`current state: (pending_create|creating)`), InTransition},
	{400, text(`^volume must be in .* state`), InTransition},
	{400, text(`not in an? .* state|in an errored state|must be in .* state`), IllegalState},
	{400, text(`is not (stopped|started)|on a stopped sandbox`), IllegalState},
	{400, text(`^no resource changes specified`), IllegalState},
	{400, text(`is the sandbox started\?`), IllegalState},

	{403, text(`organization is suspended`), Suspended},
	{403, text(`exceeds maximum allowed per`), TooBig}, // older servers

	{404, text(`^cannot [a-z]+ /`), NotSupported},
	{404, text(`sandbox container not found`), IllegalState},

	{408, text(`^command execution timeout`), TimedOut},

	{409, text(`already exists`), NameTaken},
	{409, text(`state change in progress`), InTransition},
	{409, text(`in use by`), InUse},
	{409, nil, Busy},

	{503, text(`maintenance`), Maintenance},
}

func text(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + pattern) }

// collision is the reason of an object that failed because another operation was
// faster.
var collision = text(`^an operation is already in progress`)

// Collided reports whether an object failed for a reason that passes: another
// operation was under way, and the same creation may succeed.
func Collided(errorReason foreign.Text) bool { return collision.MatchString(string(errorReason)) }

// accessDenied is the whole text of a refusal for want of a permission; "" is
// that of a proxy in front.
var accessDenied = text(`^(access denied|forbidden|)$`)

// statuses are the classes of what no rule tells apart.
var statuses = map[int]Class{
	http.StatusUnauthorized:        Unauthorized,
	http.StatusForbidden:           Forbidden,
	http.StatusNotFound:            NotFound,
	http.StatusGone:                NotFound,
	http.StatusMethodNotAllowed:    NotSupported,
	http.StatusRequestTimeout:      Server,
	http.StatusUnprocessableEntity: NotSupported,
	http.StatusTooManyRequests:     RateLimited,
	http.StatusNotImplemented:      NotSupported,
}

// classify tells what a refusal means. message is the API's own text; "" when
// the answer held none.
func classify(status int, message string) Class {
	for _, r := range rules {
		if r.status == status && (r.text == nil || r.text.MatchString(message)) {
			return r.class
		}
	}
	if class, ok := statuses[status]; ok {
		return class
	}
	switch {
	case status >= 500:
		return Server
	case status >= 400:
		return BadRequest
	default:
		return NotDaytona // a redirect
	}
}
