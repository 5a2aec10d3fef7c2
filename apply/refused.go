package apply

import "fleet/plan"

// Refused returns the report of a plan that is not applied because of err: each
// step that would have changed something is skipped.
func Refused(p *plan.Plan, err error) *Report {
	r := &Report{}
	for _, s := range p.Steps {
		if s.Action != plan.NoOp {
			r.Results = append(r.Results, Result{Step: s, Outcome: Skipped, Err: err})
		}
	}
	return r
}
