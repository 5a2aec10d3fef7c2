package plan

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// ignoreMissing makes the step of a missing sandbox a no-op if the spec sets
// on_missing: ignore and [Options.CreateMissing] does not override it.
func (c *planner) ignoreMissing(s *Step, r *spec.Resource) {
	if s.Action != Create || s.Have != nil || c.opts.CreateMissing || r.OnMissing() != spec.Ignore {
		return
	}
	s.Action, s.Ops, s.Reason, s.Blocked = NoOp, nil, "", nil
	s.RetainedReason = "it does not exist (on_missing: ignore); --create-missing creates it"
}

// retainFailed plans the step of a sandbox in an error state that is not to be repaired,
// or cannot be. It reports whether it did.
func (c *planner) retainFailed(s *Step, r *spec.Resource, have *Object) bool {
	if have == nil || !have.Failed {
		return false
	}
	state := stateReason(r, have)
	switch on := r.OnError(); {
	case on == spec.ReportOnly:
		s.ID, s.RetainedReason = have.ID, state+" (on_error: report)"
	case on == spec.Recover && !have.Recoverable:
		s.Action, s.ID, s.Reason = Recover, have.ID, state
		s.Blocked = &Block{Illegal, "the server cannot recover it, and on_error: recover does not replace it", fmt.Sprintf("save its data, then delete it or write on_error: replace in %s", specPath(r))}
	default:
		return false
	}
	return true
}

// formatIgnored returns a text about the differences that the spec ignores, or "" if
// there are none.
func formatIgnored(diffs []spec.Diff) string {
	var parts []string
	for i, ch := range toChanges(diffs) {
		part := fmt.Sprintf("%s is %s, not %s", ch.Attribute, ch.Have, ch.Want)
		switch {
		case diffs[i].Unknown:
			part = ch.Attribute + " is another one"
		case strings.Contains(ch.Have+ch.Want, "\n"):
			part = ch.Attribute + " differs"
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return "ignored: " + strings.Join(parts, "; ")
}
