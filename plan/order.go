package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// planOrder sets the steps that each step waits for: those of the resources that it
// refers to, and the one that frees its name.
func (c *planner) planOrder() {
	freedBy := map[string]*Step{} // of names that a step frees
	var destroyedSandboxes []spec.Address
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || !s.Action.Destroys() || s.Have == nil {
			continue
		}
		freedBy[s.Have.Name] = s
		destroyedSandboxes = append(destroyedSandboxes, s.Address)
	}
	cycle := c.blockNameCycles(freedBy)
	for _, s := range c.plan.Steps {
		if s.Action == NoOp {
			continue
		}
		s.After = append(s.After, c.unfinishedNeeds(s)...)
		if h := nameFreedBy(s, freedBy); h != nil && !cycle[s] {
			s.After = append(s.After, h.Address)
		}
		if s.Action == Delete && s.Address.Kind != spec.SandboxKind {
			s.After = append(s.After, destroyedSandboxes...)
		}
		if current := c.steps[s.FormerVersionOf]; current != nil && current.Want != nil && len(current.Ops) > 0 {
			s.After = append(s.After, current.Address)
		}
	}
	c.orderDependents()
	c.dropUnneededWaits()
}

// unfinishedNeeds returns the steps of the resources that a step's resource refers to,
// without those that change nothing.
func (c *planner) unfinishedNeeds(s *Step) []spec.Address {
	if s.Want == nil {
		return nil
	}
	var needs []spec.Address
	for _, need := range s.Want.DependsOn {
		if other := c.steps[need]; other != nil && len(other.Ops) > 0 {
			needs = append(needs, need)
		}
	}
	return needs
}

// orderDependents makes the replacement of a sandbox wait for the steps that the
// sandboxes linked to it wait for: the server deletes these with it, and they have to
// be created again.
func (c *planner) orderDependents() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Action != Replace {
			continue
		}
		for _, need := range s.Want.DependsOn {
			owner := c.steps[need]
			if need.Kind != spec.SandboxKind || owner == nil || owner.Action != Replace {
				continue
			}
			for _, a := range s.After {
				if before := c.steps[a]; before != owner && !slices.Contains(owner.After, a) && !c.dependsOn(before, owner, map[*Step]bool{}) {
					owner.After = append(owner.After, a)
				}
			}
		}
	}
}

// nameFreedBy returns the step that frees the name of a sandbox to be created, or nil.
func nameFreedBy(s *Step, freedBy map[string]*Step) *Step {
	if s.Address.Kind != spec.SandboxKind || !s.Action.Creates() {
		return nil
	}
	if h := freedBy[s.Name]; h != s {
		return h
	}
	return nil
}

// blockNameCycles blocks sandboxes whose names form a cycle, in which each would wait
// for the next. It returns their steps.
func (c *planner) blockNameCycles(freedBy map[string]*Step) map[*Step]bool {
	cycle := map[*Step]bool{}
	for _, s := range c.plan.Steps {
		at := nameFreedBy(s, freedBy)
		for n := 0; at != nil && at != s && n <= len(freedBy); n++ {
			at = nameFreedBy(at, freedBy)
		}
		if at != s {
			continue
		}
		cycle[s] = true
		if s.Blocked == nil {
			s.Blocked = &Block{Conflict, fmt.Sprintf("the names of %s and others form a cycle: each takes the name of the next", s.Address), "give one of them a third name and apply, then rename it again"}
		}
	}
	return cycle
}

// dropUnneededWaits removes the operations of no-op steps, which wait for an object to
// become ready, unless another step depends on them.
func (c *planner) dropUnneededWaits() {
	needed := map[spec.Address]bool{}
	for _, s := range c.plan.Steps {
		for _, after := range s.After {
			needed[after] = true
		}
	}
	for _, s := range c.plan.Steps {
		if s.Action == NoOp && !needed[s.Address] {
			s.Ops = nil
		}
	}
}
