package cli

import (
	"errors"
	"slices"

	"fleet/apply"
	"fleet/plan"
)

// redactedPlan is a plan as it may be shown: without what is sensitive. It goes
// before a text is cut or escaped, after which the last barrier could no longer
// tell it.
func (a *app) redactedPlan(pl *plan.Plan) *plan.Plan {
	m, sensitive := a.Out.(*redactingWriter)
	if !sensitive {
		return pl
	}
	hide := func(s *string) { *s = m.secrets.Text(*s) }
	shown := *pl
	shown.Warnings = slices.Clone(pl.Warnings)
	for i := range shown.Warnings {
		hide(&shown.Warnings[i])
	}
	shown.Steps = make([]*plan.Step, len(pl.Steps))
	for i, s := range pl.Steps {
		step := *s
		shown.Steps[i] = &step
		for _, text := range []*string{&step.Name, &step.Reason, &step.DataLoss, &step.RetainedReason} {
			hide(text)
		}
		step.Changes = slices.Clone(s.Changes)
		for k := range step.Changes {
			hide(&step.Changes[k].Have)
			hide(&step.Changes[k].Want)
		}
		if s.Blocked != nil {
			block := *s.Blocked
			hide(&block.Reason)
			hide(&block.Unblock)
			step.Blocked = &block
		}
	}
	return &shown
}

// redactedReport is the same of a run.
func (a *app) redactedReport(r *apply.Report) *apply.Report {
	m, sensitive := a.Out.(*redactingWriter)
	if !sensitive {
		return r
	}
	shown := *r
	shown.Results = slices.Clone(r.Results)
	for i, x := range shown.Results {
		shown.Results[i].Lost = m.secrets.Text(x.Lost)
		if x.Err != nil {
			shown.Results[i].Err = errors.New(m.secrets.Text(x.Err.Error()))
		}
	}
	return &shown
}
