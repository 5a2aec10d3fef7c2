package observe

import (
	"context"
	"math"
	"strings"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// StandingOf asks what the server tells of the credentials, the organisation and
// its quota. What they may not read is left out.
func StandingOf(ctx context.Context, api *client.Client, w *plan.World) *plan.Standing {
	s := &plan.Standing{}
	if id := api.JWTOrganization(); id != "" {
		if o, err := api.Organization(ctx, id); err == nil {
			s.DefaultRegion = o.DefaultRegionID
			if o.SuspendedAt(api.Now()) {
				s.Suspended = strings.TrimSuffix("the organisation is suspended: "+o.SuspensionReason, ": ")
			}
		}
		usage(ctx, api, id, s)
		return s
	}
	key, err := api.CurrentKey(ctx)
	if err != nil {
		return s
	}
	s.Granted = append([]string{}, key.Permissions...)
	if !key.Allows("read:limits") { // it would count as a failed login
		return s
	}
	if id := OrganizationOf(ctx, api, key, w); id != "" {
		usage(ctx, api, id, s)
	}
	return s
}

// usage takes in the usage of an organisation. Limits that are a fraction are
// taken for the whole number below.
func usage(ctx context.Context, api *client.Client, id string, s *plan.Standing) {
	u, err := api.Usage(ctx, id)
	if err != nil {
		return
	}
	for _, r := range u.Regions {
		at := plan.Place{Region: r.RegionID, Class: r.Class}
		s.Quotas = append(s.Quotas, plan.Quota{
			Place: at,
			Total: spec.Footprint{CPU: int(r.CPUQuota), Memory: int(r.MemoryQuota), Disk: int(r.DiskQuota), GPU: int(r.GPUQuota)},
			Used:  spec.Footprint{CPU: up(r.CPU), Memory: up(r.Memory), Disk: up(r.Disk), GPU: up(r.GPU)},
		})
		s.Limits = append(s.Limits, plan.Limit{
			Place: at, Lasting: int(r.MaxLastingDisk),
			Most: spec.Footprint{CPU: int(r.MaxCPU), Memory: int(r.MaxMemory), Disk: int(r.MaxDisk)},
		})
	}
	s.Snapshots, s.SnapshotQuota = up(u.Snapshots), int(u.SnapshotQuota)
	s.Volumes, s.VolumeQuota = up(u.Volumes), int(u.VolumeQuota)
}

func up(f float64) int { return int(math.Ceil(f)) }

// OrganizationOf is the id of the organisation of a key: what the key tells, or
// an object of the organisation, or else another answer that is asked for. It is
// empty when none tells.
func OrganizationOf(ctx context.Context, api *client.Client, key client.Key, w *plan.World) string {
	if key.OrganizationID != "" {
		return key.OrganizationID
	}
	if id := w.Organization(); id != "" {
		return id
	}
	access, err := api.PushAccess(ctx)
	if err != nil {
		return ""
	}
	return access.OrganizationID
}
