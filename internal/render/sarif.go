package render

import (
	"io"

	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"fleet/plan"
	"fleet/spec"
)

// A finding rule is a reason to tell a code scanner of a step.
type findingRule struct{ id, description string }

// The rules, in the order in which they are told.
var findingRules = []findingRule{
	{"blocked", "The plan must not be carried out as it is"},
	{"drift", "What exists is not as the spec wants it"},
	{"destroys", "The plan takes an object away"},
	{"changes", "The plan changes an object"},
}

// ruleOf is the rule by which a step is told.
func ruleOf(s *plan.Step, style Style) string {
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

var sarifLevels = map[level]string{notice: "note", warning: "warning", failure: "error"}

// PlanSARIF writes the steps of a plan in the format of code scanners, version
// 2.1.0, each at the place where the spec declares its resource. Those of what
// it does not declare are told of the given file of the spec.
func PlanSARIF(w io.Writer, p *plan.Plan, file, version string, s Style) error {
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(sarif.NewToolComponent().WithName("fleet").WithSemanticVersion(version)))
	for _, r := range findingRules {
		run.AddRule(r.id).WithDescription(r.description)
	}
	for _, step := range p.Steps {
		at := levelOf(step, s)
		if at == quiet {
			continue
		}
		pos := origin(step)
		if pos.File == "" {
			pos = spec.Position{File: file}
		}
		text := step.Address.String() + ": " + single(step).sentence(s)
		run.CreateResultForRule(ruleOf(step, s)).WithLevel(sarifLevels[at]).WithMessage(sarif.NewTextMessage(text)).
			WithPartialFingerprints(map[string]string{"fleetAddress/v1": p.Fleet + "/" + step.Address.String()}).
			AddLocation(sarif.NewLocationWithPhysicalLocation(place(pos)))
	}
	r := report.NewV210Report()
	r.AddRun(run)
	return r.PrettyWrite(w)
}
