package client

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error is a call that failed, in words for a user. It never holds credentials.
type Error struct {
	Method     string        // of the request
	Path       string        // of the request, below the base URL
	Status     int           // of the response; 0 if there was none
	Class      ErrorClass    // what a caller needs to decide what to do
	Message    string        // the server's message, or what went wrong on the way
	Hint       string        // what to do next; "" if the message is enough
	Permission string        // if Forbidden: what the credentials probably lack; "" if something else is forbidden
	RateClass  RateClass     // if RateLimited: the limit that is used up
	RetryAfter time.Duration // the wait that the server asked for; 0 if it asked for none
	RequestID  string        // of the server or a proxy, for its support; often ""

	cause error // nil if its text holds a secret
}

// Error returns the request, the message, the status, the hint and the request id.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s: %s", e.Method, e.Path, e.Message)
	if e.Status != 0 {
		fmt.Fprintf(&text, " (%d)", e.Status)
	}
	if e.Hint != "" {
		text.WriteString("; " + e.Hint)
	}
	if e.RequestID != "" {
		text.WriteString(" [request " + e.RequestID + "]")
	}
	return text.String()
}

// Unwrap returns the error of the network, if there is one and its text holds no
// secret.
func (e *Error) Unwrap() error { return e.cause }

// ErrorClassOf returns the class of the *Error in err. It returns "" if there is none:
// for nil, for errors of a context, and for requests that could not be made.
func ErrorClassOf(err error) ErrorClass {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ""
}

// IgnoreNotFound returns err, or nil if the object does not exist.
func IgnoreNotFound(err error) error {
	if ErrorClassOf(err) == NotFound {
		return nil
	}
	return err
}
