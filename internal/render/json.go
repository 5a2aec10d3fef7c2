package render

import (
	"encoding/json"
	"io"
	"iter"
	"slices"

	"fleet/internal/jsonlist"
	"fleet/plan"
)

// planJSON is what fleet plan prints as JSON.
type planJSON struct {
	Version int         `json:"version"`
	Summary plan.Counts `json:"summary"`
	*plan.Plan
}

// PlanJSON writes a plan as JSON, some steps at a time. A plan that has the values of
// changes only as text is written in version 1.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	if p.TextOnly {
		return planJSON1(w, p)
	}
	return writePlanJSON(w, changesVersion, p, slices.Values(p.Steps))
}

// writePlanJSON writes a plan with the given steps.
func writePlanJSON(w io.Writer, version int, p *plan.Plan, steps iter.Seq[*plan.Step]) error {
	shown := *p
	shown.Steps = []*plan.Step{}
	return jsonlist.Write(w, planJSON{version, p.Counts(), &shown}, "steps", steps, jsonlist.Options{Indent: true})
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// A JSONDocument is a kind of JSON that fleet writes.
type JSONDocument struct {
	Version int // that its field version has
	Value   any // an empty value of its type
}

// JSONDocuments returns the kinds of JSON by the names of their schemas.
func JSONDocuments() map[string]JSONDocument {
	return map[string]JSONDocument{
		"plan": {changesVersion, planJSON{}}, "drift": {changesVersion, driftReportJSON{}}, "gc": {changesVersion, gcJSON{}},
		"saved":  {plan.SavedVersion, plan.Saved{}},
		"report": {jsonVersion, reportJSON{}}, "events": {jsonVersion, eventJSON{}}, "doctor": {jsonVersion, doctorJSON{}},
		"validate": {jsonVersion, validationJSON{}}, "snapshots": {jsonVersion, snapshotsJSON{}}, "status": {jsonVersion, statusJSON{}},
	}
}
