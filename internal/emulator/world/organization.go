package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The identities of the objects that always exist, and the limits of the server.
// MaxAutoArchive is in minutes.
const (
	OrganizationID      = "a22ecc30-89fd-4307-92b2-c896f2ea1f8b"
	otherOrganizationID = "5a1b0c3e-7d42-4f86-9b57-0c1d2e3f4a5b"
	RunnerID            = "6e2a809d-96cb-40f1-b35c-f83d314064de"
	defaultRegion       = "us"
	DefaultSnapshot     = "daytonaio/sandbox:0.5.0-slim"
	DashboardURL        = "http://localhost:3000/dashboard"
	MaxAutoArchive      = 43200
)

// Organization is the state of the only organisation, and of the server it uses. The
// control endpoint can change it.
type Organization struct {
	Suspended   bool                 `json:"suspended,omitempty"`
	Reason      string               `json:"reason,omitempty"`
	Quota       Quota                `json:"quota,omitzero"`
	AnySize     bool                 `json:"anySize,omitempty"` // no limits of a single sandbox, regardless of the quota
	Permissions []string             `json:"permissions,omitempty"`
	RateLimits  map[string]RateLimit `json:"rateLimits,omitempty"`
	// UntoldLimits keeps the rate limits out of headers and of the configuration.
	// Only a 429 response reports one, by its Retry-After.
	UntoldLimits bool `json:"untoldLimits,omitempty"`
	// Maintenance makes the server refuse every request.
	Maintenance bool `json:"maintenance,omitempty"`
	// ListLag is the lag of the cursor list, as a Go duration; "" means none.
	ListLag string `json:"listLag,omitempty"`
	// Regions are the ids of the regions that the organisation may use; empty means
	// all.
	Regions []string `json:"regions,omitempty"`
	// NoRunners leaves every build and pull pending, and refuses to create sandboxes
	// from snapshots.
	NoRunners bool `json:"noRunners,omitempty"`
	// SnapshotSpread is how long a built snapshot cannot be used after it became
	// active, as a Go duration; "" means until the job of Delays.SnapshotSpread runs.
	SnapshotSpread string `json:"snapshotSpread,omitempty"`
	// BuildRace is the duration of the transaction that creates an object with new build
	// content, as a Go duration. Creations with the same content collide meanwhile; ""
	// means never.
	BuildRace string `json:"buildRace,omitempty"`
	// ResizeDisabled removes the resize route, like a server without that feature
	// flag.
	ResizeDisabled bool `json:"resizeDisabled,omitempty"`
	// Events are the faults of the events.
	Events EventFaults `json:"events,omitzero"`
	// ClockOffset is the total by which the control endpoint advanced the clock.
	ClockOffset time.Duration `json:"clockOffset,omitempty"`
}

// Quota limits the organisation. Sizes are in vCPU and GiB. Zero means no limit; for
// GPU, nil does. The limits of one sandbox are those of a new organisation if they are
// zero; see Organization.Maximum.
type Quota struct {
	GPU                 *int      `json:"gpu,omitempty"`
	GPUTypes            *[]string `json:"gpuTypes,omitempty"` // the allowed types; nil means all
	CPU                 int       `json:"cpu,omitempty"`
	Memory              int       `json:"memory,omitempty"`
	Disk                int       `json:"disk,omitempty"`
	MaxCPUPerSandbox    int       `json:"maxCpuPerSandbox,omitempty"`
	MaxMemoryPerSandbox int       `json:"maxMemoryPerSandbox,omitempty"`
	MaxDiskPerSandbox   int       `json:"maxDiskPerSandbox,omitempty"`
	MaxCPUPerGPU        int       `json:"maxCpuPerGpu,omitempty"`
	MaxMemoryPerGPU     int       `json:"maxMemoryPerGpu,omitempty"`
	MaxDiskPerGPU       int       `json:"maxDiskPerGpu,omitempty"`
	Snapshots           int       `json:"snapshots,omitempty"`
	Volumes             int       `json:"volumes,omitempty"`
}

// Region is a region in which sandboxes can run.
type Region struct {
	ID                 string  `json:"id"`
	Name               string  `json:"name"`
	OrganizationID     *string `json:"organizationId"`
	RegionType         string  `json:"regionType"`
	CreatedAt          Instant `json:"createdAt"`
	UpdatedAt          Instant `json:"updatedAt"`
	ProxyURL           *string `json:"proxyUrl"`
	SSHGatewayURL      *string `json:"sshGatewayUrl"`
	SnapshotManagerURL *string `json:"snapshotManagerUrl"`
}

