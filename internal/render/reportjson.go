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
	Start   time.Time    `json:"began,omitzero"`
	Seconds float64      `json:"seconds"`
	requestLogJSON
}

// requestLogJSON is what was sent.
type requestLogJSON struct {
	Requests    int      `json:"requests,omitempty"`       // attempts
	Retries     int      `json:"retries,omitempty"`        // of them, those after the first of a call
	RateLimited int      `json:"limited,omitempty"`        // of them, those that a rate limit turned away
	Wait        float64  `json:"waited_seconds,omitempty"` // for rate limits and before retries, summed over all requests
	RequestIDs  []string `json:"request_ids,omitempty"`    // of the last requests, for the support of the server
}

type reportJSON struct {
	Version int    `json:"version"`
	Fleet   string `json:"fleet"`
	locationJSON
	Summary     plan.Counts  `json:"summary"` // of the plan
	Outcomes    *outcomes    `json:"outcomes,omitempty"`
	Results     []resultJSON `json:"results"`
	Start       time.Time    `json:"began,omitzero"`
	Seconds     float64      `json:"seconds"`
	Interrupted bool         `json:"interrupted,omitempty"`
	Error       string       `json:"error,omitempty"` // why there was no plan to carry out
	requestLogJSON
}

// locationJSON is where a fleet is.
type locationJSON struct {
	Environment  string `json:"environment,omitempty"`  // of the spec
	Server       string `json:"server,omitempty"`       // its URL, or local
	Organization string `json:"organization,omitempty"` // its id, when it is known

	ObservedAt time.Time `json:"observed_at,omitzero"` // when the reading of what exists began
}

func locationFromPlan(p *plan.Plan) locationJSON {
	return locationJSON{p.Environment, p.Server, p.Organization, p.ObservedAt}
}

// ReportJSON writes how a plan was carried out for programs.
func ReportJSON(w io.Writer, p *plan.Plan, r *apply.Report) error {
	out := reportJSON{
		Version: jsonVersion, Fleet: p.Fleet, locationJSON: locationFromPlan(p), Summary: p.Counts(), Outcomes: outcomesFromReport(r), Results: []resultJSON{},
		Start: jsonTime(r.Start), Seconds: r.Duration.Seconds(), Interrupted: r.Interrupted, requestLogJSON: requestLogJSONFrom(r.RequestLog),
	}
	for _, x := range r.Results {
		j := resultJSON{
			Address: x.Step.Address, Name: x.Step.Name, Action: x.Step.Action, Outcome: x.Outcome, ID: x.ID, State: x.State, Lost: x.Lost,
			Blocked: x.Step.Blocked, Start: jsonTime(x.Start), Seconds: x.Duration.Seconds(), requestLogJSON: requestLogJSONFrom(x.RequestLog),
		}
		if x.Err != nil {
			j.Error = x.Err.Error()
		}
		out.Results = append(out.Results, j)
	}
	return writeJSON(w, out)
}

// NoPlanReportJSON writes the report of a run that came to no plan; about names the
// fleet and where it is.
func NoPlanReportJSON(w io.Writer, about *plan.Plan, start time.Time, err error) error {
	return writeJSON(w, reportJSON{
		Version: jsonVersion, Fleet: about.Fleet, locationJSON: locationFromPlan(about), Results: []resultJSON{},
		Start: jsonTime(start), Seconds: time.Since(start).Seconds(), Error: err.Error(),
	})
}

// jsonTime is a time as it is written: in UTC, to the millisecond.
func jsonTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func requestLogJSONFrom(t client.RequestLog) requestLogJSON {
	return requestLogJSON{t.Requests, t.Retries, t.RateLimited, t.Wait.Seconds(), t.RequestIDs}
}

func (t requestLogJSON) requestLog() client.RequestLog {
	return client.RequestLog{Requests: t.Requests, Retries: t.Retries, RateLimited: t.RateLimited, Wait: durationFromSeconds(t.Wait), RequestIDs: t.RequestIDs}
}

// durationFromSeconds is a time that was written in seconds, which are not exact.
func durationFromSeconds(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}

// A StoredReport is a report that was read again.
type StoredReport struct {
	Fleet string
	Error string // why the run made no plan; empty if it made one
	apply.Report

	Text  json.RawMessage // the report as it was stored
	Style Style           // of its table
}

// ReadReport reads what ReportJSON and NoPlanReportJSON write. Of the steps it has
// the address, the name, the action and what blocked it.
func ReadReport(text []byte) (*StoredReport, error) {
	var head struct{ Version int }
	if err := json.Unmarshal(text, &head); err == nil && head.Version > jsonVersion {
		return nil, &NewerVersionError{head.Version}
	}
	var in reportJSON
	switch err := json.Unmarshal(text, &in); {
	case err != nil:
		return nil, err
	case in.Version < 1 || in.Results == nil:
		return nil, errors.New("version or results is missing")
	}
	past := &StoredReport{Fleet: in.Fleet, Error: in.Error, Text: text, Report: apply.Report{
		Start: in.Start, Duration: durationFromSeconds(in.Seconds), Interrupted: in.Interrupted, RequestLog: in.requestLog(),
	}}
	for _, j := range in.Results {
		switch j.Outcome {
		case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		default:
			return nil, fmt.Errorf("%s ended in %q, which is no outcome", j.Address, string(j.Outcome))
		}
		x := apply.Result{
			Step:    &plan.Step{Address: j.Address, Name: j.Name, Action: j.Action, Blocked: j.Blocked, ID: j.ID},
			Outcome: j.Outcome, ID: j.ID, State: j.State, Lost: j.Lost, Start: j.Start, Duration: durationFromSeconds(j.Seconds), RequestLog: j.requestLog(),
		}
		if j.Error != "" {
			x.Err = errors.New(j.Error)
		}
		past.Results = append(past.Results, x)
	}
	return past, nil
}

// A NewerVersionError refuses a report of a version that is not known.
type NewerVersionError struct{ Version int }

func (e *NewerVersionError) Error() string {
	return fmt.Sprintf("a report of version %d, and this fleet reads %d; use a newer fleet", e.Version, jsonVersion)
}
