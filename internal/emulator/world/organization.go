package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

const (
	OrganizationID      = "a22ecc30-89fd-4307-92b2-c896f2ea1f8b"
	otherOrganizationID = "5a1b0c3e-7d42-4f86-9b57-0c1d2e3f4a5b"
	RunnerID            = "6e2a809d-96cb-40f1-b35c-f83d314064de"
	defaultRegion       = "us"
	DefaultSnapshot     = "daytonaio/sandbox:0.5.0-slim"
	DashboardURL        = "http://localhost:3000/dashboard"
	MaxAutoArchive      = 43200
)

// organization is what the control endpoint can set about the one organisation
// that owns everything.
type Organization struct {
	Suspended   bool                 `json:"suspended,omitempty"`
	Reason      string               `json:"reason,omitempty"`
	Quota       Quota                `json:"quota,omitzero"`
	Permissions []string             `json:"permissions,omitempty"`
	RateLimits  map[string]RateLimit `json:"rateLimits,omitempty"`
	// Maintenance refuses every request.
	Maintenance bool `json:"maintenance,omitempty"`
	// ListLag is how far the cursor list lags behind, as a Go duration.
	ListLag string `json:"listLag,omitempty"`
	// Regions are the ids of the regions that the organisation may use; none: all.
	Regions []string `json:"regions,omitempty"`
	// NoRunners leaves every build and pull pending and refuses creates from snapshots.
	NoRunners bool `json:"noRunners,omitempty"`
	// SnapshotSpread is how long a built snapshot that is active cannot be used
	// yet, as a Go duration.
	SnapshotSpread string `json:"snapshotSpread,omitempty"`
	// ResizeDisabled makes the resize route unknown, as a server without the feature flag does.
	ResizeDisabled bool `json:"resizeDisabled,omitempty"`
	// ClockOffset is what the control endpoint advanced the clock by.
	ClockOffset time.Duration `json:"clockOffset,omitempty"`
}

// quota limits the organisation. Zero means no limit, but for GPUs.
type Quota struct {
	GPU                 *int      `json:"gpu,omitempty"`
	GPUTypes            *[]string `json:"gpuTypes,omitempty"` // allowed; nil: all
	CPU                 int       `json:"cpu,omitempty"`
	Memory              int       `json:"memory,omitempty"`
	Disk                int       `json:"disk,omitempty"`
	MaxCPUPerSandbox    int       `json:"maxCpuPerSandbox,omitempty"`
	MaxMemoryPerSandbox int       `json:"maxMemoryPerSandbox,omitempty"`
	MaxDiskPerSandbox   int       `json:"maxDiskPerSandbox,omitempty"`
	Snapshots           int       `json:"snapshots,omitempty"`
	Volumes             int       `json:"volumes,omitempty"`
}

// region is a place sandboxes can run in.
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

// installedAt is when everything that ships with the emulator claims to be made.
var InstalledAt = InstantOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))

var regions = []Region{
	{ID: "us", Name: "us", RegionType: "shared", CreatedAt: InstalledAt, UpdatedAt: InstalledAt},
	{ID: "eu", Name: "eu", RegionType: "shared", CreatedAt: InstalledAt, UpdatedAt: InstalledAt},
}

// allowedRegions are the regions that the organisation may use.
func (w *World) AllowedRegions() []Region {
	var list []Region
	for _, r := range regions {
		if len(w.Org.Regions) == 0 || slices.Contains(w.Org.Regions, r.ID) {
			list = append(list, r)
		}
	}
	return list
}

// permissions of a key on 0.190; newerPermissions came with 0.205.
var (
	Permissions = []string{
		"write:registries", "delete:registries", "write:snapshots", "delete:snapshots", "write:sandboxes",
		"delete:sandboxes", "read:volumes", "write:volumes", "delete:volumes", "write:regions", "delete:regions",
		"read:runners", "write:runners", "delete:runners", "read:audit_logs",
	}
	NewerPermissions = []string{"manage:api_keys", "manage:secrets", "read:limits"}
)

// generalSnapshots are those every organisation sees.
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

// storedOrganization is the organisation without what was imposed on it.
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

// checkNotSuspended refuses what a suspended organisation cannot do.
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

// setOrganization takes over what was set or loaded.
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

// rateLimit allows limit calls in ttl seconds.
type RateLimit struct {
	Limit int `json:"limit"`
	TTL   int `json:"ttl"`
}

func (r RateLimit) Span() time.Duration { return time.Duration(r.TTL) * time.Second }

// override changes traits of the organisation for as long as this process runs:
// fields are their JSON names. The state file keeps the values from before.
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
