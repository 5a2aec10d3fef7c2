package apply

import (
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
)

// A Result is how one step ended.
type Result struct {
	Step       *plan.Step
	Outcome    Phase             // Done, Failed, Skipped, Interrupted or RolledBack
	ID         string            // of the object; empty if there is none
	Err        error             // nil for Done
	BuildLog   []string          // last lines of the log, if the image could not be built; without secrets
	Lost       string            // what was deleted although the step is not done, in words; empty for nothing
	Start      time.Time         // zero for a step that never started
	Duration   time.Duration     // from Start; zero for a step that never started
	State      string            // that the object was last seen in, "gone" if it no longer existed; empty if it was not read
	RequestLog client.RequestLog // of the requests for the step
}

// A Report is how a run ended: one result for each step that had operations, in the
// order of the plan. The RateLimitWait of its RequestLog is the time that rate limits
// cost the run: waits of several steps at the same time count once.
type Report struct {
	Results     []Result
	Start       time.Time
	Duration    time.Duration
	Interrupted bool              // the caller stopped the run before its end
	RequestLog  client.RequestLog // of the whole run, polls for many steps at once included
	Concurrency Concurrency       // zero if the options set the parallelism
}

// Count returns the number of results with an outcome.
func (r *Report) Count(outcome Phase) int {
	n := 0
	for _, x := range r.Results {
		if x.Outcome == outcome {
			n++
		}
	}
	return n
}

// Partial reports whether the run changed something although not everything was done:
// a step is done or was rolled back, or has deleted something.
func (r *Report) Partial() bool {
	return !r.OK() && slices.ContainsFunc(r.Results, func(x Result) bool {
		return x.Outcome == Done || x.Outcome == RolledBack || x.Lost != ""
	})
}

// IDs returns the ids of the objects of all results.
func (r *Report) IDs() []string {
	var ids []string
	for _, x := range r.Results {
		if x.ID != "" {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// OK reports whether everything was done.
func (r *Report) OK() bool { return r.Count(Done) == len(r.Results) }
