package render

import (
	"io"
	"strings"

	"fleet/apply"
	"fleet/internal/render/ci"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// PlanJUnit writes a plan as a test report with a case for each resource. Blocked
// steps have failed; with Style.Drift, so has unexpected drift.
func PlanJUnit(w io.Writer, p *plan.Plan, s Style, in ci.Workspace) error {
	suite := ci.JUnitSuite{Name: "fleet " + p.Fleet}
	for _, step := range p.Steps {
		c := newJUnitCase(p.Fleet, step, in)
		if step.Action != plan.NoOp || step.RetainedReason != "" {
			c.Out = stepText(step, s)
		}
		switch at := levelOf(step, s); {
		case at == levelError, s.Drift && at == levelWarning:
			c.Failure = junitFailure(step, s)
		case s.Drift && at == levelNotice:
			c.Skipped = &ci.JUnitReason{Message: "expected drift"}
		}
		suite.Add(c)
	}
	return suite.Write(w)
}

// junitFailure returns why the case of a step has failed.
func junitFailure(step *plan.Step, s Style) *ci.JUnitReason {
	r := &ci.JUnitReason{Message: summaryLine(steps.Single(step), s), Type: string(step.Drift), Text: stepText(step, s) + declaredAt(step)}
	if step.Blocked != nil {
		r.Message, r.Type = term.Printable(step.Blocked.Reason), string(step.Blocked.Kind)
	}
	return r
}

// ReportJUnit writes a run as a test report with a case for each resource,
// including unchanged ones.
func ReportJUnit(w io.Writer, p *plan.Plan, r *apply.Report, in ci.Workspace) error {
	suite := ci.JUnitSuite{Name: "fleet " + p.Fleet, Time: ci.JUnitTime(r.Duration)}
	results := map[spec.Address]*apply.Result{}
	for i := range r.Results {
		results[r.Results[i].Step.Address] = &r.Results[i]
	}
	for _, step := range p.Steps {
		c := newJUnitCase(p.Fleet, step, in)
		if x := results[step.Address]; x != nil {
			c.Time, c.Out = ci.JUnitTime(x.Duration), resultDetails(x)
			reason := &ci.JUnitReason{Message: term.Printable(steps.OutcomeReason(x.Outcome, x.Err)), Type: string(x.Outcome), Text: declaredAt(step)}
			switch x.Outcome {
			case apply.Failed, apply.RolledBack:
				c.Failure = reason
			case apply.Interrupted:
				c.Error = reason
			case apply.Skipped:
				c.Skipped = &ci.JUnitReason{Message: reason.Message}
			}
		}
		suite.Add(c)
	}
	return suite.Write(w)
}

// declaredAt returns the line of a report for where the spec declares the resource of a
// step; a case has no attribute for it that all readers accept.
func declaredAt(s *plan.Step) string {
	pos := stepPosition(s)
	if pos.File == "" {
		return ""
	}
	return "declared at " + term.Printable(pos.String()) + "\n"
}

// resultDetails returns the state and the requests of a step that was not done.
func resultDetails(x *apply.Result) string {
	var lines []string
	if x.Outcome == apply.Done {
		return ""
	}
	if x.State != "" {
		lines = append(lines, "left in state "+term.Printable(x.State))
	}
	if x.RequestLog.Retries > 0 {
		lines = append(lines, requestSummary(x.RequestLog, "the step"))
	}
	for _, line := range x.BuildLog {
		lines = append(lines, "build: "+term.LogLine(line))
	}
	if len(x.RequestLog.RequestIDs) > 0 {
		lines = append(lines, "last requests: "+term.Printable(strings.Join(x.RequestLog.RequestIDs, ", ")))
	}
	return strings.Join(lines, "\n")
}

func newJUnitCase(fleet string, s *plan.Step, in ci.Workspace) ci.JUnitCase {
	c := ci.JUnitCase{Class: fleet + "." + string(s.Address.Kind), Name: s.Address.String(), Time: ci.JUnitTime(0)}
	if !in.Jenkins {
		c.File = in.File(stepPosition(s).File)
	}
	return c
}
