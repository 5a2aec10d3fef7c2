package session

import (
	"errors"
	"time"

	"fleet/client"
)

// An Error is why the server could not be read. Its text is escaped, and without sensitive
// values.
type Error struct {
	Text       string
	Refused    bool          // the credentials are refused or do not suffice: trying again soon does not help
	RetryAfter time.Duration // that the server asked for; 0 for none
}

func (e *Error) Error() string { return e.Text }

// newError returns the Error for an error of the client.
func (s *Session) newError(err error) *Error {
	e := &Error{Text: s.Redact(err.Error())}
	switch client.ErrorClassOf(err) {
	case client.Unauthorized, client.Forbidden, client.Suspended:
		e.Refused = true
	}
	if refused, ok := errors.AsType[*client.Error](err); ok {
		e.RetryAfter = refused.RetryAfter
	}
	return e
}
