package render

import (
	"io"

	"fleet/apply"
	"fleet/internal/render/ci"
	"fleet/internal/render/steps"
	"fleet/plan"
)

var githubLevels = map[level]ci.Level{levelNotice: ci.Notice, levelWarning: ci.Warning, levelError: ci.Error}

// PlanGitHub writes a plan as annotations of GitHub Actions, each where the spec
// declares the resource. Identical steps have one annotation.
func PlanGitHub(w io.Writer, p *plan.Plan, s Style, in ci.Workspace) error {
	var list []ci.Annotation
	for _, f := range steps.Entries(shownSteps(p), false) {
		if at := levelOf(f.Step, s); at != levelNone {
			list = append(list, ci.Annotation{Level: githubLevels[at], Pos: within(in, stepPosition(f.Step)), Title: f.Title, Text: summaryLine(f, Style{Drift: s.Drift})})
		}
	}
	return ci.WriteAnnotations(w, list)
}

// ReportGitHub writes the steps of a run that were not done as annotations of
// GitHub Actions.
func ReportGitHub(w io.Writer, r *apply.Report, in ci.Workspace) error {
	var list []ci.Annotation
	for _, x := range r.Results {
		level := ci.Error
		switch x.Outcome {
		case apply.Done:
			continue
		case apply.Skipped, apply.Interrupted:
			level = ci.Warning
		}
		list = append(list, ci.Annotation{
			Level: level, Pos: within(in, stepPosition(x.Step)), Title: x.Step.Address.String(), Text: string(x.Outcome) + ": " + steps.OutcomeReason(x.Outcome, x.Err),
		})
	}
	return ci.WriteAnnotations(w, list)
}
