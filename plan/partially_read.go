package plan

import "fleet/spec"

// PartiallyRead lists the sandboxes that a list alone has told of, and of which it has to
// be known what they are like before the plan is made: their rollout may have to
// bring them back.
func (p *Plan) PartiallyRead() []*Object {
	var list []*Object
	for _, s := range p.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Action == NoOp || s.Want == nil || s.Have == nil || s.Have.FullyRead {
			continue
		}
		if out := s.Want.Rollout(); out != nil && out.OnFailure == spec.RollBack {
			list = append(list, s.Have)
		}
	}
	return list
}
