package plan

import "fleet/spec"

// A step that waits is about an object that the spec wants as it will be, and
// that is not there yet: "as wanted" is said only of what has arrived.

// await makes a step that changes nothing wait until its object has arrived in
// the state that it is on its way to.
func (s *Step) await() {
	s.Action, s.Reason = Wait, "it is "+s.Have.State
	s.Ops = []Op{{Verb: DoAwait}}
}

// arriving reports whether the spec depends on where the sandbox is on its way
// to. Without a wanted run state, a sandbox may stop and be archived as it likes.
func arriving(r *spec.Resource, have *Object) bool {
	return !have.Settled() && (have.Next == spec.Started || r.State() != "")
}

// waits reports whether one of the operations waits for a change under way.
func (s *Step) waits() bool { return s.has(DoSettle) || s.has(DoAwait) }

// awaited returns the effort that brings an object to where it is on its way
// to, for the time that it may take.
func awaited(s *Step) spec.Effort {
	switch {
	case s.Have.Next == spec.Stopped || s.Have.Next == spec.Paused:
		return spec.ToStop
	case s.Have.Next == spec.Archived:
		return spec.ToArchive
	case s.Have.State == "starting" || s.Have.State == "restoring" || s.Have.State == "resuming":
		return spec.ToStart
	case s.Want != nil && s.Want.Builds():
		return spec.ToBuild
	}
	return spec.ToCreate
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

// Sends reports whether an operation with the verb sends a request that changes
// something on the server.
func (v Verb) Sends() bool {
	switch v {
	case DoSettle, DoAwait, DoConfirm, DoReady, DoHook:
		return false
	}
	return true
}
