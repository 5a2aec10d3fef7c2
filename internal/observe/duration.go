package observe

import (
	"fmt"
	"time"

	"fleet/client"
	"fleet/plan"
)

// estimateDuration returns the least time that the plan takes, which the most limited
// class of requests determines; nil if no rate limit delays the plan.
func estimateDuration(api *client.Client, p *plan.Plan) *plan.DurationEstimate {
	counts, what := countRequests(p), map[client.RateClass]string{client.RateCreate: "creates", client.RateLifecycle: "starts, stops and deletions", client.RateGeneral: "changes"}
	var longest *plan.DurationEstimate
	for class, n := range counts {
		rate, known := api.Rate(class)
		if !known || n <= rate.Limit {
			continue
		}
		seconds := float64(n) / float64(rate.Limit) * rate.Window.Seconds()
		if longest != nil && seconds <= longest.Seconds {
			continue
		}
		perMinute := int(float64(rate.Limit) * float64(time.Minute) / float64(rate.Window))
		longest = &plan.DurationEstimate{Seconds: seconds, Reason: fmt.Sprintf("%s %s at %s/min", plan.FormatInt(n), what[class], plan.FormatInt(perMinute))}
	}
	return longest
}

// countRequests counts the writing requests of a plan by rate class.
func countRequests(p *plan.Plan) map[client.RateClass]int {
	counts := map[client.RateClass]int{}
	for _, r := range routes(p) {
		counts[r.Class]++
	}
	return counts
}
