package session

import "fleet/plan"

// unblocks are what a user of the operator does about a block. The texts of plans are for
// users of the command.
var unblocks = map[plan.BlockKind]string{
	plan.BlastRadius: "raise spec.allowDestroy, or approve the plan",
	plan.Withheld:    "change the spec, or approve the plan",
	plan.Mode:        "set spec.mode: enforce",
	plan.BackOff:     "wait, or approve the plan",
	plan.Flapping:    "wait, or approve the plan",
}

// withUnblocks returns a plan whose blocks name what a user of the operator does.
func withUnblocks(p *plan.Plan) *plan.Plan {
	shown := *p
	shown.Steps = make([]*plan.Step, len(p.Steps))
	for i, s := range p.Steps {
		shown.Steps[i] = s
		if s.Blocked == nil || unblocks[s.Blocked.Kind] == "" {
			continue
		}
		step, block := *s, *s.Blocked
		block.Unblock = unblocks[block.Kind]
		step.Blocked = &block
		shown.Steps[i] = &step
	}
	return &shown
}
