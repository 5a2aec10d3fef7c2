package progress

import (
	"slices"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// A progressState is the state of a run after some of its events.
type progressState struct {
	total            int                          // number of steps that do something
	outcomes         map[spec.Address]apply.Phase // of steps that do something
	counts           map[apply.Phase]int          // of outcomes
	activeSteps      []*activeStep                // in the order of their start; ended ones are removed later
	activeByAddress  map[spec.Address]*activeStep
	pauses           []rolloutPause
	rateLimitedUntil time.Time // end of the wait for a rate limit; zero if requests do not wait
	throughput       throughput
}

// An activeStep is a running step.
type activeStep struct {
	address spec.Address
	step    *plan.Step
	verb    plan.Verb
	start   time.Time
	log     []string // the last lines of its build
	upload  string   // how far its upload has come; empty if nothing is uploaded
	ended   bool

	uploadShown time.Time // when a line about its upload was last printed; zero for never
}

// A rolloutPause is a rollout that waits between two waves.
type rolloutPause struct {
	group spec.Address
	text  string // what it waits for
}

// maxBuildLogLines is the number of lines of a log that are shown if the build
// fails.
const maxBuildLogLines = 40

func newProgressState(total int, now time.Time) *progressState {
	return &progressState{
		total: total, outcomes: map[spec.Address]apply.Phase{}, counts: map[apply.Phase]int{},
		activeByAddress: map[spec.Address]*activeStep{}, throughput: throughput{start: now},
	}
}

// addEvent adds an event. It returns the active step, which is nil if the step
// was never started, and has ended if the event ends it.
func (c *progressState) addEvent(e apply.Event, now time.Time) *activeStep {
	at := e.Step.Address
	f := c.activeByAddress[at]
	switch e.Phase {
	case apply.Pausing:
		c.endPause(at)
		c.pauses = append(c.pauses, rolloutPause{at.GroupAddress(), term.Printable(e.Text)})
	case apply.Uploading:
		if f != nil {
			f.setUpload(e.Upload)
		}
	case apply.Logged:
		if f != nil {
			f.log = append(f.log[max(len(f.log)-maxBuildLogLines+1, 0):], term.LogLine(e.Text))
		}
	case apply.Working:
		c.endPause(at)
		if f == nil {
			f = &activeStep{address: at, step: e.Step, start: now}
			c.activeByAddress[at] = f
			c.activeSteps = append(c.activeSteps, f)
		}
		f.verb, f.upload = e.Verb, ""
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		c.endStep(e, f, now)
	}
	return f
}

// endStep ends a step, or changes the outcome of one that has ended.
func (c *progressState) endStep(e apply.Event, f *activeStep, now time.Time) {
	at := e.Step.Address
	c.endPause(at)
	if f != nil {
		f.ended = true
		delete(c.activeByAddress, at)
	}
	if e.Step.Action == plan.NoOp { // the run only waited for it
		return
	}
	previous, repeated := c.outcomes[at]
	if repeated {
		c.counts[previous]--
	} else if e.Phase == apply.Done || e.Phase == apply.Failed {
		c.throughput.record(now)
	}
	c.outcomes[at] = e.Phase
	c.counts[e.Phase]++
}

// endPause ends the pause of the rollout of a step.
func (c *progressState) endPause(at spec.Address) {
	if len(c.pauses) > 0 {
		c.pauses = slices.DeleteFunc(c.pauses, func(r rolloutPause) bool { return r.group == at.GroupAddress() })
	}
}

// endedCount returns the number of steps that have ended. A step that is rolled
// back has ended too.
func (c *progressState) endedCount() int { return min(len(c.outcomes), c.total) }

// fraction returns how many of all steps have ended, such as 412/1,000.
func (c *progressState) fraction() string {
	return plan.FormatInt(c.endedCount()) + "/" + plan.FormatInt(c.total)
}

// remaining returns the number of steps that have not ended.
func (c *progressState) remaining() int { return c.total - c.endedCount() }

// inFlight returns the running steps, the longest first.
func (c *progressState) inFlight() []*activeStep {
	c.activeSteps = slices.DeleteFunc(c.activeSteps, func(f *activeStep) bool { return f.ended })
	return c.activeSteps
}

// slowestBuild returns the step with the oldest build that has a log, or nil.
func (c *progressState) slowestBuild() *activeStep {
	for _, f := range c.activeSteps {
		if !f.ended && len(f.log) > 0 {
			return f
		}
	}
	return nil
}
