package render

import (
	"slices"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// A course is how far a run has come: what its events add up to.
type course struct {
	total   int
	ended   map[spec.Address]apply.Phase // how the steps that do something ended
	counts  map[apply.Phase]int          // of them
	flights []*flight                    // in the order in which they began; those that ended are swept up later
	flying  map[spec.Address]*flight
	pauses  []rest
	limited time.Time // until when requests wait for a rate limit
	pace    pace
}

// A flight is a step under way.
type flight struct {
	address spec.Address
	step    *plan.Step
	verb    plan.Verb
	since   time.Time
	log     []string // the last lines of its build
	ended   bool
}

// A rest is a rollout that waits between two waves.
type rest struct {
	group spec.Address
	text  string // what it waits for
}

// keptLines is how much of a build's log is shown when the build fails.
const keptLines = 40

func newCourse(total int, now time.Time) *course {
	return &course{
		total: total, ended: map[spec.Address]apply.Phase{}, counts: map[apply.Phase]int{},
		flying: map[spec.Address]*flight{}, pace: pace{began: now},
	}
}

// take adds an event. It returns the flight of the step, which is nil for one
// that never began, and has ended with an event that ends it.
func (c *course) take(e apply.Event, now time.Time) *flight {
	at := e.Step.Address
	f := c.flying[at]
	switch e.Phase {
	case apply.Pausing:
		c.wake(at)
		c.pauses = append(c.pauses, rest{at.Whole(), printable(e.Text)})
	case apply.Logged:
		if f != nil {
			f.log = append(f.log[max(len(f.log)-keptLines+1, 0):], logLine(e.Text))
		}
	case apply.Working:
		c.wake(at)
		if f == nil {
			f = &flight{address: at, step: e.Step, since: now}
			c.flying[at] = f
			c.flights = append(c.flights, f)
		}
		f.verb = e.Verb
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		c.end(e, f, now)
	}
	return f
}

// end ends a step, or an ended one in another way.
func (c *course) end(e apply.Event, f *flight, now time.Time) {
	at := e.Step.Address
	c.wake(at)
	if f != nil {
		f.ended = true
		delete(c.flying, at)
	}
	if e.Step.Action == plan.NoOp { // it was only waited for
		return
	}
	was, again := c.ended[at]
	if again {
		c.counts[was]--
	} else if e.Phase == apply.Done || e.Phase == apply.Failed {
		c.pace.step(now)
	}
	c.ended[at] = e.Phase
	c.counts[e.Phase]++
}

// wake ends the pause of a step's rollout.
func (c *course) wake(at spec.Address) {
	if len(c.pauses) > 0 {
		c.pauses = slices.DeleteFunc(c.pauses, func(r rest) bool { return r.group == at.Whole() })
	}
}

// passed is how many steps have ended. What had ended and is rolled back has
// ended.
func (c *course) passed() int { return min(len(c.ended), c.total) }

// fraction is how many of all have ended, as in 412/1,000.
func (c *course) fraction() string {
	return plan.Grouped(c.passed()) + "/" + plan.Grouped(c.total)
}

// left is how many steps have yet to end.
func (c *course) left() int { return c.total - c.passed() }

// inFlight lists what is under way, the longest first.
func (c *course) inFlight() []*flight {
	c.flights = slices.DeleteFunc(c.flights, func(f *flight) bool { return f.ended })
	return c.flights
}

// slowestBuild is the build that is under way for the longest, nil without one
// that tells of itself.
func (c *course) slowestBuild() *flight {
	for _, f := range c.flights {
		if !f.ended && len(f.log) > 0 {
			return f
		}
	}
	return nil
}
