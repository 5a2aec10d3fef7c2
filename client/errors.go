package client

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error is a call that failed, in words for a user. It never holds credentials.
type Error struct {
	Method, Path string        // what was attempted; the path is below the base URL
	Status       int           // 0 when there was no answer
	Class        ErrorClass    // what it means
	Message      string        // what the server said, or what went wrong on the way
	Hint         string        // what to do next; "" where there is nothing to do
	Permission   string        // Forbidden: what the credentials probably lack; "" when it is something else
	RateClass    RateClass     // RateLimited: the counter that is full
	RetryAfter   time.Duration // RateLimited and others: the wait the server asked for; 0 when it did not
	RequestID    string        // of the server or a proxy, for its support; often ""

	cause error // nil when its text is not fit to be shown
}

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

// Unwrap gives the network's error, if there is one and it can be shown.
func (e *Error) Unwrap() error { return e.cause }

// ErrorClassOf gives the class of an API error somewhere in err, and "" for others:
// for nil, the context's errors, and requests that could not be made.
func ErrorClassOf(err error) ErrorClass {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ""
}

// IgnoreNotFound returns err, or nil if it says that the object does not exist.
func IgnoreNotFound(err error) error {
	if ErrorClassOf(err) == NotFound {
		return nil
	}
	return err
}
