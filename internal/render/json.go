package render

import (
	"encoding/json"
	"io"

	"fleet/plan"
)

// jsonVersion is the version of the JSON forms. It grows when a field changes its
// meaning or goes; new fields may come at any time.
const jsonVersion = 1

// planJSON is a plan as programs read it.
type planJSON struct {
	Version int         `json:"version"`
	Summary plan.Counts `json:"summary"`
	*plan.Plan
}

// PlanJSON writes a plan for programs.
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

// JSONFormats holds an empty value of each form of JSON that fleet writes, by the name
// of its schema.
func JSONFormats() map[string]any {
	return map[string]any{"plan": planJSON{}, "drift": driftReportJSON{}, "report": reportJSON{}, "events": eventJSON{}, "saved": plan.Saved{}, "gc": gcJSON{}, "doctor": doctorJSON{}, "validate": validationJSON{}}
}
