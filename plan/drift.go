package plan

import (
	"cmp"

	"fleet/spec"
)

// Drift says what kind of difference a step would put right.
type Drift string

// The kinds of drift.
const (
	Expected     Drift = "expected"    // the platform works so: stopped or archived when idle, expired, inactive when unused
	Missing      Drift = "missing"     // wanted and not there
	InPlace      Drift = "in place"    // can be put right in place
	Replacement  Drift = "replacement" // can be put right only by replacing
	Surplus      Drift = "surplus"     // owned and not wanted
	UnderWay     Drift = "under way"   // it is on its way to what the spec wants
	ForeignOwner Drift = "foreign"     // the name is somebody else's

	NotCompared Drift = "not compared" // what was compared is as wanted, and not all could be
)

// driftOf classifies a step. One that does nothing has none, unless the object is
// missing or failed and is left so.
func driftOf(s *Step) Drift {
	switch {
	case s.Action == NoOp && s.Have == nil:
		return Expected
	case s.Action == NoOp && s.Want != nil && s.Have.Failed && s.Have.Recoverable:
		return InPlace
	case s.Action == NoOp && s.Want != nil && s.Have.Failed:
		return Replacement
	case s.Action == NoOp && len(s.Uncompared) > 0:
		return NotCompared
	case s.Action == NoOp:
		return ""
	case s.Action == Wait && s.Blocked == nil:
		return UnderWay
	case s.Blocked != nil && (s.Blocked.Kind == Conflict || s.Blocked.Kind == Environment) || s.Action == Adopt:
		return ForeignOwner
	case s.Action == Create && s.Want.MayExpire(), s.Action == Activate, s.Action == Start && s.Have.AutoStops():
		return Expected
	case s.Action == Create:
		return Missing
	case s.Want == nil:
		return Surplus
	case s.Action == Replace:
		return Replacement
	}
	return InPlace
}

// causeOf says where the drift of a step comes from.
func causeOf(s *Step) spec.Cause {
	switch {
	case !s.Drift.IsActionable():
		return ""
	case s.Want == nil: // it carries the fleet's labels or name, so that a spec declared it
		return spec.SpecChanged
	case s.Drift == ForeignOwner:
		return spec.Differs
	}
	var cause spec.Cause
	for _, c := range s.Changes {
		cause = cause.Combine(c.Cause)
	}
	return cmp.Or(cause, spec.Differs)
}

// IsActionable reports whether the difference is one that somebody has to know of. An
// expected one, and one that goes by itself, is none. What was not compared is
// not known to be one.
func (d Drift) IsActionable() bool {
	return d != "" && d != Expected && d != UnderWay && d != NotCompared
}
