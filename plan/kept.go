package plan

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// ignoreMissing leaves a sandbox away that is not there, where the spec says
// so and no flag says otherwise.
func (c *computer) ignoreMissing(s *Step, r *spec.Resource) {
	if s.Action != Create || s.Have != nil || c.opts.CreateMissing || r.OnMissing() != spec.Ignore {
		return
	}
	s.Action, s.Ops, s.Reason, s.Blocked = NoOp, nil, "", nil
	s.Kept = "it is not there (on_missing: ignore); --create-missing creates it"
}

// failed decides about a sandbox in an error state.
func (c *computer) failed(s *Step, r *spec.Resource) {
	have := s.Have
	s.ID = have.ID
	state := "it is in state " + have.State + because(r.Redact(have.ErrorReason))
	switch on := r.OnError(); {
	case on == spec.ReportOnly:
		s.Kept = state + " (on_error: report)"
	case on == spec.Recover && !have.Recoverable:
		s.Action, s.Reason = Recover, state
		s.Blocked = &Block{Illegal, "the server cannot recover it, and on_error: recover does not replace it", "save what is in it, then delete it or write on_error: replace"}
	case on == spec.Replace:
		c.replaceSandbox(s, r, state)
	case !have.Recoverable:
		c.replaceSandbox(s, r, state)
	default:
		c.change(s, r, r.Diff(have.Object, c.world.Facts))
	}
}

// ignored tells of the differences that the spec ignores; "" when there are
// none.
func ignored(diffs []spec.Diff) string {
	var parts []string
	for i, ch := range changes(diffs) {
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
