package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// Preflight sets the forecast of a plan: its demands, the time that the rate limits
// require and, if something is created, missing permissions and shortages of quota.
//
// For these it reads the API key, the organization and its quota, in at most three
// requests, unless w holds them already. Reads that the credentials do not permit are
// omitted from the forecast; only the end of ctx is an error. target is the region for
// objects that are created without one; empty for the organization's default.
func Preflight(ctx context.Context, api *client.Client, f *spec.Fleet, w *plan.World, p *plan.Plan, target string) error {
	p.Forecast = plan.NewForecast(f, w, p)
	p.Forecast.Duration = estimateDuration(api, p)
	if !p.Creates() {
		return nil
	}
	s := w.QuotaStatus
	if s == nil {
		s = observe.ReadQuotaStatus(ctx, api, w)
	}
	p.Forecast.SuspendedReason = s.SuspendedReason
	if p.Replaces() {
		p.Forecast.QuotaUncheckedReason = s.UncheckedReason
	}
	if s.GrantedPermissions != nil {
		p.Forecast.MissingPermissions = missingPermissions(s.GrantedPermissions, RequiredPermissions(p))
	}
	st := *s
	if st.DefaultRegion == "" {
		st.DefaultRegion = commonRegion(p)
	}
	if target != "" {
		st.DefaultRegion = cmp.Or(w.Facts.Regions[target], target)
	}
	totals := api.InferredQuota()
	st.InferredTotal = spec.Footprint{CPU: totals.CPU, Memory: totals.Memory, Disk: totals.Disk}
	st.InferredSnapshotQuota, st.InferredVolumeQuota = totals.Snapshots, totals.Volumes
	p.Forecast.Shortages = st.Shortages(p.Forecast.Demands)
	return ctx.Err()
}

// commonRegion returns the region of all existing sandboxes for which the spec sets
// none; empty if they are in several regions, or there are none.
func commonRegion(p *plan.Plan) string {
	region := ""
	for _, s := range p.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Have == nil || s.Want != nil && s.Want.Region() != "" {
			continue
		}
		if region != "" && s.Have.Region() != region {
			return ""
		}
		region = s.Have.Region()
	}
	return region
}

// RequiredPermissions lists the permissions that an API key needs to carry out the
// plan, sorted.
func RequiredPermissions(p *plan.Plan) []string {
	needed := map[string]bool{}
	for _, r := range routes(p) {
		if r.Permission != "" {
			needed[r.Permission] = true
		}
	}
	return slices.Sorted(maps.Keys(needed))
}

// estimateDuration returns how long the plan takes at least, by the class of requests
// that its rate limit delays most; nil if no limit is reached.
func estimateDuration(api *client.Client, p *plan.Plan) *plan.DurationEstimate {
	var longest *plan.DurationEstimate
	for class, n := range countRequests(p) {
		rate, known := api.Rate(class)
		if !known || n <= rate.Limit {
			continue
		}
		seconds := float64(n) / float64(rate.Limit) * rate.Window.Seconds()
		if longest != nil && seconds <= longest.Seconds {
			continue
		}
		perMinute := int(float64(rate.Limit) * float64(time.Minute) / float64(rate.Window))
		longest = &plan.DurationEstimate{Seconds: seconds, Reason: fmt.Sprintf("%s %s at %s/min", plan.FormatInt(n), requestsOf[class], plan.FormatInt(perMinute))}
	}
	return longest
}

// requestsOf names the requests of a rate class.
var requestsOf = map[client.RateClass]string{
	client.RateCreate: "creates", client.RateLifecycle: "starts, stops and deletions", client.RateGeneral: "changes",
}

// countRequests counts the writing requests of a plan by rate class.
func countRequests(p *plan.Plan) map[client.RateClass]int {
	counts := map[client.RateClass]int{}
	for _, r := range routes(p) {
		counts[r.Class]++
	}
	return counts
}

// missingPermissions returns the needed permissions that were not granted.
func missingPermissions(granted, needed []string) []string {
	var list []string
	for _, permission := range needed {
		if !slices.Contains(granted, permission) {
			list = append(list, permission)
		}
	}
	return list
}
