package plan

import (
	"fleet/internal/foreign"
	"fleet/internal/state"
	"fleet/spec"
)

// newStep returns the step of a declared snapshot or volume. finished is false if have
// exists, is not failed and has still to be compared with r.
func (c *planner) newStep(r *spec.Resource, have *Object) (s *Step, finished bool) {
	s = &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have, Timeout: r.Timeout(false)}
	create := Op{Verb: DoCreate}
	switch {
	case have == nil:
		s.Action, s.Ops = Create, []Op{create}
	case have.Deleting():
		s.Action, s.Have, s.Reason = Create, nil, "the old one is being deleted"
		s.Ops = []Op{create} // apply retries while the old one still has the name
	case c.isForced(s):
		s.ID, s.Forced = have.ID, true
		s.Changes = toChanges(r.Diff(have.Object, c.world.Facts))
		s.replace(r, forcedReason)
		c.checkExternalUsers(s, r)
	case have.Failed:
		s.ID = have.ID
		s.replace(r, stateReason(r, have))
		c.checkExternalUsers(s, r)
	default:
		s.ID = have.ID
		return s, false
	}
	return s, true
}

// reasonSuffix returns the reason after a colon, or "" for none.
func reasonSuffix(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// stateReason returns a clause with the state of an object and the server's reason.
// Secrets are redacted before the reason is escaped, since escaping could hide them
// from the redaction.
func stateReason(r *spec.Resource, have *Object) string {
	reason := foreign.Text(r.Redact(string(have.ErrorReason)))
	return "it is in state " + have.State + reasonSuffix(reason.String())
}

// replace makes the step a replacement. It is blocked if the spec protects r.
func (s *Step) replace(r *spec.Resource, reason string) {
	s.Action, s.Reason, s.DataLoss = Replace, reason, dataLoss[r.Kind]
	s.Ops = withSettle(s.Have, Op{Verb: DoDelete}, Op{Verb: DoCreate})
	if r.Protected() {
		s.Blocked = protectedInSpecBlock(r)
	}
}

// planNamed returns the step of a declared object that cannot be changed in place, such
// as a volume.
func (c *planner) planNamed(r *spec.Resource, have *Object) *Step {
	s, finished := c.newStep(r, have)
	if finished {
		return s
	}
	switch diffs := r.Diff(have.Object, c.world.Facts); {
	case len(diffs) > 0:
		s.replace(r, "")
		s.Changes = toChanges(diffs)
		c.checkExternalUsers(s, r)
	case !have.Settled():
		s.setWait()
	}
	return s
}

// planSnapshot returns the step of a declared snapshot. In place, a snapshot can only be
// activated and deactivated.
func (c *planner) planSnapshot(r *spec.Resource, have *Object) *Step {
	switch {
	case r.Versioned() && r.Version() == "": // it depends on values that are not set
		return &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Timeout: r.Timeout(false)}
	case r.PinnedVersion() != "":
		return c.planPinned(r, have)
	}
	s, finished := c.newStep(r, have)
	defer func() { c.checkCreation(s, r) }()
	active, managed := r.Active()
	if finished {
		if managed && !active {
			s.Ops = append(s.Ops, Op{Verb: DoDeactivate})
		}
		return s
	}
	if diffs := r.Diff(have.Object, c.world.Facts); len(diffs) > 0 {
		s.replace(r, "")
		s.Changes = toChanges(diffs)
		c.checkSnapshotOwner(s, r)
		if managed && !active {
			s.Ops = append(s.Ops, Op{Verb: DoDeactivate})
		}
		c.tryBuildFirst(s)
		return s
	}
	c.planActive(s, r)
	return s
}

// planActive plans the activation or deactivation of an existing snapshot, or the wait
// for the end of a change that is under way.
func (c *planner) planActive(s *Step, r *spec.Resource) {
	active, managed := r.Active()
	switch have := s.Have; {
	case managed && active && have.TargetState == state.Inactive:
		s.activate("the spec wants it active")
	case managed && !active && have.TargetState == state.Active:
		s.Action, s.Reason = Deactivate, "the spec wants it inactive"
		s.Ops = withSettle(have, Op{Verb: DoDeactivate})
	case !have.Settled():
		s.setWait()
	}
}

// activate makes the step the activation of a snapshot.
func (s *Step) activate(reason string) {
	s.Action, s.Reason = Activate, reason
	s.Ops = []Op{{Verb: DoActivate}}
}

// activateUsedSnapshots activates inactive snapshots from which the plan creates a
// sandbox.
func (c *planner) activateUsedSnapshots() {
	for _, user := range c.plan.Steps {
		if user.Address.Kind != spec.SandboxKind || !user.Action.Creates() {
			continue
		}
		for _, need := range user.Want.DependsOn {
			s := c.steps[need]
			if s == nil || need.Kind != spec.SnapshotKind {
				continue
			}
			if active, managed := s.Want.Active(); managed && !active && user.Blocked == nil {
				user.Blocked = &Block{Illegal, need.String() + " is kept inactive, and sandboxes cannot be made from it", "take active: false out of " + specPath(s.Want)}
			}
			if user.Blocked != nil || s.Have == nil || s.Have.TargetState != state.Inactive || s.Action != NoOp {
				continue
			}
			s.activate("inactive, and " + user.Address.String() + " is made from it")
		}
	}
}
