package client

import (
	"context"
	"net/http"
	"time"
)

// Organization is what a server says of an organisation, to a JWT: API keys
// are refused.
type Organization struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	DefaultRegionID  string    `json:"defaultRegionId"`
	Suspended        bool      `json:"suspended"` // see SuspendedAt
	SuspensionReason string    `json:"suspensionReason"`
	SuspendedUntil   time.Time `json:"suspendedUntil"` // zero: without an end

	// What one sandbox may have where its region sets nothing else; nil when the
	// server does not tell.
	MaxCPU    *float64 `json:"maxCpuPerSandbox"`
	MaxMemory *float64 `json:"maxMemoryPerSandbox"`
	MaxDisk   *float64 `json:"maxDiskPerSandbox"`
}

// SuspendedAt tells whether the organisation is suspended at a time.
func (o Organization) SuspendedAt(now time.Time) bool {
	return o.Suspended && (o.SuspendedUntil.IsZero() || now.Before(o.SuspendedUntil))
}

// JWTOrganization is the id of the organisation that a JWT speaks for; empty
// with an API key, which alone tells for which one.
func (c *Client) JWTOrganization() string {
	if c.config.Key != "" {
		return ""
	}
	return c.config.Organization
}

// Organization reads the organisation of an id.
func (c *Client) Organization(ctx context.Context, id string) (Organization, error) {
	return send[Organization](ctx, c, request{method: http.MethodGet, path: []string{"organizations", id}})
}

// Usage is what an organisation may have and has.
type Usage struct {
	Regions       []RegionUsage `json:"regionUsage"`
	SnapshotQuota float64       `json:"totalSnapshotQuota"`
	Snapshots     float64       `json:"currentSnapshotUsage"`
	VolumeQuota   float64       `json:"totalVolumeQuota"`
	Volumes       float64       `json:"currentVolumeUsage"`
}

// RegionUsage is the part of a region, in sandboxes of one class. Memory and
// disk are in GiB.
type RegionUsage struct {
	RegionID    string  `json:"regionId"`
	Class       string  `json:"sandboxClass"`
	CPUQuota    float64 `json:"totalCpuQuota"`
	CPU         float64 `json:"currentCpuUsage"`
	MemoryQuota float64 `json:"totalMemoryQuota"`
	Memory      float64 `json:"currentMemoryUsage"`
	DiskQuota   float64 `json:"totalDiskQuota"`
	Disk        float64 `json:"currentDiskUsage"`
	GPUQuota    float64 `json:"totalGpuQuota"`
	GPU         float64 `json:"currentGpuUsage"`

	GPUTypes []string `json:"allowedGpuTypes"` // nil: all; empty: none

	// What one sandbox may have; nil leaves it to the organisation.
	MaxCPU    *float64 `json:"maxCpuPerSandbox"`
	MaxMemory *float64 `json:"maxMemoryPerSandbox"`
	MaxDisk   *float64 `json:"maxDiskPerSandbox"`

	// What one sandbox may have that is not ephemeral and has no GPU; nil is no
	// further limit, and 0 permits none.
	MaxPersistentDisk *float64 `json:"maxDiskPerNonEphemeralSandbox"`

	// What a sandbox with GPUs may have for each of them; nil leaves it to the
	// limits of those without.
	MaxCPUPerGPU    *float64 `json:"maxCpuPerGpu"`
	MaxMemoryPerGPU *float64 `json:"maxMemoryPerGpu"`
	MaxDiskPerGPU   *float64 `json:"maxDiskPerGpu"`

	// The same on servers before 0.205, for all its GPUs together.
	MaxCPUWithGPU    *float64 `json:"maxCpuPerGpuSandbox"`
	MaxMemoryWithGPU *float64 `json:"maxMemoryPerGpuSandbox"`
	MaxDiskWithGPU   *float64 `json:"maxDiskPerGpuSandbox"`
}

// Usage reads what an organisation uses of its quota. It takes a JWT, or a key
// with the permission read:limits on a server that knows it; any other key is
// refused as Unauthorized, which the server counts as a failed login.
func (c *Client) Usage(ctx context.Context, id string) (Usage, error) {
	return send[Usage](ctx, c, request{method: http.MethodGet, path: []string{"organizations", id, "usage"}})
}

// Secret is a secret of the organisation, without its value.
type Secret struct {
	Name string `json:"name"`
}

// Secrets lists the secrets of the organisation. It takes a key with the
// permission manage:secrets, and a server that knows secrets.
func (c *Client) Secrets(ctx context.Context) ([]Secret, error) {
	return send[unpagedList[Secret]](ctx, c, request{method: http.MethodGet, path: []string{"secret"}})
}
