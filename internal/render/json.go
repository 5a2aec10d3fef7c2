package render

import (
	"encoding/json"
	"io"

	"fleet/plan"
)

// jsonVersion is the version of all JSON output. It changes if a field is removed
// or changes its meaning, not if a field is added.
const jsonVersion = 1

// planJSON is what fleet plan prints as JSON.
type planJSON struct {
	Version int         `json:"version"`
	Summary plan.Counts `json:"summary"`
	*plan.Plan
}

// PlanJSON writes a plan as JSON.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	shown := *p
	if shown.Steps == nil {
		shown.Steps = []*plan.Step{}
	}
	return writeJSON(w, planJSON{jsonVersion, p.Counts(), &shown})
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// JSONFormats returns an empty value of each type that fleet writes as JSON, by
// the name of its schema.
func JSONFormats() map[string]any {
	return map[string]any{"plan": planJSON{}, "drift": driftReportJSON{}, "report": reportJSON{}, "events": eventJSON{}, "saved": plan.Saved{}, "gc": gcJSON{}, "doctor": doctorJSON{}, "validate": validationJSON{}, "snapshots": snapshotsJSON{}}
}
