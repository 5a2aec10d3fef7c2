package render

import (
	"encoding/json"
	"io"

	"fleet/apply"
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

type resultJSON struct {
	Address string      `json:"address"`
	Action  plan.Action `json:"action"`
	Outcome apply.Phase `json:"outcome"`
	ID      string      `json:"id,omitempty"`
	Error   string      `json:"error,omitempty"`
	Blocked *plan.Block `json:"blocked,omitempty"`
	Seconds float64     `json:"seconds"`
}

type reportJSON struct {
	Version     int          `json:"version"`
	Fleet       string       `json:"fleet"`
	Summary     plan.Counts  `json:"summary"`
	Results     []resultJSON `json:"results"`
	Seconds     float64      `json:"seconds"`
	Interrupted bool         `json:"interrupted,omitempty"`
}

// ReportJSON writes how a plan was carried out for programs.
func ReportJSON(w io.Writer, p *plan.Plan, r *apply.Report) error {
	out := reportJSON{Version: version, Fleet: p.Fleet, Summary: p.Counts(), Results: []resultJSON{}, Seconds: r.Took.Seconds(), Interrupted: r.Interrupted}
	for _, x := range r.Results {
		j := resultJSON{Address: x.Step.Address.String(), Action: x.Step.Action, Outcome: x.Outcome, ID: x.ID, Seconds: x.Took.Seconds(), Blocked: x.Step.Blocked}
		if x.Err != nil {
			j.Error = x.Err.Error()
		}
		out.Results = append(out.Results, j)
	}
	return encode(w, out)
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
