package plan

import "fleet/spec"

// Collect is the step that deletes, stops or archives an object that nobody
// uses. It is stale as soon as the object was used or changed. What is there
// already is left as it is.
func Collect(address spec.Address, have *Object, what Action, reason string) *Step {
	if what == Delete {
		s := deletion(address, have, reason)
		s.Untouched = true
		return s
	}
	s := Keep(address, have, "")
	goal := map[Action]string{Stop: spec.Stopped, Archive: spec.Archived}[what]
	if have.Failed || have.Next == goal || have.Next == spec.Archived || have.Leaving() {
		return s
	}
	s.Action, s.Reason, s.Untouched = what, reason, true
	if have.Ephemeral() {
		s.Blocked = &Block{Illegal, "it is ephemeral: a stop would delete it", "let a rule delete it instead"}
		return s
	}
	ops := append([]Op{{Verb: DoConfirm}}, lifecycle(have.Next, goal)...)
	s.Ops = settleFirst(have, ops...)
	if what == Archive {
		s.Timeout = spec.ArchiveTimeout
	}
	if s.has(DoStop) {
		s.Loses = "its running processes"
	}
	return s
}

// Keep is the step that leaves an object as it is. why is empty where there is
// nothing to tell of that.
func Keep(address spec.Address, have *Object, why string) *Step {
	return &Step{Address: address, Action: NoOp, Name: have.Name, ID: have.ID, Have: have, Kept: why, Timeout: spec.DefaultTimeout}
}
