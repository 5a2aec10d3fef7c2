package emulator

import (
	"fleet/internal/emulator/world"
)

// unlimited is the quota that the API reports if there is no limit.
const unlimited = 100_000

// regionUsage is the quota and usage of the organisation in a region, for one class of
// sandboxes.
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
	MaxMemoryPerGPU   *int      `json:"maxMemoryPerGpu"`
	MaxDiskPerGPU     *int      `json:"maxDiskPerGpu"`
}

// usageOverview returns the quota and usage of the organisation. Before 0.205 no API
// key could read it.
func (c *call) usageOverview() (reply, error) {
	if c.vars["organization"] != world.OrganizationID {
		return reply{}, world.ErrOtherOrganization
	}
	q, most, perGPU := c.Org.Quota, c.Org.Maximum(), c.Org.MaximumPerGPU()
	var list []regionUsage
	for _, r := range c.AllowedRegions() {
		used := c.Usage(r.ID, nil)
		list = append(list, regionUsage{
			RegionID: r.ID, Class: "container", GPUTypes: q.GPUTypes, TotalGPU: world.ValueOr(q.GPU, unlimited), CurrentGPU: c.GPUsUsed(r.ID),
			TotalCPU: orUnlimited(q.CPU), CurrentCPU: used.CPU,
			TotalMemory: orUnlimited(q.Memory), CurrentMemory: used.Memory,
			TotalDisk: orUnlimited(q.Disk), CurrentDisk: used.Disk,
			MaxCPU: orUnset(most.CPU), MaxMemory: orUnset(most.Memory), MaxDisk: orUnset(most.Disk),
			MaxCPUPerGPU: orUnset(perGPU.CPU), MaxMemoryPerGPU: orUnset(perGPU.Memory), MaxDiskPerGPU: orUnset(perGPU.Disk),
		})
	}
	return reply{status: success, body: map[string]any{
		"regionUsage":        list,
		"totalSnapshotQuota": orUnlimited(q.Snapshots), "currentSnapshotUsage": c.SnapshotsUsed(),
		"totalVolumeQuota": orUnlimited(q.Volumes), "currentVolumeUsage": c.VolumesUsed(),
	}}, nil
}

// orUnset returns a limit for one sandbox as the API represents it.
func orUnset(limit int) *int {
	if limit == 0 {
		return nil
	}
	return &limit
}

// orUnlimited returns a limit of the organisation as the API represents it.
func orUnlimited(limit int) int {
	if limit == 0 {
		return unlimited
	}
	return limit
}
