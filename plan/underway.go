package plan

import (
	"fleet/internal/state"
	"fleet/spec"
)

// setWait makes a step that changes nothing wait until its object reaches its target
// state. Only then does the object match the spec.
func (s *Step) setWait() {
	s.Action, s.Reason = Wait, "it is "+s.Have.State
	s.Ops = []Op{{Verb: DoAwait}}
}

// awaitsTransition reports whether the spec depends on the change that is under way.
// If it declares no run state, the platform may stop and archive the sandbox.
func awaitsTransition(r *spec.Resource, have *Object) bool {
	return !have.Settled() && (have.TargetState == spec.Started || r.State() != "")
}

// hasWait reports whether an operation of the step waits for a change under way.
func (s *Step) hasWait() bool { return s.hasVerb(DoSettle) || s.hasVerb(DoAwait) }

// awaitTimeoutClass returns the timeout class of the change under way that moves the
// step's object to its target state.
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

// OnlyWaits reports whether the plan changes nothing and waits for changes under
// way.
func (p *Plan) OnlyWaits() bool {
	for _, s := range p.Steps {
		if s.Action != NoOp && s.Action != Wait {
			return false
		}
	}
	return !p.Empty()
}
