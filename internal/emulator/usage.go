package emulator

import (
	"fleet/internal/emulator/world"
)

// unlimited is what is told where there is no limit.
const unlimited = 100_000

// regionUsage is what the organisation may have and has in a region, in sandboxes
// of one class.
type regionUsage struct {
	RegionID          string    `json:"regionId"`
	Class             string    `json:"sandboxClass"`
	TotalCPU          int       `json:"totalCpuQuota"`
	CurrentCPU        int       `json:"currentCpuUsage"`
	TotalMemory       int       `json:"totalMemoryQuota"`
	CurrentMemory     int       `json:"currentMemoryUsage"`
	TotalDisk         int       `json:"totalDiskQuota"`
	CurrentDisk       int       `json:"currentDiskUsage"`
	TotalGPU          int       `json:"totalGpuQuota"`
	CurrentGPU        int       `json:"currentGpuUsage"`
	GPUTypes          *[]string `json:"allowedGpuTypes"`
	MaxCPU            *int      `json:"maxCpuPerSandbox"`
	MaxMemory         *int      `json:"maxMemoryPerSandbox"`
	MaxDisk           *int      `json:"maxDiskPerSandbox"`
	MaxPersistentDisk *int      `json:"maxDiskPerNonEphemeralSandbox"`
	MaxCPUPerGPU      *int      `json:"maxCpuPerGpu"`
	MaxMemPerGPU      *int      `json:"maxMemoryPerGpu"`
	MaxDiskPerGPU     *int      `json:"maxDiskPerGpu"`
}

// usageOverview is what the organisation uses of its quota. Keys that may read
// limits are told; before 0.205 no key was.
func (c *call) usageOverview() (reply, error) {
	if c.vars["organization"] != world.OrganizationID {
		return reply{}, world.ErrOtherOrganization
	}
	q := c.Org.Quota
	var list []regionUsage
	for _, r := range c.AllowedRegions() {
		used := c.Usage(r.ID, nil)
		list = append(list, regionUsage{
			RegionID: r.ID, Class: "container", GPUTypes: q.GPUTypes, TotalGPU: world.ValueOr(q.GPU, unlimited), CurrentGPU: c.GPUsUsed(r.ID),
			TotalCPU: orUnlimited(q.CPU), CurrentCPU: used.CPU,
			TotalMemory: orUnlimited(q.Memory), CurrentMemory: used.Memory,
			TotalDisk: orUnlimited(q.Disk), CurrentDisk: used.Disk,
			MaxCPU: orUnset(q.MaxCPUPerSandbox), MaxMemory: orUnset(q.MaxMemoryPerSandbox), MaxDisk: orUnset(q.MaxDiskPerSandbox),
		})
	}
	return reply{status: success, body: map[string]any{
		"regionUsage":        list,
		"totalSnapshotQuota": orUnlimited(q.Snapshots), "currentSnapshotUsage": c.SnapshotsUsed(),
		"totalVolumeQuota": orUnlimited(q.Volumes), "currentVolumeUsage": c.VolumesUsed(),
	}}, nil
}

// orUnset is what is told of a limit for one sandbox.
func orUnset(limit int) *int {
	if limit == 0 {
		return nil
	}
	return &limit
}

func orUnlimited(limit int) int {
	if limit == 0 {
		return unlimited
	}
	return limit
}
