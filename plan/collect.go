package plan

import "fleet/spec"

// NewCollectStep returns the step by which garbage collection deletes, stops or
// archives an unused object. what is Delete, Stop or Archive. The step is stale as
// soon as the object was used or changed. It is a no-op if the object is already
// in the state that what leads to.
func NewCollectStep(address spec.Address, have *Object, what Action, reason string) *Step {
	if what == Delete {
		s := newDeleteStep(address, have, reason)
		s.RequiresUnused = true
		return s
	}
	s := NewNoOpStep(address, have, "")
	goal := what.runState()
	if have.Failed || have.TargetState == goal || have.TargetState == spec.Archived || have.Deleting() {
		return s
	}
	s.Action, s.Reason, s.RequiresUnused = what, reason, true
	if have.Ephemeral() {
		s.Blocked = &Block{Illegal, "it is ephemeral: a stop would delete it", "use a rule that deletes it instead"}
		return s
	}
	ops := append([]Op{{Verb: DoConfirm}}, transitionOps(have.TargetState, goal)...)
	s.Ops = withSettle(have, ops...)
	if what == Archive {
		s.Timeout = spec.ArchiveTimeout
	}
	if s.hasVerb(DoStop) {
		s.DataLoss = "its running processes"
	}
	return s
}

// NewNoOpStep returns the step that leaves an object unchanged. why is the reason
// if the object does not match the spec, and empty if it does.
func NewNoOpStep(address spec.Address, have *Object, why string) *Step {
	return &Step{Address: address, Action: NoOp, Name: have.Name, ID: have.ID, Have: have, RetainedReason: why, Timeout: spec.DefaultTimeout}
}
