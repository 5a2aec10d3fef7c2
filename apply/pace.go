package apply

import (
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
)

// A Concurrency is how many operations of each class ran at once at the end of a run
// that adapted to the server. It is 0 for a class that the run did not use.
type Concurrency struct {
	Create    int `json:"create,omitempty"`    // creations without a build
	Build     int `json:"build,omitempty"`     // creations that build an image
	Lifecycle int `json:"lifecycle,omitempty"` // starts, stops and deletions
	Update    int `json:"update,omitempty"`    // all other writes
	Toolbox   int `json:"toolbox,omitempty"`   // commands and probes
}

// field returns the number of a class.
func (c *Concurrency) field(class plan.RequestClass) *int {
	return map[plan.RequestClass]*int{
		plan.CreateRequests: &c.Create, plan.BuildRequests: &c.Build, plan.LifecycleRequests: &c.Lifecycle,
		plan.UpdateRequests: &c.Update, plan.ToolboxRequests: &c.Toolbox,
	}[class]
}

// Or returns the concurrency with the numbers of other for the classes that the run did
// not use.
func (c Concurrency) Or(other Concurrency) Concurrency {
	for class := range plan.NumRequestClasses {
		if n := c.field(class); *n == 0 {
			*n = *other.field(class)
		}
	}
	return c
}

// rateClasses are the limits that most requests of a class count in.
var rateClasses = map[plan.RequestClass]client.RateClass{
	plan.CreateRequests: client.RateCreate, plan.LifecycleRequests: client.RateLifecycle, plan.UpdateRequests: client.RateGeneral,
}

// newPace returns what is known about the server of a client.
func newPace(api *client.Client, reached Concurrency) schedule.Pace {
	p := schedule.Pace{Burst: func(class plan.RequestClass) (int, bool) { return api.Burst(rateClasses[class]) }}
	for class := range p.Reached {
		p.Reached[class] = *reached.field(plan.RequestClass(class))
	}
	return p
}

// concurrencyOf returns the numbers that a schedule has reached.
func concurrencyOf(s *schedule.Schedule) Concurrency {
	var c Concurrency
	for class, n := range s.Reached() {
		*c.field(plan.RequestClass(class)) = n
	}
	return c
}
