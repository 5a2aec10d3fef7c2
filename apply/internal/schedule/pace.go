package schedule

import (
	"cmp"

	"fleet/plan"
)

// A Pace is what is known about a server before a run. The zero Pace knows nothing.
type Pace struct {
	// Burst returns how many operations of a class the rate limits let start at once; 0
	// if there is no limit. known is false until the server or an earlier run has shown
	// it. A nil Burst knows nothing.
	Burst func(class plan.RequestClass) (n int, known bool)

	// Reached are the numbers of operations at once that an earlier run has reached; 0
	// for a class that it did not use.
	Reached [plan.NumRequestClasses]int
}

// start returns how many operations of a class run at once at first: as many as the
// rate limits allow, unless an earlier run has found that the server manages fewer.
func (p Pace) start(class plan.RequestClass, maxWorkers int) (n int, known bool) {
	if class == plan.BuildRequests || class == plan.ToolboxRequests { // rate limits do not apply to them
		return cmp.Or(p.Reached[class], initialLimit), true
	}
	if p.Burst == nil {
		return 0, false
	}
	if n, known = p.Burst(class); !known {
		return 0, false
	}
	if n == 0 {
		n = maxWorkers
	}
	if reached := p.Reached[class]; reached > 0 {
		n = min(n, reached)
	}
	return n, true
}

// SetPace lets the numbers of operations at once start at those of p. It has no effect
// if the caller of NewLimits has set a number.
func (s *Schedule) SetPace(p Pace) {
	for class, l := range s.limiters {
		l.startAt(func() (int, bool) { return p.start(plan.RequestClass(class), s.limits.maxWorkers) })
	}
}

// Reached returns the numbers of operations at once that the run has reached, for the
// Pace of a later one; 0 for a class that it did not use, or whose number the caller has
// set.
func (s *Schedule) Reached() [plan.NumRequestClasses]int {
	var reached [plan.NumRequestClasses]int
	for class, l := range s.limiters {
		reached[class] = l.reached()
	}
	return reached
}
