package source

import (
	"fmt"

	"fleet/internal/foreign"
	"fleet/operator/api/v1alpha1"
	"fleet/spec"
)

// A Problem is something that a user has to change: the object, what it refers to, or the
// rules of the operator. Trying again does not help.
type Problem struct {
	Reason  string // of the conditions, such as v1alpha1.ReasonInvalidSpec
	Message string // what, where, why and what to do; escaped, without sensitive values
}

func (p *Problem) Error() string { return p.Message }

// An UnavailableError is that of a registry which did not give the digest of a tag that the
// spec needs. It may do so later.
type UnavailableError struct{ Text string }

func (e *UnavailableError) Error() string { return e.Text }

// problem returns a Problem with a formatted message.
func problem(reason, format string, args ...any) *Problem {
	return &Problem{reason, foreign.Escape(fmt.Sprintf(format, args...))}
}

// maxShown is the number of errors of a spec that a message lists.
const maxShown = 5

// specProblem returns the Problem of a spec that is not valid. Positions are shown without
// the directory that the files were written to.
func specProblem(err error, strip func(string) string) *Problem {
	list, ok := err.(spec.Diagnostics) //nolint:errorlint // Load returns the type itself
	if !ok {
		return problem(v1alpha1.ReasonInvalidSpec, "%s", strip(err.Error()))
	}
	text := ""
	list = list.Errors()
	for i, d := range list {
		if i == maxShown {
			text += fmt.Sprintf("; and %d more", len(list)-maxShown)
			break
		}
		if i > 0 {
			text += "; "
		}
		text += foreign.Escape(strip(d.Error()))
	}
	return &Problem{v1alpha1.ReasonInvalidSpec, text}
}
