package client

import (
	"context"
	"net/http"
	"time"
)

// An Organization owns sandboxes, snapshots and volumes, and has quota for them.
type Organization struct {
	ID               string    `json:"id"`               // permanent; names can change
	Name             string    `json:"name"`             // for people
	DefaultRegionID  string    `json:"defaultRegionId"`  // of sandboxes created without a region
	Suspended        bool      `json:"suspended"`        // use SuspendedAt, which knows the end
	SuspensionReason string    `json:"suspensionReason"` // in words; "" if not suspended
	SuspendedUntil   time.Time `json:"suspendedUntil"`   // zero if the suspension has no end

	// Limits of a single sandbox, unless its region has others; nil if the server does
	// not report them.
	MaxCPU    *float64 `json:"maxCpuPerSandbox"`    // vCPU
	MaxMemory *float64 `json:"maxMemoryPerSandbox"` // GiB
	MaxDisk   *float64 `json:"maxDiskPerSandbox"`   // GiB
}

// SuspendedAt reports whether the organisation is suspended at a time.
func (o Organization) SuspendedAt(now time.Time) bool {
	return o.Suspended && (o.SuspendedUntil.IsZero() || now.Before(o.SuspendedUntil))
}

// JWTOrganization returns the id of the organisation that the JWT is used for. It
// returns "" if the client uses an API key: a key belongs to one organisation, which
// CurrentKey returns.
func (c *Client) JWTOrganization() string {
	if c.config.Key != "" {
		return ""
	}
	return c.config.Organization
}

// Organization reads an organisation. It requires a JWT: the server refuses API keys.
func (c *Client) Organization(ctx context.Context, id string) (Organization, error) {
	return send[Organization](ctx, c, request{method: http.MethodGet, path: []string{"organizations", id}})
}

// Usage is the quota of an organisation and its current usage.
type Usage struct {
	Regions       []RegionUsage `json:"regionUsage"`          // one for each region and class of sandbox
	SnapshotQuota float64       `json:"totalSnapshotQuota"`   // number of snapshots
	Snapshots     float64       `json:"currentSnapshotUsage"` // number of snapshots
	VolumeQuota   float64       `json:"totalVolumeQuota"`     // number of volumes
	Volumes       float64       `json:"currentVolumeUsage"`   // number of volumes
}

// RegionUsage is the quota and usage of the sandboxes of a class in a region.
type RegionUsage struct {
	RegionID    string  `json:"regionId"`           // see Regions
	Class       string  `json:"sandboxClass"`       // container, linux-vm, ...
	CPUQuota    float64 `json:"totalCpuQuota"`      // vCPU
	CPU         float64 `json:"currentCpuUsage"`    // vCPU
	MemoryQuota float64 `json:"totalMemoryQuota"`   // GiB
	Memory      float64 `json:"currentMemoryUsage"` // GiB
	DiskQuota   float64 `json:"totalDiskQuota"`     // GiB
	Disk        float64 `json:"currentDiskUsage"`   // GiB
	GPUQuota    float64 `json:"totalGpuQuota"`      // GPUs
	GPU         float64 `json:"currentGpuUsage"`    // GPUs

	GPUTypes []string `json:"allowedGpuTypes"` // nil means all, empty means none

	// Limits of a single sandbox; nil means that of the organisation.
	MaxCPU    *float64 `json:"maxCpuPerSandbox"`    // vCPU
	MaxMemory *float64 `json:"maxMemoryPerSandbox"` // GiB
	MaxDisk   *float64 `json:"maxDiskPerSandbox"`   // GiB

	// Limit of a single sandbox, in GiB, that is not ephemeral and has no GPU; nil means
	// no further limit, and 0 means that there may be no such sandbox.
	MaxPersistentDisk *float64 `json:"maxDiskPerNonEphemeralSandbox"`

	// Limits of a sandbox with GPUs, for each GPU; nil means that of a sandbox without.
	MaxCPUPerGPU    *float64 `json:"maxCpuPerGpu"`    // vCPU
	MaxMemoryPerGPU *float64 `json:"maxMemoryPerGpu"` // GiB
	MaxDiskPerGPU   *float64 `json:"maxDiskPerGpu"`   // GiB

	// Limits of a sandbox with GPUs on servers before 0.205, for all its GPUs together.
	MaxCPUWithGPU    *float64 `json:"maxCpuPerGpuSandbox"`    // vCPU
	MaxMemoryWithGPU *float64 `json:"maxMemoryPerGpuSandbox"` // GiB
	MaxDiskWithGPU   *float64 `json:"maxDiskPerGpuSandbox"`   // GiB
}

// Usage reads the quota and usage of an organisation. It requires a JWT, or a key with the
// permission read:limits on a server from 0.205 on. For another key the error is
// Unauthorized, and the server counts a failed login.
func (c *Client) Usage(ctx context.Context, id string) (Usage, error) {
	return send[Usage](ctx, c, request{method: http.MethodGet, path: []string{"organizations", id, "usage"}})
}

// A Secret is a secret of the organisation, without its value.
type Secret struct {
	Name string `json:"name"` // unique in the organisation
}

// Secrets lists the secrets of the organisation. It requires a key with the
// permission manage:secrets, and a server that knows secrets.
func (c *Client) Secrets(ctx context.Context) ([]Secret, error) {
	return send[unpagedList[Secret]](ctx, c, request{method: http.MethodGet, path: []string{"secret"}})
}
