package observe

import (
	"context"
	"math"
	"net/http"
	"strings"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// ReadQuotaStatus reads what the server reports about the credentials, the organization
// and its quotas. What the credentials may not read is left out, with the reason in
// UncheckedReason.
func ReadQuotaStatus(ctx context.Context, api *client.Client, w *plan.World) *plan.QuotaStatus {
	s := &plan.QuotaStatus{}
	if id := api.JWTOrganization(); id != "" {
		o, err := api.Organization(ctx, id)
		if err == nil {
			s.DefaultRegion = o.DefaultRegionID
			if o.SuspendedAt(api.ServerNow()) {
				s.SuspendedReason = strings.TrimSuffix("the organisation is suspended: "+o.SuspensionReason, ": ")
			}
		}
		readUsage(ctx, api, id, s)
		organizationMax := maximumFrom(o.MaxCPU, o.MaxMemory, o.MaxDisk)
		for i := range s.Limits {
			s.Limits[i].Max = s.Limits[i].Max.Or(organizationMax)
		}
		return s
	}
	key, err := api.CurrentKey(ctx)
	if err != nil {
		s.UncheckedReason = "the server does not report the permissions of the API key"
		return s
	}
	s.GrantedPermissions = append([]string{}, key.Permissions...)
	if !key.Allows(ReadLimitsPermission) { // it would count as a failed login
		s.UncheckedReason = "the API key may not read it"
		if w.Facts.Version.AtLeast(readLimitsSince) {
			s.UncheckedReason += ", it lacks " + ReadLimitsPermission
		}
		return s
	}
	id := OrganizationID(ctx, api, key, w)
	if id == "" {
		s.UncheckedReason = "the server does not report the organisation of the API key"
		return s
	}
	readUsage(ctx, api, id, s)
	return s
}

// ReadLimitsPermission is the permission that an API key needs to read usage and quota.
var ReadLimitsPermission = client.RouteOf(http.MethodGet, "organizations/{id}/usage").Permission

// readLimitsSince is the first version on which a key may read limits.
var readLimitsSince = spec.Version{Major: 0, Minor: 205}

// readUsage adds the quotas, limits and usage of an organization to s. Fractions of
// limits are rounded down, and fractions of usage up.
func readUsage(ctx context.Context, api *client.Client, id string, s *plan.QuotaStatus) {
	u, err := api.Usage(ctx, id)
	if err != nil {
		s.UncheckedReason = "the server does not report it"
		if class := client.ErrorClassOf(err); class != "" {
			s.UncheckedReason += " (" + string(class) + ")"
		}
		return
	}
	for _, r := range u.Regions {
		at := plan.QuotaScope{Region: r.RegionID, Class: r.Class}
		s.Quotas = append(s.Quotas, plan.Quota{
			QuotaScope: at,
			Total:      spec.Footprint{CPU: int(r.CPUQuota), Memory: int(r.MemoryQuota), Disk: int(r.DiskQuota), GPU: int(r.GPUQuota)},
			Used:       spec.Footprint{CPU: ceilInt(r.CPU), Memory: ceilInt(r.Memory), Disk: ceilInt(r.Disk), GPU: ceilInt(r.GPU)},
		})
		s.Limits = append(s.Limits, limitFromUsage(at, r))
	}
	s.Snapshots, s.SnapshotQuota = ceilInt(u.Snapshots), int(u.SnapshotQuota)
	s.Volumes, s.VolumeQuota = ceilInt(u.Volumes), int(u.VolumeQuota)
}

// limitFromUsage returns the limits of one sandbox in a region.
func limitFromUsage(at plan.QuotaScope, r client.RegionUsage) plan.Limit {
	return plan.Limit{
		QuotaScope: at, GPUTypes: r.GPUTypes, Max: maximumFrom(r.MaxCPU, r.MaxMemory, r.MaxDisk), PersistentDisk: floorInt(r.MaxPersistentDisk),
		PerGPU:  maximumFrom(r.MaxCPUPerGPU, r.MaxMemoryPerGPU, r.MaxDiskPerGPU),
		WithGPU: maximumFrom(r.MaxCPUWithGPU, r.MaxMemoryWithGPU, r.MaxDiskWithGPU),
	}
}

// maximumFrom returns the limits of one sandbox; nil means no limit.
func maximumFrom(cpu, memory, disk *float64) plan.Maximum {
	return plan.Maximum{CPU: floorInt(cpu), Memory: floorInt(memory), Disk: floorInt(disk)}
}

// floorInt rounds down; nil stays nil.
func floorInt(f *float64) *int {
	if f == nil {
		return nil
	}
	n := int(*f)
	return &n
}

// ceilInt rounds up.
func ceilInt(f float64) int { return int(math.Ceil(f)) }

// OrganizationID returns the id of the organization of an API key: from the key, from
// an object of the organization, or from a request for storage access. It is empty if
// none of them has it.
func OrganizationID(ctx context.Context, api *client.Client, key client.Key, w *plan.World) string {
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
