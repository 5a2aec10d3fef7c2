package plan

import (
	"fmt"
	"strings"
)

// String returns the step in one line for logs and tests, such as
// "+ sandbox.worker[3] create (missing)": its symbol, address and action, and in
// parentheses what blocks it, or else why it is in the plan. It shows no secrets.
func (s *Step) String() string {
	text := fmt.Sprintf("%c %s %s", s.Action, s.Address, s.Action)
	if note := s.note(); note != "" {
		text += " (" + note + ")"
	}
	return text
}

// note returns the most important fact about the step, or "" if there is none.
func (s *Step) note() string {
	switch {
	case s.Blocked != nil:
		return "blocked: " + s.Blocked.Reason
	case s.Reason != "":
		return s.Reason
	case s.RetainedReason != "":
		return s.RetainedReason
	case len(s.Changes) > 0:
		return strings.Join(changedAttributes(s.Changes), ", ")
	}
	return string(s.Drift)
}

// changedAttributes returns the attributes that the changes are about, in order.
func changedAttributes(changes []Change) []string {
	list := make([]string, len(changes))
	for i, c := range changes {
		list[i] = c.Attribute
	}
	return list
}
