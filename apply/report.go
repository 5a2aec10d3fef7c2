package apply

import (
	"time"

	"fleet/plan"
)

// An Event tells of the progress of one step. Everything visible is made of
// events: progress, logs, counts, reports.
type Event struct {
	Phase Phase
	Step  *plan.Step
	Verb  plan.Verb     // what the step does now; for Working
	Text  string        // a line of the build's log; for Logged
	ID    string        // of the object, when known
	Err   error         // why; for Failed, Skipped and Interrupted
	Took  time.Duration // since the step began; zero for steps that never did
}

// A Phase is where a step stands.
type Phase string

// The phases. Each step ends in exactly one of Done, Failed, Skipped and
// Interrupted.
const (
	Working     Phase = "working"     // began with an operation
	Draining    Phase = "draining"    // the run was told to stop, and this request is let finish
	Logged      Phase = "logged"      // its build wrote a line
	Done        Phase = "done"        // all of it took effect
	Failed      Phase = "failed"      // something went wrong; what was done stays done
	Skipped     Phase = "skipped"     // never begun
	Interrupted Phase = "interrupted" // begun, and left as it was when the run was stopped
)

// A redactedError is an error whose text was cleared of secrets.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redacted is err without the secret values of the step's resource: servers
// repeat what they were sent.
func redacted(s *plan.Step, err error) error {
	if err == nil || s.Want == nil {
		return err
	}
	if text := s.Want.Redact(err.Error()); text != err.Error() {
		return &redactedError{text, err}
	}
	return err
}

// A Result is how one step ended.
type Result struct {
	Step    *plan.Step
	Outcome Phase
	ID      string // of the object; empty when there is none
	Err     error  // nil for Done
	Took    time.Duration
}

// A Report is how a run ended: one result for each step that had something to
// do, in the order of the plan.
type Report struct {
	Results     []Result
	Took        time.Duration
	Interrupted bool // the run was stopped before it was through
}

// Count counts the results with an outcome.
func (r *Report) Count(outcome Phase) int {
	n := 0
	for _, x := range r.Results {
		if x.Outcome == outcome {
			n++
		}
	}
	return n
}

// OK reports whether everything was done.
func (r *Report) OK() bool { return r.Count(Done) == len(r.Results) }
