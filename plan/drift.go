package plan

import (
	"cmp"

	"fleet/spec"
)

// Drift is the kind of difference between an object and the spec that a step
// removes. The empty Drift is no difference.
type Drift string

// The kinds of drift.
const (
	Expected     Drift = "expected"    // caused by the platform: stopped or archived when idle, expired, inactive when unused; files that wait for a start
	Missing      Drift = "missing"     // declared and does not exist
	InPlace      Drift = "in place"    // can be corrected in place
	Replacement  Drift = "replacement" // can be corrected only by a replacement
	Surplus      Drift = "surplus"     // owned and not declared
	UnderWay     Drift = "under way"   // a change is under way that ends as the spec wants it
	ForeignOwner Drift = "foreign"     // an object that the fleet does not own has the name

	NotCompared Drift = "not compared" // some attributes could not be compared; the others match the spec
)

// driftOf classifies a step. A no-op has no drift, unless its object is missing or
// failed and the spec retains it, or its files wait until it is started.
func driftOf(s *Step) Drift {
	switch {
	case s.Action == NoOp && s.Have == nil && len(s.Uncompared) == 0:
		return Expected
	case s.Action == NoOp && s.Want != nil && s.Have != nil && s.Have.Failed && s.Have.Recoverable:
		return InPlace
	case s.Action == NoOp && s.Want != nil && s.Have != nil && s.Have.Failed:
		return Replacement
	case s.Action == NoOp && len(s.Uncompared) > 0:
		return NotCompared
	case s.Action == NoOp && s.postponesUpload():
		return Expected
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

// causeOf returns the cause of a step's drift, or "" if none has to be known.
func causeOf(s *Step) spec.Cause {
	switch {
	case !s.Drift.IsActionable():
		return ""
	case s.Want == nil: // it has the fleet's labels or name: a spec once declared it
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

// IsActionable reports whether a person has to act on the difference or know of it.
// Expected differences, changes under way and attributes that were not compared
// are not actionable.
func (d Drift) IsActionable() bool {
	return d != "" && d != Expected && d != UnderWay && d != NotCompared
}
