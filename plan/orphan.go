package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// planOrphans plans the steps of the fleet's sandboxes that the spec does not declare.
// They are deleted, stopped, archived or released, as on_remove requires.
func (c *planner) planOrphans(reason string) {
	var keys []string
	for key := range c.owned {
		if c.steps[sandboxAddress(key)] == nil {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, spec.CompareKeys)
	for _, key := range keys {
		c.add(c.orphanStep(sandboxAddress(key), c.owned[key], reason))
	}
}

// orphanStep plans the step of a sandbox that is no longer declared.
func (c *planner) orphanStep(address spec.Address, have *Object, reason string) *Step {
	what := c.onRemove(address, have)
	switch {
	case c.fleet.IsReleased(address):
		return c.releaseStep(address, have, "removed with destroy: false")
	case what == spec.Release:
		return c.releaseStep(address, have, reason+"; on_remove: release")
	case what == spec.Stop:
		return c.stopOrArchiveStep(address, have, spec.Stopped, reason+"; on_remove: stop")
	case what == spec.Archive:
		return c.stopOrArchiveStep(address, have, spec.Archived, reason+"; on_remove: archive")
	}
	s := newDeleteStep(address, have, reason)
	s.Blocked = c.protectionBlock(address, have)
	if what != spec.Delete {
		s.Blocked = &Block{Illegal, fmt.Sprintf("its label %s is %q, which this version of fleet does not support", spec.RemoveLabel, what), "use a newer version of fleet, or set that label to delete, stop, archive or release"}
	}
	if now := c.fleet.CurrentAddress(address); now != address && !c.opts.Destroy {
		c.explainUndeclaredMove(s, now)
	}
	return s
}

// onRemove returns what to do with a sandbox that is no longer declared. The spec takes
// precedence over the label.
func (c *planner) onRemove(address spec.Address, have *Object) string {
	if want := c.resources[c.fleet.CurrentAddress(address)]; want != nil && want.OnRemove() != "" {
		return want.OnRemove()
	}
	return have.OnRemove()
}

// explainUndeclaredMove sets the reason of the deletion of a sandbox that moves to an
// address which the spec does not declare. It blocks the deletion if a group became
// one sandbox, or one sandbox a group.
func (c *planner) explainUndeclaredMove(s *Step, now spec.Address) {
	s.Reason = fmt.Sprintf("it moves to %s, which is not in the spec", now)
	for _, r := range c.fleet.OfKind(spec.SandboxKind) {
		if r.GroupAddress() != now.GroupAddress() || s.Blocked != nil || (r.Index() == "") == (now.Index() == "") {
			continue
		}
		s.Blocked = &Block{Illegal, fmt.Sprintf("it cannot move: %s is one sandbox, not several", now.GroupAddress()), fmt.Sprintf("state in moved which copy it was: {from: %s, to: %s}", s.Address, now.GroupAddress())}
		if now.Index() == "" {
			s.Blocked = &Block{Illegal, fmt.Sprintf("it cannot move: %s is several sandboxes now", now), fmt.Sprintf("state in moved which one: {from: %s, to: %s}", s.Address, r.Address)}
		}
	}
}

// releaseStep returns the step that removes the fleet's labels from a sandbox.
func (c *planner) releaseStep(address spec.Address, have *Object, reason string) *Step {
	s := &Step{
		Address: address, Action: Release, Name: have.Name, ID: have.ID, Have: have, Reason: reason,
		Ops: []Op{{Verb: DoRelease}}, Timeout: spec.DefaultTimeout,
	}
	if s.Blocked = c.protectionBlock(address, have); s.Blocked != nil {
		s.Blocked.Reason = "it is protected, and releasing it would remove the protection"
	}
	return s
}

// stopOrArchiveStep returns the step that stops or archives a sandbox which is no
// longer declared. The fleet continues to own it.
func (c *planner) stopOrArchiveStep(address spec.Address, have *Object, goal, reason string) *Step {
	s := NewNoOpStep(address, have, "")
	away := have.Failed || have.TargetState == goal || have.TargetState == spec.Archived
	switch {
	case away:
	case have.Ephemeral():
		s.Action = Stop
		s.Blocked = &Block{Illegal, "it is ephemeral: a stop would delete it", "release it: removed: [{from: " + address.String() + ", destroy: false}]"}
	default:
		s.Ops = withSettle(have, transitionOps(have.TargetState, goal)...)
	}
	if goal == spec.Archived {
		s.Timeout = spec.ArchiveTimeout
	}
	if s.Changes = append(c.moveChanges(have, address.Key), c.environmentChange(have)...); len(s.Changes) > 0 {
		s.Ops = append(s.Ops, Op{Verb: DoLabel})
	}
	if s.Blocked == nil {
		s.Action = actionOf(s, &Object{})
	}
	if s.Action == NoOp {
		s.RetainedReason = reason
	} else {
		s.Reason = reason
	}
	if s.hasVerb(DoStop) && s.Blocked == nil {
		s.DataLoss = "its running processes"
	}
	return s
}

// protectionBlock returns the block of the deletion of a sandbox that the spec
// protects, or that has the label of a protected one and is no longer declared, or
// nil.
func (c *planner) protectionBlock(address spec.Address, have *Object) *Block {
	want := c.resources[c.fleet.CurrentAddress(address)]
	switch kept := have.Labels[spec.ProtectLabel] == "true"; {
	case want == nil && kept:
		return protectedBlock(fmt.Sprintf("declare %s again with protect: false and apply, then remove it", address.GroupAddress()))
	case want == nil || want.Unprotected():
		return nil
	case kept || want.Protected():
		return protectedInSpecBlock(want)
	}
	return nil
}

// newDeleteStep returns the step that deletes an object.
func newDeleteStep(address spec.Address, have *Object, reason string) *Step {
	return &Step{
		Address: address, Action: Delete, Name: have.Name, ID: have.ID, Have: have, Reason: reason, DataLoss: dataLoss[address.Kind],
		Ops: withSettle(have, Op{Verb: DoDelete}), Timeout: spec.DefaultTimeout,
	}
}

// retainedUser returns a sandbox that uses a volume according to the spec and is not
// deleted with the fleet, or nil.
func (c *planner) retainedUser(volume spec.Address) *spec.Resource {
	for _, r := range c.fleet.OfKind(spec.SandboxKind) {
		if s := c.steps[r.Address]; s != nil && s.Action != Delete && slices.Contains(r.DependsOn, volume) {
			return r
		}
	}
	return nil
}
