package render

import (
	"io"

	"fleet/internal/render/ci"
	"fleet/internal/render/steps"
	"fleet/plan"
	"fleet/spec"
)

// stepRules are the rules of results about steps, in their order.
var stepRules = []ci.SARIFRule{
	{ID: "blocked", ShortDescription: ci.SARIFText{Text: "The plan has a blocked step"}},
	{ID: "drift", ShortDescription: ci.SARIFText{Text: "An object differs from the spec"}},
	{ID: "destroys", ShortDescription: ci.SARIFText{Text: "The plan deletes or replaces an object"}},
	{ID: "changes", ShortDescription: ci.SARIFText{Text: "The plan changes an object"}},
}

// stepRule returns the rule for a step.
func stepRule(s *plan.Step, style Style) string {
	switch {
	case s.Blocked != nil:
		return "blocked"
	case style.Drift:
		return "drift"
	case s.Action.Destroys():
		return "destroys"
	}
	return "changes"
}

var sarifLevels = map[level]string{levelNotice: "note", levelWarning: "warning", levelError: "error"}

// PlanSARIF writes the steps of a plan as a SARIF log, each where the spec
// declares its resource. Steps of resources that it does not declare are placed in
// the given file of the spec.
func PlanSARIF(w io.Writer, p *plan.Plan, file, version string, s Style, in ci.Workspace) error {
	run := ci.NewSARIFRun(version, stepRules...)
	for _, step := range p.Steps {
		at := levelOf(step, s)
		if at == levelNone {
			continue
		}
		pos := stepPosition(step)
		if pos.File == "" {
			pos = spec.Position{File: file}
		}
		text := step.Address.String() + ": " + summaryLine(steps.Single(step), s)
		run.Add(stepRule(step, s), sarifLevels[at], text, within(in, pos), map[string]string{"fleetAddress/v1": p.Fleet + "/" + step.Address.String()})
	}
	return run.Write(w)
}
