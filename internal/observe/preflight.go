package observe

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// Preflight sets the forecast of a plan: the one of [plan.NewForecast], with the time
// that the rate limits impose and, if the plan creates anything, the permissions and
// quotas that it lacks. If the World has no quota status, that takes up to three
// reading requests. What the credentials may not read is left out, so that the only
// error is that of ctx.
//
// target is the region of objects that name none; empty is the default region of the
// organization.
func Preflight(ctx context.Context, api *client.Client, f *spec.Fleet, w *plan.World, p *plan.Plan, target string) error {
	p.Forecast = plan.NewForecast(f, w, p)
	p.Forecast.Duration = estimateDuration(api, p)
	if !p.Creates() {
		return nil
	}
	s := w.QuotaStatus
	if s == nil {
		s = ReadQuotaStatus(ctx, api, w)
	}
	p.Forecast.SuspendedReason = s.SuspendedReason
	if p.Replaces() {
		p.Forecast.QuotaUncheckedReason = s.UncheckedReason
	}
	if s.GrantedPermissions != nil {
		p.Forecast.MissingPermissions = missingPermissions(s.GrantedPermissions, RequiredPermissions(p))
	}
	st := *s // the World keeps what the server reported
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

// commonRegion returns the region of the existing sandboxes for which the spec names
// none; empty if there are several regions, or no such sandbox.
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
