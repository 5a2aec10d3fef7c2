// Package exit defines the exit codes of fleet, and the errors that carry one.
package exit

import (
	"errors"
	"fmt"

	"fleet/client"
	"fleet/internal/input"
	"fleet/spec"
)

// Exit codes. Scripts depend on them: they never change their meaning.
const (
	OK          = 0   // done, or nothing to do
	Failed      = 1   // an error
	Differences = 2   // drift, changes or findings, and nothing worse
	Invalid     = 3   // the spec, the flags or the configuration are wrong; nothing was sent
	Auth        = 4   // the credentials are refused or not sufficient
	Refused     = 5   // a guard refused the plan
	Stale       = 6   // a saved plan or an approval is out of date
	Partly      = 7   // some steps were done and some were not
	Signal      = 128 // plus the number of the signal
)

// An Error is an error with an exit code. If Err is nil, nothing is printed: the
// command has printed the reason already.
type Error struct {
	Code int
	Err  error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Silent returns an error that sets the exit code and prints nothing.
func Silent(code int) error { return &Error{Code: code} }

// Invalidf returns an error about the spec, the flags or the configuration.
func Invalidf(format string, args ...any) error {
	return &Error{Invalid, fmt.Errorf(format, args...)}
}

// Refusedf returns the error of a guard.
func Refusedf(format string, args ...any) error {
	return &Error{Refused, fmt.Errorf(format, args...)}
}

// Stalef returns the error of a saved plan or an approval that is out of date.
func Stalef(format string, args ...any) error {
	return &Error{Stale, fmt.Errorf(format, args...)}
}

// Code returns the exit code of an error: its own if it has one, else the one
// that its type or its class in the client stands for.
func Code(err error) int {
	var own *Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &own):
		return own.Code
	case isInvalid(err):
		return Invalid
	}
	switch client.ErrorClassOf(err) {
	case client.Unauthorized, client.Forbidden, client.Suspended:
		return Auth
	}
	return Failed
}

// isInvalid reports whether an error is about the spec, the configuration or a
// file that the user named.
func isInvalid(err error) bool {
	var list spec.Diagnostics
	var one *spec.Diagnostic
	var config *client.ConfigError
	var large *input.TooLargeError
	var irregular *input.NotRegularError
	return errors.As(err, &list) || errors.As(err, &one) || errors.As(err, &config) || errors.As(err, &large) || errors.As(err, &irregular)
}
