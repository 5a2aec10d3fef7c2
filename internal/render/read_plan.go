package render

import (
	"encoding/json"
	"fmt"

	"fleet/plan"
	"fleet/spec"
)

// ReadPlan reads a plan that [PlanJSON] wrote in any version. It has the fields of its
// JSON only, and cannot be applied.
func ReadPlan(text []byte) (*plan.Plan, error) {
	var head struct{ Version int }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	if head.Version > changesVersion {
		return nil, fmt.Errorf("it has version %d, and this version of fleet reads %d; use a newer one", head.Version, changesVersion)
	}
	var p plan.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, err
	}
	for i, s := range p.Steps {
		if s == nil || s.Action.String() == "" || s.Address == (spec.Address{}) {
			return nil, fmt.Errorf("step %d has no address or no action", i+1)
		}
	}
	p.TextOnly = head.Version < changesVersion
	p.SetTexts()
	return &p, nil
}
