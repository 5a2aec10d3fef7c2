package plan

import "fleet/spec"

// NewCollectStep is the step that deletes, stops or archives an object that nobody
// uses. It is stale as soon as the object was used or changed. What is there
// already is left as it is.
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

// NewNoOpStep is the step that leaves an object as it is. why is empty where there is
// nothing to tell of that.
func NewNoOpStep(address spec.Address, have *Object, why string) *Step {
	return &Step{Address: address, Action: NoOp, Name: have.Name, ID: have.ID, Have: have, RetainedReason: why, Timeout: spec.DefaultTimeout}
}