// InstalledAt is the creation time of everything that ships with the emulator.
var InstalledAt = InstantOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))

var regions = []Region{
	{ID: "us", Name: "us", RegionType: "shared", CreatedAt: InstalledAt, UpdatedAt: InstalledAt},
	{ID: "eu", Name: "eu", RegionType: "shared", CreatedAt: InstalledAt, UpdatedAt: InstalledAt},
}

// AllowedRegions returns the regions that the organisation may use.
func (w *World) AllowedRegions() []Region {
	var list []Region
	for _, r := range regions {
		if len(w.Org.Regions) == 0 || slices.Contains(w.Org.Regions, r.ID) {
			list = append(list, r)
		}
	}
	return list
}

// Permissions are the permissions of a key on 0.190; 0.205 added NewerPermissions.
var (
	Permissions = []string{
		"write:registries", "delete:registries", "write:snapshots", "delete:snapshots", "write:sandboxes",
		"delete:sandboxes", "read:volumes", "write:volumes", "delete:volumes", "write:regions", "delete:regions",
		"read:runners", "write:runners", "delete:runners", "read:audit_logs",
	}
	NewerPermissions = []string{"manage:api_keys", "manage:secrets", "read:limits"}
)

// generalSnapshots returns the snapshots that every organisation can use.
func generalSnapshots() []*Snapshot {
	seeds := []struct {
		id, name       string
		cpu, mem, disk int
	}{
		{"d0b7ede8-4449-47cc-a9bf-ea8b1913c9e2", DefaultSnapshot, 1, 1, 3},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b01", "daytona-small", 1, 1, 3},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b02", "daytona-medium", 2, 4, 8},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b03", "daytona-large", 4, 8, 10},
	}
	all := make([]*Snapshot, 0, len(seeds))
	for _, s := range seeds {
		all = append(all, &Snapshot{
			ID: s.id, OrganizationID: otherOrganizationID, General: true, Name: s.name,
			ImageName: DefaultSnapshot, State: "active", Size: new(0.5), CPU: s.cpu, Mem: s.mem, Disk: s.disk,
			CreatedAt: InstalledAt, UpdatedAt: InstalledAt, LastUsedAt: new(InstalledAt), RegionIDs: []string{"us", "eu"},
			InitialRunnerID: new(RunnerID), Ref: new(imageRef(s.name)), Class: "container", publishedState: SnapshotActive,
		})
	}
	return all
}

// storedOrganization returns the organisation without the overrides of the options.
func (w *World) storedOrganization() *Organization {
	if len(w.Overridden) == 0 {
		return &w.Org
	}
	raw, err := json.Marshal(w.Overridden)
	if err == nil {
		if stored, _, err := Overlay(&w.Org, raw); err == nil {
			return stored
		}
	}
	return &w.Org
}

// CheckNotSuspended returns an error if the organisation is suspended.
func (w *World) CheckNotSuspended() error {
	if !w.Org.Suspended {
		return nil
	}
	text := "Organization is suspended"
	if w.Org.Reason != "" {
		text = fmt.Sprintf("%s: %s", text, w.Org.Reason)
	}
	return NewAPIError(403, "%s", text)
}

// SetOrganization replaces the organisation, and applies its list lag and its runners.
func (w *World) SetOrganization(org Organization) {
	hadRunners := !w.Org.NoRunners
	w.Org = org
	by, _ := time.ParseDuration(org.ListLag)
	switch {
	case by <= 0:
		w.Lag = nil
	case w.Lag == nil:
		w.Lag = newLaggingIndex(by, w.Sandboxes)
	default:
		w.Lag.delay = by
	}
	if !hadRunners && !org.NoRunners {
		w.Resume()
	}
}

// RateLimit allows Limit requests in TTL seconds.
type RateLimit struct {
	Limit int `json:"limit"`
	TTL   int `json:"ttl"`
}

// Span returns TTL as a duration.
func (r RateLimit) Span() time.Duration { return time.Duration(r.TTL) * time.Second }

// Override changes fields of the organisation for the lifetime of this process. Fields
// are their JSON names. The state file retains the previous values.
func (w *World) Override(fields []string, set func(*Organization)) error {
	stored, err := fieldsOf(&w.Org)
	if err != nil {
		return err
	}
	for _, field := range fields {
		if _, twice := w.Overridden[field]; !twice {
			w.Overridden[field] = stored[field]
		}
	}
	org := w.Org
	set(&org)
	w.SetOrganization(org)
	return nil
}
