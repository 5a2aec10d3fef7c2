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
	State   string       `json:"state,omitempty"` // last observed state of the object
	Error   string       `json:"error,omitempty"`
	Log     []string     `json:"build_log,omitempty"` // last lines of the log, if the image could not be built
	Lost    string       `json:"lost,omitempty"`      // data that was deleted although the step was not done
	Blocked *plan.Block  `json:"blocked,omitempty"`
	Start   time.Time    `json:"began,omitzero"`
	Seconds float64      `json:"seconds"`
	requestLogJSON
}

// requestLogJSON counts requests.
type requestLogJSON struct {
	Requests    int      `json:"requests,omitempty"`           // attempts
	Retries     int      `json:"retries,omitempty"`            // attempts after the first one of a call
	RateLimited int      `json:"limited,omitempty"`            // attempts that a rate limit refused
	Wait        float64  `json:"waited_seconds,omitempty"`     // for rate limits and retries, the sum of all steps
	LimitWait   float64  `json:"rate_limit_seconds,omitempty"` // in which requests waited for rate limits, steps at the same time counted once
	RequestIDs  []string `json:"request_ids,omitempty"`        // of the last requests, for the support of Daytona
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
	Error       string       `json:"error,omitempty"` // why the run made no plan
	requestLogJSON
}

// locationJSON identifies the environment and the server of a fleet.
type locationJSON struct {
	Environment  string `json:"environment,omitempty"`  // of the spec
	Server       string `json:"server,omitempty"`       // its URL, or local
	Organization string `json:"organization,omitempty"` // its id, when it is known

	ObservedAt time.Time `json:"observed_at,omitzero"` // when fleet started to read what exists
}

func locationFromPlan(p *plan.Plan) locationJSON {
	return locationJSON{p.Environment, p.Server, p.Organization, p.ObservedAt}
}

// ReportJSON writes the report of a run as JSON.
func ReportJSON(w io.Writer, p *plan.Plan, r *apply.Report) error {
	out := reportJSON{
		Version: jsonVersion, Fleet: p.Fleet, locationJSON: locationFromPlan(p), Summary: p.Counts(), Outcomes: outcomesFromReport(r), Results: []resultJSON{},
		Start: jsonTime(r.Start), Seconds: r.Duration.Seconds(), Interrupted: r.Interrupted, requestLogJSON: requestLogJSONFrom(r.RequestLog),
	}
	for _, x := range r.Results {
		j := resultJSON{
			Address: x.Step.Address, Name: x.Step.Name, Action: x.Step.Action, Outcome: x.Outcome, ID: x.ID, State: x.State, Log: x.BuildLog, Lost: x.Lost,
			Blocked: x.Step.Blocked, Start: jsonTime(x.Start), Seconds: x.Duration.Seconds(), requestLogJSON: requestLogJSONFrom(x.RequestLog),
		}
		if x.Err != nil {
			j.Error = x.Err.Error()
		}
		out.Results = append(out.Results, j)
	}
	return writeJSON(w, out)
}

// NoPlanReportJSON writes the report of a run that made no plan, as JSON. about has
// the fleet and its location as far as they are known.
func NoPlanReportJSON(w io.Writer, about *plan.Plan, start time.Time, err error) error {
	return writeJSON(w, reportJSON{
		Version: jsonVersion, Fleet: about.Fleet, locationJSON: locationFromPlan(about), Results: []resultJSON{},
		Start: jsonTime(start), Seconds: time.Since(start).Seconds(), Error: err.Error(),
	})
}

// jsonTime returns a time as it is written: in UTC, in milliseconds.
func jsonTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func requestLogJSONFrom(t client.RequestLog) requestLogJSON {
	return requestLogJSON{t.Requests, t.Retries, t.RateLimited, t.Delayed().Seconds(), t.RateLimitWait.Seconds(), t.RequestIDs}
}

func (t requestLogJSON) requestLog() client.RequestLog {
	limited := durationFromSeconds(t.LimitWait)
	return client.RequestLog{
		Requests: t.Requests, Retries: t.Retries, RateLimited: t.RateLimited, Wait: durationFromSeconds(t.Wait), RequestIDs: t.RequestIDs,
		Throttled: limited, RateLimitWait: limited,
	}
}

// durationFromSeconds returns a duration that was written in seconds, rounded to
// microseconds.
func durationFromSeconds(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}

// A StoredReport is a report that was read from a file.
type StoredReport struct {
	Fleet string
	Error string // why the run made no plan; empty if it made one
	apply.Report

	Text  json.RawMessage // the report as it was stored
	Style Style           // of its table
}

// ReadReport reads a report that ReportJSON or NoPlanReportJSON wrote. Its steps
// only have an address, a name, an action, an id and a block.
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
			return nil, fmt.Errorf("%s has the unknown outcome %q", j.Address, string(j.Outcome))
		}
		x := apply.Result{
			Step:    &plan.Step{Address: j.Address, Name: j.Name, Action: j.Action, Blocked: j.Blocked, ID: j.ID},
			Outcome: j.Outcome, ID: j.ID, State: j.State, BuildLog: j.Log, Lost: j.Lost, Start: j.Start, Duration: durationFromSeconds(j.Seconds), RequestLog: j.requestLog(),
		}
		if j.Error != "" {
			x.Err = errors.New(j.Error)
		}
		past.Results = append(past.Results, x)
	}
	return past, nil
}

// A NewerVersionError is the error for a report of an unknown version.
type NewerVersionError struct{ Version int }

func (e *NewerVersionError) Error() string {
	return fmt.Sprintf("a report of version %d, but this fleet reads only version %d; use a newer fleet", e.Version, jsonVersion)
}
