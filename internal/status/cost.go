package status

import (
	"math"

	"fleet/plan"
	"fleet/spec"
)

// costPerHour returns what a sandbox costs per hour in its current state: a stopped one
// costs its disk only. It returns nil if that is not known: without prices, if the server
// did not report the size, and while it runs with GPUs, which have no price.
func costPerHour(prices *spec.Prices, o *plan.Object) *float64 {
	size := o.Footprint(spec.SandboxKind)
	if size == (spec.Footprint{}) {
		return nil
	}
	return prices.Hourly(size.InState(o.State))
}

// addCost adds the cost of a sandbox. A cost that is not known is counted.
func (c *Count) addCost(perHour *float64) {
	if perHour == nil {
		c.UnknownCosts++
		return
	}
	sum := *perHour
	if c.CostPerHour != nil {
		sum += *c.CostPerHour
	}
	sum = math.Round(sum*1e9) / 1e9 // a sum of decimals is no decimal
	c.CostPerHour = &sum
}
