package cli

import (
	"errors"
	"slices"

	"fleet/apply"
	"fleet/plan"
)

// presentable is a plan as it may be shown: without what is sensitive. It goes
// before a text is cut or escaped, after which the last barrier could no longer
// tell it.
func (a *app) presentable(pl *plan.Plan) *plan.Plan {
	m, sensitive := a.Out.(*masked)
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
		for _, text := range []*string{&step.Name, &step.Reason, &step.Loses, &step.Kept} {
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

// presentableReport is the same of a run.
func (a *app) presentableReport(r *apply.Report) *apply.Report {
	m, sensitive := a.Out.(*masked)
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
