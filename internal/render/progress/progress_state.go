package progress

import (
	"slices"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// A course is how far a run has come: what its events add up to.
type progressState struct {
	total            int
	outcomes         map[spec.Address]apply.Phase // how the steps that do something ended
	counts           map[apply.Phase]int          // of them
	activeSteps      []*activeStep                // in the order in which they began; those that ended are swept up later
	activeByAddress  map[spec.Address]*activeStep
	pauses           []rolloutPause
	rateLimitedUntil time.Time // until when requests wait for a rate limit
	throughput       throughput
}

// A flight is a step under way.
type activeStep struct {
	address spec.Address
	step    *plan.Step
	verb    plan.Verb
	start   time.Time
	log     []string // the last lines of its build
	ended   bool
}

// A rest is a rollout that waits between two waves.
type rolloutPause struct {
	group spec.Address
	text  string // what it waits for
}

// maxBuildLogLines is how much of a build's log is shown when the build fails.
const maxBuildLogLines = 40

func newProgressState(total int, now time.Time) *progressState {
	return &progressState{
		total: total, outcomes: map[spec.Address]apply.Phase{}, counts: map[apply.Phase]int{},
		activeByAddress: map[spec.Address]*activeStep{}, throughput: throughput{start: now},
	}
}

// addEvent adds an event. It returns the flight of the step, which is nil for one
// that never began, and has ended with an event that ends it.
func (c *progressState) addEvent(e apply.Event, now time.Time) *activeStep {
	at := e.Step.Address
	f := c.activeByAddress[at]
	switch e.Phase {
	case apply.Pausing:
		c.endPause(at)
		c.pauses = append(c.pauses, rolloutPause{at.GroupAddress(), term.Printable(e.Text)})
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
		f.verb = e.Verb
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		c.endStep(e, f, now)
	}
	return f
}

// endStep ends a step, or an ended one in another way.
func (c *progressState) endStep(e apply.Event, f *activeStep, now time.Time) {
	at := e.Step.Address
	c.endPause(at)
	if f != nil {
		f.ended = true
		delete(c.activeByAddress, at)
	}
	if e.Step.Action == plan.NoOp { // it was only waited for
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

// endPause ends the pause of a step's rollout.
func (c *progressState) endPause(at spec.Address) {
	if len(c.pauses) > 0 {
		c.pauses = slices.DeleteFunc(c.pauses, func(r rolloutPause) bool { return r.group == at.GroupAddress() })
	}
}

// endedCount is how many steps have ended. What had ended and is rolled back has
// ended.
func (c *progressState) endedCount() int { return min(len(c.outcomes), c.total) }

// fraction is how many of all have ended, as in 412/1,000.
func (c *progressState) fraction() string {
	return plan.FormatInt(c.endedCount()) + "/" + plan.FormatInt(c.total)
}

// remaining is how many steps have yet to end.
func (c *progressState) remaining() int { return c.total - c.endedCount() }

// inFlight lists what is under way, the longest first.
func (c *progressState) inFlight() []*activeStep {
	c.activeSteps = slices.DeleteFunc(c.activeSteps, func(f *activeStep) bool { return f.ended })
	return c.activeSteps
}

// slowestBuild is the build that is under way for the longest, nil without one
// that tells of itself.
func (c *progressState) slowestBuild() *activeStep {
	for _, f := range c.activeSteps {
		if !f.ended && len(f.log) > 0 {
			return f
		}
	}
	return nil
}
