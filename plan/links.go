package plan

import (
	"fmt"

	"fleet/spec"
)

// checkOwner blocks a sandbox that is linked to one which is missing, failed, archived
// or paused: the server requires that one to be started or stopped.
func (c *planner) checkOwner(s, owner *Step) {
	switch {
	case s.Blocked != nil || owner.Action == Replace:
		return
	case owner.Action == NoOp && owner.Have == nil:
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, does not exist and will not be created", owner.Address), "--create-missing creates it"}
		return
	case owner.Action == NoOp && owner.Have.Failed:
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is in state %s and will not be repaired", owner.Address, owner.Have.State), fmt.Sprintf("take on_error: report out of %s", specPath(owner.Want))}
		return
	case owner.Have == nil:
		return
	}
	at, want := owner.Have.TargetState, owner.Want.State()
	if at == spec.Archived && want != spec.Started || at == spec.Paused && want == "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is %s", owner.Address, at), fmt.Sprintf("write state: started in %s", specPath(owner.Want))}
	}
}

// planDependents completes the steps of linked sandboxes once all steps are known. If
// the sandbox that they are linked to is replaced, they are replaced, too: the
// server deletes them with it.
func (c *planner) planDependents() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind {
			continue
		}
		s.LinkedIDs = c.linkedIDs(s.Want)
		for _, need := range s.Want.DependsOn {
			owner := c.steps[need]
			if need.Kind != spec.SandboxKind || owner == nil {
				continue
			}
			if s.Action.Creates() {
				c.checkOwner(s, owner)
			}
			if s.Have == nil || owner.Blocked != nil || !owner.Action.Creates() {
				continue
			}
			why := fmt.Sprintf("it is linked to %s, which is %s", need, owner.Action.PastTense())
			switch s.Action {
			case Replace:
			case Adopt:
				s.blockAdoption(why)
			default:
				c.replaceSandbox(s, s.Want, why)
				c.checkStep(s, s.Want)
			}
			if s.Blocked != nil && owner.Blocked == nil {
				owner.Blocked = &Block{s.Blocked.Kind, fmt.Sprintf("%s goes with it and may not: %s", s.Address, s.Blocked.Reason), s.Blocked.Unblock}
			}
		}
	}
}

// linkedIDs returns the ids of the existing sandboxes that r is linked to, by key; nil
// if there are none.
func (c *planner) linkedIDs(r *spec.Resource) map[string]string {
	var ids map[string]string
	for _, need := range r.DependsOn {
		if need.Kind != spec.SandboxKind {
			continue
		}
		if owner := c.steps[need]; owner != nil && owner.Have != nil {
			if ids == nil {
				ids = map[string]string{}
			}
			ids[need.Key] = owner.Have.ID
		}
	}
	return ids
}

// blockOwnerDeletion blocks the deletion of a sandbox if one that is linked to it is to
// stay or must not be replaced: the server deletes the linked one with it.
func (c *planner) blockOwnerDeletion() {
	byID := map[string]*Step{}
	for _, s := range c.plan.Steps {
		if s.Address.Kind == spec.SandboxKind && s.Have != nil {
			byID[s.Have.ID] = s
		}
	}
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Have == nil || s.Action.Destroys() && s.Blocked == nil {
			continue
		}
		if owner := byID[s.Have.LinkedTo()]; owner != nil {
			owner.blockIfOwnerOf(s)
		}
		if s.Want == nil || s.Action != Replace {
			continue
		}
		for _, need := range s.Want.DependsOn {
			if owner := c.steps[need]; need.Kind == spec.SandboxKind && owner != nil && owner.Action == Replace {
				owner.blockIfOwnerOf(s)
			}
		}
	}
}

// blockIfOwnerOf blocks the step if it deletes the sandbox that linked, which is to
// stay, is linked to.
func (s *Step) blockIfOwnerOf(linked *Step) {
	switch {
	case s.Blocked != nil || !s.Action.Destroys():
	case linked.Blocked != nil:
		s.Blocked = &Block{linked.Blocked.Kind, fmt.Sprintf("%s goes with it and may not: %s", linked.Address, linked.Blocked.Reason), linked.Blocked.Unblock}
	default:
		hint := "delete both or neither"
		if linked.Want != nil {
			hint = fmt.Sprintf("declare in %s what it is linked to, so that it is replaced, or delete it", declaredAt(linked.Want))
		}
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s is linked to it and would be deleted with it, which the plan does not want", linked.Address), hint}
	}
}
