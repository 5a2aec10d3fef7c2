package render

import (
	"io"

	"fleet/internal/render/ci"
	"fleet/plan"
	"fleet/spec"
)

// The rules of the steps that a code scanner is told of, in their order.
var stepRules = []ci.SARIFRule{
	{ID: "blocked", ShortDescription: ci.SARIFText{Text: "The plan must not be carried out as it is"}},
	{ID: "drift", ShortDescription: ci.SARIFText{Text: "What exists is not as the spec wants it"}},
	{ID: "destroys", ShortDescription: ci.SARIFText{Text: "The plan takes an object away"}},
	{ID: "changes", ShortDescription: ci.SARIFText{Text: "The plan changes an object"}},
}

// stepRule is the rule by which a step is told.
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

// PlanSARIF writes the steps of a plan in the format of code scanners, version
// 2.1.0, each at the place where the spec declares its resource. Those of what
// it does not declare are told of the given file of the spec.
func PlanSARIF(w io.Writer, p *plan.Plan, file, version string, s Style) error {
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
		text := step.Address.String() + ": " + singleEntry(step).summaryLine(s)
		run.Add(stepRule(step, s), sarifLevels[at], text, pos, map[string]string{"fleetAddress/v1": p.Fleet + "/" + step.Address.String()})
	}
	return run.Write(w)
}
