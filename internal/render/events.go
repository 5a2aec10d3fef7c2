package render

import (
	"encoding/json"
	"io"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// An eventName is the type of an event in a stream.
type eventName string

// The events. A stream begins with planned and ends with ended; the others are
// events of steps.
const (
	eventPlanned     eventName = "planned"     // the plan was made; summary counts its steps
	eventWorking     eventName = "working"     // an operation of a step started
	eventUploading   eventName = "uploading"   // the local files that the image of a step copies are sent
	eventLogged      eventName = "logged"      // the build of a step wrote a line
	eventPausing     eventName = "pausing"     // the rollout of a step waits between two waves; text is the reason
	eventDraining    eventName = "draining"    // the run stops, and an operation is still running
	eventDone        eventName = "done"        // a step was done completely
	eventFailed      eventName = "failed"      // a step failed
	eventSkipped     eventName = "skipped"     // a step was never started
	eventInterrupted eventName = "interrupted" // a step was started, and not finished when the run stopped
	eventRolledBack  eventName = "rolled back" // a rollout failed, and a finished step of it was undone
	eventEnded       eventName = "ended"       // the run has ended; outcomes counts the steps
)

// eventJSON is an event as JSON.
type eventJSON struct {
	Version int       `json:"version"`
	Event   eventName `json:"event"`
	Time    time.Time `json:"time"`
	Fleet   string    `json:"fleet"`
	locationJSON
	Address   string       `json:"address,omitempty"` // of the step, like the fields up to seconds
	Action    *plan.Action `json:"action,omitempty"`
	Name      string       `json:"name,omitempty"` // on Daytona
	ID        string       `json:"id,omitempty"`   // of the object, when known
	Operation plan.Verb    `json:"operation,omitempty"`
	Text      string       `json:"text,omitempty"`             // a line of a log, or the reason of a pause
	Bytes     int64        `json:"bytes,omitempty"`            // that were uploaded
	Total     int64        `json:"total_bytes,omitempty"`      // that are to be uploaded
	Rate      float64      `json:"bytes_per_second,omitempty"` // since the first byte was uploaded
	Error     string       `json:"error,omitempty"`
	Log       []string     `json:"build_log,omitempty"` // last lines of the log of a build that failed
	Lost      string       `json:"lost,omitempty"`      // data that was deleted although the step was not done
	Blocked   *plan.Block  `json:"blocked,omitempty"`
	Seconds   float64      `json:"seconds,omitempty"` // since the start of the step; for ended, since the start of the run
	Summary   *plan.Counts `json:"summary,omitempty"`
	Outcomes  *outcomes    `json:"outcomes,omitempty"`
}

// outcomes counts steps by their outcome.
type outcomes struct {
	Done        int `json:"done"`
	Failed      int `json:"failed"`
	Skipped     int `json:"skipped"`
	Interrupted int `json:"interrupted"`
	RolledBack  int `json:"rolled_back,omitempty"`
}

func outcomesFromReport(r *apply.Report) *outcomes {
	return &outcomes{
		Done: r.Count(apply.Done), Failed: r.Count(apply.Failed), Skipped: r.Count(apply.Skipped),
		Interrupted: r.Count(apply.Interrupted), RolledBack: r.Count(apply.RolledBack),
	}
}

// An EventWriter writes a line of JSON for each event of a run. Its methods must
// be called from one goroutine.
type EventWriter struct {
	out   *json.Encoder
	fleet string
	now   func() time.Time
	err   error
}

// NewEventWriter returns a writer for the runs of a fleet. Each event is written
// immediately.
func NewEventWriter(w io.Writer, fleet string) *EventWriter {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &EventWriter{out: out, fleet: fleet, now: time.Now}
}

// Planned starts the stream of a run.
func (e *EventWriter) Planned(p *plan.Plan) {
	c := p.Counts()
	e.write(eventJSON{Event: eventPlanned, locationJSON: locationFromPlan(p), Summary: &c})
}

// Event writes an event of a step.
func (e *EventWriter) Event(x apply.Event) {
	j := eventJSON{
		Event: eventName(x.Phase), Address: x.Step.Address.String(), Action: &x.Step.Action, Name: x.Step.Name,
		ID: x.ID, Operation: x.Verb, Bytes: x.Upload.Sent, Total: x.Upload.Total, Rate: x.Upload.Rate,
		Text: x.Text, Log: x.BuildLog, Lost: x.Lost, Seconds: x.Duration.Seconds(), Blocked: x.Step.Blocked,
	}
	if x.Err != nil {
		j.Error = x.Err.Error()
	}
	e.write(j)
}

// Ended ends the stream. It returns the first error of writing it.
func (e *EventWriter) Ended(r *apply.Report) error {
	e.write(eventJSON{Event: eventEnded, Seconds: r.Duration.Seconds(), Outcomes: outcomesFromReport(r)})
	return e.err
}

// Refused writes the stream of a plan that is not run.
func (e *EventWriter) Refused(p *plan.Plan, r *apply.Report) error {
	e.Planned(p)
	for _, x := range r.Results {
		e.Event(apply.Event{Phase: x.Outcome, Step: x.Step, ID: x.ID, Err: x.Err})
	}
	return e.Ended(r)
}

func (e *EventWriter) write(j eventJSON) {
	j.Version, j.Fleet, j.Time = jsonVersion, e.fleet, e.now().UTC()
	if err := e.out.Encode(j); err != nil && e.err == nil {
		e.err = err
	}
}
