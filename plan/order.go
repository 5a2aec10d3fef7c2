package plan

import "fleet/spec"

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
		if h := holders[s.Name]; h != nil && h != s && s.Address.Kind == spec.SandboxKind && (s.Action == Create || s.Action == Replace) {
			s.After = append(s.After, h.Address)
		}
		if s.Action == Delete && s.Address.Kind != spec.SandboxKind {
			s.After = append(s.After, sandboxesGoing...)
		}
	}
	c.wake()
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
