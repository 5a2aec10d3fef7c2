package render

import (
	"errors"
	"slices"

	"fleet/apply"
	"fleet/internal/redact"
	"fleet/plan"
)

// RedactedPlan returns a copy of a plan without secret values. Plans are redacted
// before their texts are cut or escaped: a writer could no longer find the
// values after that.
func RedactedPlan(p *plan.Plan, secrets *redact.Redactor) *plan.Plan {
	if secrets.Empty() {
		return p
	}
	shown := withSteps(p, func(s *plan.Step) *plan.Step { return redactedStep(s, secrets) })
	shown.Warnings = slices.Clone(p.Warnings)
	for i, text := range shown.Warnings {
		shown.Warnings[i] = secrets.Text(text)
	}
	return shown
}

func redactedStep(s *plan.Step, secrets *redact.Redactor) *plan.Step {
	step := *s
	step.Changes = slices.Clone(s.Changes)
	texts := []*string{&step.Name, &step.Reason, &step.DataLoss, &step.RetainedReason}
	for i, c := range s.Changes {
		step.Changes[i] = c.Redacted(secrets.Text)
	}
	if s.Blocked != nil {
		block := *s.Blocked
		step.Blocked = &block
		texts = append(texts, &block.Reason, &block.Unblock)
	}
	for _, text := range texts {
		*text = secrets.Text(*text)
	}
	return &step
}

// RedactedReport returns a copy of a report without secret values.
func RedactedReport(r *apply.Report, secrets *redact.Redactor) *apply.Report {
	if secrets.Empty() {
		return r
	}
	shown := *r
	shown.Results = slices.Clone(r.Results)
	for i, x := range shown.Results {
		shown.Results[i].Lost = secrets.Text(x.Lost)
		shown.Results[i].BuildLog = slices.Clone(x.BuildLog)
		for n, line := range x.BuildLog {
			shown.Results[i].BuildLog[n] = secrets.Text(line)
		}
		if x.Err != nil {
			shown.Results[i].Err = errors.New(secrets.Text(x.Err.Error()))
		}
	}
	return &shown
}
