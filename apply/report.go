package apply

import (
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
)

// An Event tells of the progress of one step. Everything visible is made of
// events: progress, logs, counts, reports.
type Event struct {
	Phase    Phase
	Step     *plan.Step
	Verb     plan.Verb     // what the step does now, for Working; what wrote the line, for Logged
	Text     string        // a line of the build's log or of a hook, for Logged; what is waited for, for Pausing
	ID       string        // of the object, when known
	Err      error         // why; for Failed, Skipped and Interrupted
	Lost     string        // what was deleted though the step was not done, in words; empty for nothing
	Duration time.Duration // since the step began; zero for steps that never did
}

// A Phase is where a step stands.
type Phase string

// The phases. Each step ends in exactly one of Done, Failed, Skipped and
// Interrupted; what is Done or Failed in a rollout may be RolledBack after that,
// or Failed or Interrupted where that was begun and not done.
const (
	Working     Phase = "working"     // began with an operation
	Draining    Phase = "draining"    // the run was told to stop, and this request is let finish
	Logged      Phase = "logged"      // its build or a hook of it wrote a line
	Pausing     Phase = "pausing"     // its rollout waits between two waves
	Done        Phase = "done"        // all of it took effect
	Failed      Phase = "failed"      // something went wrong; what was done stays done
	Skipped     Phase = "skipped"     // never begun
	Interrupted Phase = "interrupted" // begun, and left as it was when the run was stopped
	RolledBack  Phase = "rolled back" // its rollout failed, and it is again as it was
)

// A redactedError is an error whose text was cleared of secrets.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redactError is err without the secret values of the step's resource: servers
// repeat what they were sent.
func redactError(s *plan.Step, err error) error {
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
	Step       *plan.Step
	Outcome    Phase
	ID         string // of the object; empty when there is none
	Err        error  // nil for Done
	Lost       string // what was deleted though the step was not done, in words; empty for nothing
	Start      time.Time
	Duration   time.Duration
	State      string // that its object was last seen in; empty when it was not looked at, or is gone
	RequestLog client.RequestLog
}

// A Report is how a run ended: one result for each step that had something to
// do, in the order of the plan.
type Report struct {
	Results     []Result
	Start       time.Time
	Duration    time.Duration
	Interrupted bool              // the run was stopped before it was through
	RequestLog  client.RequestLog // of the whole run, what was read for many steps at once included
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

// Partial reports whether the run changed something for good though not everything
// was done: steps that are done or were rolled back, and steps that have deleted
// something.
func (r *Report) Partial() bool {
	return !r.OK() && slices.ContainsFunc(r.Results, func(x Result) bool {
		return x.Outcome == Done || x.Outcome == RolledBack || x.Lost != ""
	})
}

// OK reports whether everything was done.
func (r *Report) OK() bool { return r.Count(Done) == len(r.Results) }
