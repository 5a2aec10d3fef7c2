package plan

import (
	"fleet/internal/state"
	"fleet/spec"
)

// A step that waits is about an object that the spec wants as it will be, and
// that is not there yet: "as wanted" is said only of what has arrived.

// setWait makes a step that changes nothing wait until its object has arrived in
// the state that it is on its way to.
func (s *Step) setWait() {
	s.Action, s.Reason = Wait, "it is "+s.Have.State
	s.Ops = []Op{{Verb: DoAwait}}
}

// awaitsTransition reports whether the spec depends on where the sandbox is on its way
// to. Without a wanted run state, a sandbox may stop and be archived as it likes.
func awaitsTransition(r *spec.Resource, have *Object) bool {
	return !have.Settled() && (have.TargetState == spec.Started || r.State() != "")
}

// hasWait reports whether one of the operations waits for a change under way.
func (s *Step) hasWait() bool { return s.hasVerb(DoSettle) || s.hasVerb(DoAwait) }

// awaitTimeoutClass returns the effort that brings an object to where it is on its way
// to, for the time that it may take.
func awaitTimeoutClass(s *Step) spec.TimeoutClass {
	switch {
	case s.Have.TargetState == spec.Stopped || s.Have.TargetState == spec.Paused:
		return spec.TimeoutStop
	case s.Have.TargetState == spec.Archived:
		return spec.TimeoutArchive
	case s.Have.State == state.Starting || s.Have.State == state.Restoring || s.Have.State == state.Resuming:
		return spec.TimeoutStart
	case s.Want != nil && s.Want.BuildsImage():
		return spec.TimeoutBuild
	}
	return spec.TimeoutCreate
}

// OnlyWaits reports whether the plan changes nothing and only waits for what is
// under way.
func (p *Plan) OnlyWaits() bool {
	for _, s := range p.Steps {
		if s.Action != NoOp && s.Action != Wait {
			return false
		}
	}
	return !p.Empty()
}
