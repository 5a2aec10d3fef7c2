package render

import (
	"encoding/json"
	"io"

	"fleet/plan"
)

// version is the version of the JSON forms. It grows when a field changes its
// meaning or goes; new fields may come at any time.
const version = 1

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
	return encode(w, planJSON{version, p.Counts(), &shown})
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// Forms holds an empty value of each form of JSON that fleet writes, by the name
// of its schema.
func Forms() map[string]any {
	return map[string]any{"plan": planJSON{}, "drift": differencesJSON{}, "report": reportJSON{}, "events": eventJSON{}, "saved": plan.Saved{}, "gc": leaksJSON{}, "doctor": doctorJSON{}, "validate": checkJSON{}}
}
