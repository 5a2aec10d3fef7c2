package render

import (
	"encoding/json"
	"io"
	"slices"

	"fleet/internal/jsonlist"
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

// PlanJSON writes a plan as JSON, some steps at a time.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	shown := *p
	shown.Steps = []*plan.Step{}
	return jsonlist.Write(w, planJSON{jsonVersion, p.Counts(), &shown}, "steps", slices.Values(p.Steps), jsonlist.Options{Indent: true})
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
	return map[string]any{"plan": planJSON{}, "drift": driftReportJSON{}, "report": reportJSON{}, "events": eventJSON{}, "saved": plan.Saved{}, "gc": gcJSON{}, "doctor": doctorJSON{}, "validate": validationJSON{}, "snapshots": snapshotsJSON{}, "status": statusJSON{}}
}
