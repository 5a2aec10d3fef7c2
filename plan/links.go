package plan

import (
	"fmt"

	"fleet/spec"
)

// checkOwner blocks a link to a sandbox that is put away: the server wants the
// other one started or stopped.
func (c *computer) checkOwner(s, owner *Step) {
	switch {
	case s.Blocked != nil || owner.Action == Replace:
		return
	case owner.Action == NoOp && owner.Have == nil:
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is not there, and is left so", owner.Address), "--create-missing creates it"}
		return
	case owner.Action == NoOp && owner.Have.Failed:
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is in state %s, and is left so", owner.Address, owner.Have.State), fmt.Sprintf("take on_error: report out of %s", place(owner.Want))}
		return
	case owner.Have == nil:
		return
	}
	at, want := owner.Have.Next, owner.Want.State()
	if at == spec.Archived && want != spec.Started || at == spec.Paused && want == "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is %s", owner.Address, at), fmt.Sprintf("write state: started in %s", place(owner.Want))}
	}
}

// followers completes linked sandboxes once all steps are known. Those whose
// owner is replaced are replaced, too: the server deletes them with it.
func (c *computer) followers() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind {
			continue
		}
		s.Linked = c.linked(s.Want)
		for _, need := range s.Want.Needs {
			owner := c.steps[need]
			if need.Kind != spec.SandboxKind || owner == nil {
				continue
			}
			if s.Action == Create || s.Action == Replace {
				c.checkOwner(s, owner)
			}
			if s.Have == nil || owner.Blocked != nil || owner.Action != Replace && owner.Action != Create {
				continue
			}
			why := fmt.Sprintf("it is linked to %s, which is %sd", need, owner.Action)
			switch s.Action {
			case Replace:
			case Adopt:
				s.blockAdoption(why)
			default:
				c.replaceSandbox(s, s.Want, why)
				c.check(s, s.Want)
			}
			if s.Blocked != nil && owner.Blocked == nil {
				owner.Blocked = &Block{s.Blocked.Kind, fmt.Sprintf("%s goes with it and may not: %s", s.Address, s.Blocked.Reason), s.Blocked.Unblock}
			}
		}
	}
}

// linked finds the existing sandboxes that the spec links this one to; nil when
// there are none.
func (c *computer) linked(r *spec.Resource) map[string]string {
	var ids map[string]string
	for _, need := range r.Needs {
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

// keepOwners blocks what would delete sandboxes whose linked ones stay, or may not
// be replaced: the server deletes these with them.
func (c *computer) keepOwners() {
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
			owner.keepFor(s)
		}
		if s.Want == nil || s.Action != Replace {
			continue
		}
		for _, need := range s.Want.Needs {
			if owner := c.steps[need]; need.Kind == spec.SandboxKind && owner != nil && owner.Action == Replace {
				owner.keepFor(s)
			}
		}
	}
}

// keepFor blocks the step if it deletes the sandbox that another one, which is not
// to go, is linked to.
func (s *Step) keepFor(linked *Step) {
	switch {
	case s.Blocked != nil || !s.Action.Destroys():
	case linked.Blocked != nil:
		s.Blocked = &Block{linked.Blocked.Kind, fmt.Sprintf("%s goes with it and may not: %s", linked.Address, linked.Blocked.Reason), linked.Blocked.Unblock}
	default:
		hint := "let both go, or neither"
		if linked.Want != nil {
			hint = fmt.Sprintf("say in %s what it is linked to, so that it is replaced, or take it out", at(linked.Want))
		}
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s is linked to it and would be deleted with it, which the plan does not want", linked.Address), hint}
	}
}
