package render

import (
	"encoding/json"
	"io"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// An eventName is what a line of the stream of events tells of.
type eventName string

// The events. A stream begins with planned and ends with ended; in between are
// those of the steps.
const (
	eventPlanned     eventName = "planned"     // the plan was made; summary counts its steps
	eventWorking     eventName = "working"     // a step began with an operation
	eventLogged      eventName = "logged"      // the build of a step wrote a line
	eventPausing     eventName = "pausing"     // the rollout of a step waits between two waves; text says for what
	eventDraining    eventName = "draining"    // the run was told to stop, and a request is let finish
	eventDone        eventName = "done"        // all of a step took effect
	eventFailed      eventName = "failed"      // something went wrong with a step
	eventSkipped     eventName = "skipped"     // a step was never begun
	eventInterrupted eventName = "interrupted" // a step was begun, and left as it was when the run was stopped
	eventRolledBack  eventName = "rolled back" // a rollout failed, and a step of it that had ended is undone
	eventEnded       eventName = "ended"       // the run is over; outcomes counts the steps
)

// eventJSON is an event as programs read it.
type eventJSON struct {
	Version int       `json:"version"`
	Event   eventName `json:"event"`
	Time    time.Time `json:"time"`
	Fleet   string    `json:"fleet"`
	locationJSON
	Address   string       `json:"address,omitempty"` // of the step, as are the fields up to seconds
	Action    *plan.Action `json:"action,omitempty"`
	Name      string       `json:"name,omitempty"` // on Daytona
	ID        string       `json:"id,omitempty"`   // of the object, when known
	Operation plan.Verb    `json:"operation,omitempty"`
	Text      string       `json:"text,omitempty"` // a line of the build's log, or what a rollout waits for
	Error     string       `json:"error,omitempty"`
	Lost      string       `json:"lost,omitempty"` // what was deleted though the step was not done
	Blocked   *plan.Block  `json:"blocked,omitempty"`
	Seconds   float64      `json:"seconds,omitempty"` // since the step began; of ended, since the run began
	Summary   *plan.Counts `json:"summary,omitempty"`
	Outcomes  *outcomes    `json:"outcomes,omitempty"`
}

// outcomes counts steps by how they ended.
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

// EventWriter writes what happens in a run, a line of JSON for each event. Its
// methods are called from one goroutine.
type EventWriter struct {
	out   *json.Encoder
	fleet string
	now   func() time.Time
	err   error
}

// NewEventWriter writes the events of a fleet's run. Each is written at once.
func NewEventWriter(w io.Writer, fleet string) *EventWriter {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &EventWriter{out: out, fleet: fleet, now: time.Now}
}

// Planned begins the stream.
func (e *EventWriter) Planned(p *plan.Plan) {
	c := p.Counts()
	e.write(eventJSON{Event: eventPlanned, locationJSON: locationFromPlan(p), Summary: &c})
}

// Event tells of a step.
func (e *EventWriter) Event(x apply.Event) {
	j := eventJSON{
		Event: eventName(x.Phase), Address: x.Step.Address.String(), Action: &x.Step.Action, Name: x.Step.Name,
		ID: x.ID, Operation: x.Verb, Text: x.Text, Lost: x.Lost, Seconds: x.Duration.Seconds(), Blocked: x.Step.Blocked,
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

// Refused is the stream of a plan that is not carried out.
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
