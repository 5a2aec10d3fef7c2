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
		o, err := api.Organization(ctx, id)
		if err == nil {
			s.DefaultRegion = o.DefaultRegionID
			if o.SuspendedAt(api.Now()) {
				s.Suspended = strings.TrimSuffix("the organisation is suspended: "+o.SuspensionReason, ": ")
			}
		}
		usage(ctx, api, id, s)
		everywhere := maximum(o.MaxCPU, o.MaxMemory, o.MaxDisk)
		for i := range s.Limits {
			s.Limits[i].Most = s.Limits[i].Most.Or(everywhere)
		}
		return s
	}
	key, err := api.CurrentKey(ctx)
	if err != nil {
		s.Unchecked = "the server does not tell what the API key may do"
		return s
	}
	s.Granted = append([]string{}, key.Permissions...)
	if !key.Allows(readLimits) { // it would count as a failed login
		s.Unchecked = "the API key may not read it"
		if w.Facts.Version.AtLeast(limitsSince) {
			s.Unchecked += ", it lacks " + readLimits
		}
		return s
	}
	id := OrganizationOf(ctx, api, key, w)
	if id == "" {
		s.Unchecked = "the server does not tell which organisation the API key is of"
		return s
	}
	usage(ctx, api, id, s)
	return s
}

const readLimits = "read:limits"

// limitsSince is the first version on which a key may read limits.
var limitsSince = spec.Version{Major: 0, Minor: 205}

// usage takes in the usage of an organisation. Limits that are a fraction are
// taken for the whole number below.
func usage(ctx context.Context, api *client.Client, id string, s *plan.Standing) {
	u, err := api.Usage(ctx, id)
	if err != nil {
		s.Unchecked = "the server does not tell it"
		if class := client.ClassOf(err); class != "" {
			s.Unchecked += " (" + string(class) + ")"
		}
		return
	}
	for _, r := range u.Regions {
		at := plan.Place{Region: r.RegionID, Class: r.Class}
		s.Quotas = append(s.Quotas, plan.Quota{
			Place: at,
			Total: spec.Footprint{CPU: int(r.CPUQuota), Memory: int(r.MemoryQuota), Disk: int(r.DiskQuota), GPU: int(r.GPUQuota)},
			Used:  spec.Footprint{CPU: up(r.CPU), Memory: up(r.Memory), Disk: up(r.Disk), GPU: up(r.GPU)},
		})
		s.Limits = append(s.Limits, limitOf(at, r))
	}
	s.Snapshots, s.SnapshotQuota = up(u.Snapshots), int(u.SnapshotQuota)
	s.Volumes, s.VolumeQuota = up(u.Volumes), int(u.VolumeQuota)
}

// limitOf is what one sandbox may have, as far as the region tells.
func limitOf(at plan.Place, r client.RegionUsage) plan.Limit {
	return plan.Limit{
		Place: at, GPUTypes: r.GPUTypes, Most: maximum(r.MaxCPU, r.MaxMemory, r.MaxDisk), Lasting: down(r.MaxLastingDisk),
		PerGPU:  maximum(r.MaxCPUPerGPU, r.MaxMemoryPerGPU, r.MaxDiskPerGPU),
		WithGPU: maximum(r.MaxCPUWithGPU, r.MaxMemoryWithGPU, r.MaxDiskWithGPU),
	}
}

func maximum(cpu, memory, disk *float64) plan.Maximum {
	return plan.Maximum{CPU: down(cpu), Memory: down(memory), Disk: down(disk)}
}

// down is a number as a whole one; nil stays nil.
func down(f *float64) *int {
	if f == nil {
		return nil
	}
	n := int(*f)
	return &n
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
