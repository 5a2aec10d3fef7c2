package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

type resultJSON struct {
	Address spec.Address `json:"address"`
	Name    string       `json:"name,omitempty"` // on Daytona
	Action  plan.Action  `json:"action"`
	Outcome apply.Phase  `json:"outcome"`
	ID      string       `json:"id,omitempty"`
	State   string       `json:"state,omitempty"` // that the object was last seen in
	Error   string       `json:"error,omitempty"`
	Lost    string       `json:"lost,omitempty"` // what was deleted though the step was not done
	Blocked *plan.Block  `json:"blocked,omitempty"`
	Began   time.Time    `json:"began,omitzero"`
	Seconds float64      `json:"seconds"`
	trailJSON
}

// trailJSON is what was sent.
type trailJSON struct {
	Requests int      `json:"requests,omitempty"`       // attempts
	Retries  int      `json:"retries,omitempty"`        // of them, those after the first of a call
	Limited  int      `json:"limited,omitempty"`        // of them, those that a rate limit turned away
	Waited   float64  `json:"waited_seconds,omitempty"` // for rate limits and before retries, summed over all requests
	IDs      []string `json:"request_ids,omitempty"`    // of the last requests, for the support of the server
}

type reportJSON struct {
	Version int    `json:"version"`
	Fleet   string `json:"fleet"`
	whereJSON
	Summary     plan.Counts  `json:"summary"` // of the plan
	Outcomes    *outcomes    `json:"outcomes,omitempty"`
	Results     []resultJSON `json:"results"`
	Began       time.Time    `json:"began,omitzero"`
	Seconds     float64      `json:"seconds"`
	Interrupted bool         `json:"interrupted,omitempty"`
	Error       string       `json:"error,omitempty"` // why there was no plan to carry out
	trailJSON
}

// whereJSON is where a fleet is.
type whereJSON struct {
	Environment  string `json:"environment,omitempty"`  // of the spec
	Server       string `json:"server,omitempty"`       // its URL, or local
	Organization string `json:"organization,omitempty"` // its id, when it is known

	ObservedAt time.Time `json:"observed_at,omitzero"` // when the reading of what exists began
}

func whereOf(p *plan.Plan) whereJSON {
	return whereJSON{p.Environment, p.Server, p.Organization, p.ObservedAt}
}

// ReportJSON writes how a plan was carried out for programs.
func ReportJSON(w io.Writer, p *plan.Plan, r *apply.Report) error {
	out := reportJSON{
		Version: version, Fleet: p.Fleet, whereJSON: whereOf(p), Summary: p.Counts(), Outcomes: outcomesOf(r), Results: []resultJSON{},
		Began: instant(r.Began), Seconds: r.Took.Seconds(), Interrupted: r.Interrupted, trailJSON: trailOf(r.Trail),
	}
	for _, x := range r.Results {
		j := resultJSON{
			Address: x.Step.Address, Name: x.Step.Name, Action: x.Step.Action, Outcome: x.Outcome, ID: x.ID, State: x.State, Lost: x.Lost,
			Blocked: x.Step.Blocked, Began: instant(x.Began), Seconds: x.Took.Seconds(), trailJSON: trailOf(x.Trail),
		}
		if x.Err != nil {
			j.Error = x.Err.Error()
		}
		out.Results = append(out.Results, j)
	}
	return encode(w, out)
}

// UnplannedJSON writes the report of a run that came to no plan; about names the
// fleet and where it is.
func UnplannedJSON(w io.Writer, about *plan.Plan, began time.Time, err error) error {
	return encode(w, reportJSON{
		Version: version, Fleet: about.Fleet, whereJSON: whereOf(about), Results: []resultJSON{},
		Began: instant(began), Seconds: time.Since(began).Seconds(), Error: err.Error(),
	})
}

// instant is a time as it is written: in UTC, to the millisecond.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func trailOf(t client.Trail) trailJSON {
	return trailJSON{t.Requests, t.Retries, t.Limited, t.Waited.Seconds(), t.IDs}
}

func (t trailJSON) trail() client.Trail {
	return client.Trail{Requests: t.Requests, Retries: t.Retries, Limited: t.Limited, Waited: duration(t.Waited), IDs: t.IDs}
}

// duration is a time that was written in seconds, which are not exact.
func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}

// A Past is a report that was read again.
type Past struct {
	Fleet string
	Error string // why there was no plan to carry out; empty when there was one
	apply.Report
}

// ReadReport reads what ReportJSON and UnplannedJSON write. Of the steps it has
// the address, the name, the action and what blocked it.
func ReadReport(text []byte) (*Past, error) {
	var head struct{ Version int }
	if err := json.Unmarshal(text, &head); err == nil && head.Version > version {
		return nil, &NewerError{head.Version}
	}
	var in reportJSON
	switch err := json.Unmarshal(text, &in); {
	case err != nil:
		return nil, err
	case in.Version < 1 || in.Results == nil:
		return nil, errors.New("version or results is missing")
	}
	past := &Past{in.Fleet, in.Error, apply.Report{
		Began: in.Began, Took: duration(in.Seconds), Interrupted: in.Interrupted, Trail: in.trail(),
	}}
	for _, j := range in.Results {
		switch j.Outcome {
		case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		default:
			return nil, fmt.Errorf("%s ended in %q, which is no outcome", j.Address, string(j.Outcome))
		}
		x := apply.Result{
			Step:    &plan.Step{Address: j.Address, Name: j.Name, Action: j.Action, Blocked: j.Blocked, ID: j.ID},
			Outcome: j.Outcome, ID: j.ID, State: j.State, Lost: j.Lost, Began: j.Began, Took: duration(j.Seconds), Trail: j.trail(),
		}
		if j.Error != "" {
			x.Err = errors.New(j.Error)
		}
		past.Results = append(past.Results, x)
	}
	return past, nil
}

// A NewerError refuses a report of a version that is not known.
type NewerError struct{ Version int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("a report of version %d, and this fleet reads %d; use a newer fleet", e.Version, version)
}
