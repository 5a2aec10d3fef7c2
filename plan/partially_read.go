package plan

import "fleet/spec"

// PartiallyRead returns the sandboxes that were observed only in a list and have to be
// read individually before the final plan is computed: their rollout may have to
// restore their current settings.
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
