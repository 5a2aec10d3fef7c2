package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// order says which steps each step waits for: what it refers to comes first,
// and what it frees comes before.
func (c *computer) order() {
	holders := map[string]*Step{} // of names that a step frees
	var sandboxesGoing []spec.Address
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || !s.Action.Destroys() || s.Have == nil {
			continue
		}
		holders[s.Have.Name] = s
		sandboxesGoing = append(sandboxesGoing, s.Address)
	}
	circle := c.circles(holders)
	for _, s := range c.plan.Steps {
		if s.Action == NoOp {
			continue
		}
		if s.Want != nil {
			for _, need := range s.Want.Needs {
				if other := c.steps[need]; other != nil && len(other.Ops) > 0 {
					s.After = append(s.After, need)
				}
			}
		}
		if h := freer(s, holders); h != nil && !circle[s] {
			s.After = append(s.After, h.Address)
		}
		if s.Action == Delete && s.Address.Kind != spec.SandboxKind {
			s.After = append(s.After, sandboxesGoing...)
		}
	}
	c.followersFirst()
	c.wake()
}

// followersFirst has the replacement of a sandbox wait for what the ones linked to
// it wait for: the server deletes these with it, and they have to be made again.
func (c *computer) followersFirst() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Action != Replace {
			continue
		}
		for _, need := range s.Want.Needs {
			owner := c.steps[need]
			if need.Kind != spec.SandboxKind || owner == nil || owner.Action != Replace {
				continue
			}
			for _, a := range s.After {
				if before := c.steps[a]; before != owner && !slices.Contains(owner.After, a) && !c.follows(before, owner, map[*Step]bool{}) {
					owner.After = append(owner.After, a)
				}
			}
		}
	}
}

// freer is the step that frees the name that a sandbox is to have, or nil.
func freer(s *Step, holders map[string]*Step) *Step {
	if s.Address.Kind != spec.SandboxKind || s.Action != Create && s.Action != Replace {
		return nil
	}
	if h := holders[s.Name]; h != s {
		return h
	}
	return nil
}

// circles blocks sandboxes whose names go round: each would wait for the next.
// It returns them.
func (c *computer) circles(holders map[string]*Step) map[*Step]bool {
	circle := map[*Step]bool{}
	for _, s := range c.plan.Steps {
		at := freer(s, holders)
		for n := 0; at != nil && at != s && n <= len(holders); n++ {
			at = freer(at, holders)
		}
		if at != s {
			continue
		}
		circle[s] = true
		if s.Blocked == nil {
			s.Blocked = &Block{Conflict, fmt.Sprintf("the names of %s and others go in a circle: each is to have the name of the next", s.Address), "give one of them a third name, and apply in between"}
		}
	}
	return circle
}

// wake keeps the waits for resources that are right but not ready yet where
// another step depends on them, and drops the others.
func (c *computer) wake() {
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
