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

// Preflight makes the forecast of a plan and sets it: what Foresee tells, the
// time that the rate limits ask for, and, where something is to be created, what
// the server tells of the key, the organisation and its quota, unless the world
// holds that already. That takes three reading requests at most, and none when
// nothing is to be created. What the
// credentials may not read is left out; only a context that ends is an error.
// target is the region of what is created without one; empty: the organisation's
// default.
func Preflight(ctx context.Context, api *client.Client, f *spec.Fleet, w *plan.World, p *plan.Plan, target string) error {
	p.Forecast = plan.Foresee(f, w, p)
	p.Forecast.Duration = duration(api, p)
	if !p.Makes() {
		return nil
	}
	s := w.Standing
	if s == nil {
		s = observe.StandingOf(ctx, api, w)
	}
	p.Forecast.Suspended = s.Suspended
	if p.Replaces() {
		p.Forecast.Unchecked = s.Unchecked
	}
	if s.Granted != nil {
		p.Forecast.Missing = missing(s.Granted, Permissions(p))
	}
	st := *s
	if st.DefaultRegion == "" {
		st.DefaultRegion = usualRegion(p)
	}
	if target != "" {
		st.DefaultRegion = cmp.Or(w.Facts.Regions[target], target)
	}
	refused := api.Totals()
	st.Refused = spec.Footprint{CPU: refused.CPU, Memory: refused.Memory, Disk: refused.Disk}
	st.RefusedSnapshots, st.RefusedVolumes = refused.Snapshots, refused.Volumes
	p.Forecast.Short = st.Short(p.Forecast.Demands)
	return ctx.Err()
}

// usualRegion is the region that all sandboxes are in of which the spec names
// none; empty when there are several, or none.
func usualRegion(p *plan.Plan) string {
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

// Permissions lists what an API key needs to carry out the plan, sorted.
func Permissions(p *plan.Plan) []string {
	needed := map[string]bool{}
	for _, s := range p.Steps {
		if s.Blocked != nil {
			continue
		}
		for _, op := range s.Ops {
			switch {
			case !op.Verb.Sends():
			case op.Verb == plan.DoDelete:
				needed["delete:"+s.Address.Kind.Section()] = true
			default:
				needed["write:"+s.Address.Kind.Section()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(needed))
}

// duration is how long the plan takes at least, by the class of requests that
// its rate limit holds up most; nil when none does.
func duration(api *client.Client, p *plan.Plan) *plan.Duration {
	counts, what := requests(p), map[client.RateClass]string{client.Creates: "creates", client.Lifecycle: "starts, stops and deletions", client.General: "changes"}
	var longest *plan.Duration
	for class, n := range counts {
		rate, known := api.Rate(class)
		if !known || n <= rate.Limit {
			continue
		}
		seconds := float64(n) / float64(rate.Limit) * rate.Per.Seconds()
		if longest != nil && seconds <= longest.Seconds {
			continue
		}
		perMinute := int(float64(rate.Limit) * float64(time.Minute) / float64(rate.Per))
		longest = &plan.Duration{Seconds: seconds, Why: fmt.Sprintf("%s %s at %s/min", plan.Grouped(n), what[class], plan.Grouped(perMinute))}
	}
	return longest
}

// requests counts the writing requests of a plan by the limit that they count in.
func requests(p *plan.Plan) map[client.RateClass]int {
	counts := map[client.RateClass]int{}
	for _, s := range p.Steps {
		if s.Blocked != nil {
			continue
		}
		for _, op := range s.Ops {
			switch {
			case !op.Verb.Sends():
			case s.Address.Kind != spec.SandboxKind || op.Verb == plan.DoLabel || op.Verb == plan.DoRelease || op.Verb == plan.DoFinish:
				counts[client.General]++
			case op.Verb == plan.DoCreate:
				counts[client.Creates]++
			case op.Verb != plan.DoCall || op.Call.Path == "resize":
				counts[client.Lifecycle]++
			default:
				counts[client.General]++
			}
		}
	}
	return counts
}

// missing is what of the needed permissions was not granted.
func missing(granted, needed []string) []string {
	var list []string
	for _, permission := range needed {
		if !slices.Contains(granted, permission) {
			list = append(list, permission)
		}
	}
	return list
}
