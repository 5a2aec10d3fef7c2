package emulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

const (
	organizationID      = "a22ecc30-89fd-4307-92b2-c896f2ea1f8b"
	otherOrganizationID = "5a1b0c3e-7d42-4f86-9b57-0c1d2e3f4a5b"
	runnerID            = "6e2a809d-96cb-40f1-b35c-f83d314064de"
	defaultRegion       = "us"
	defaultSnapshot     = "daytonaio/sandbox:0.5.0-slim"
	dashboardURL        = "http://localhost:3000/dashboard"
	maxAutoArchive      = 43200
)

// organization is what the control endpoint can set about the one organisation
// that owns everything.
type organization struct {
	Suspended   bool                 `json:"suspended,omitempty"`
	Reason      string               `json:"reason,omitempty"`
	Quota       quota                `json:"quota,omitzero"`
	Permissions []string             `json:"permissions,omitempty"`
	RateLimits  map[string]rateLimit `json:"rateLimits,omitempty"`
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
type quota struct {
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
type region struct {
	ID                 string  `json:"id"`
	Name               string  `json:"name"`
	OrganizationID     *string `json:"organizationId"`
	RegionType         string  `json:"regionType"`
	CreatedAt          instant `json:"createdAt"`
	UpdatedAt          instant `json:"updatedAt"`
	ProxyURL           *string `json:"proxyUrl"`
	SSHGatewayURL      *string `json:"sshGatewayUrl"`
	SnapshotManagerURL *string `json:"snapshotManagerUrl"`
}

// installedAt is when everything that ships with the emulator claims to be made.
var installedAt = instantOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))

var regions = []region{
	{ID: "us", Name: "us", RegionType: "shared", CreatedAt: installedAt, UpdatedAt: installedAt},
	{ID: "eu", Name: "eu", RegionType: "shared", CreatedAt: installedAt, UpdatedAt: installedAt},
}

// allowedRegions are the regions that the organisation may use.
func (w *world) allowedRegions() []region {
	var list []region
	for _, r := range regions {
		if len(w.org.Regions) == 0 || slices.Contains(w.org.Regions, r.ID) {
			list = append(list, r)
		}
	}
	return list
}

// permissions of a key on 0.190; newerPermissions came with 0.205.
var (
	permissions = []string{
		"write:registries", "delete:registries", "write:snapshots", "delete:snapshots", "write:sandboxes",
		"delete:sandboxes", "read:volumes", "write:volumes", "delete:volumes", "write:regions", "delete:regions",
		"read:runners", "write:runners", "delete:runners", "read:audit_logs",
	}
	newerPermissions = []string{"manage:api_keys", "manage:secrets", "read:limits"}
)

// generalSnapshots are those every organisation sees.
func generalSnapshots() []*snapshot {
	seeds := []struct {
		id, name       string
		cpu, mem, disk int
	}{
		{"d0b7ede8-4449-47cc-a9bf-ea8b1913c9e2", defaultSnapshot, 1, 1, 3},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b01", "daytona-small", 1, 1, 3},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b02", "daytona-medium", 2, 4, 8},
		{"0f6c1d8a-52f3-4c0e-8a55-6f2f7e1d9b03", "daytona-large", 4, 8, 10},
	}
	all := make([]*snapshot, 0, len(seeds))
	for _, s := range seeds {
		all = append(all, &snapshot{
			ID: s.id, OrganizationID: otherOrganizationID, General: true, Name: s.name,
			ImageName: defaultSnapshot, State: "active", Size: ptr(0.5), CPU: s.cpu, Mem: s.mem, Disk: s.disk,
			CreatedAt: installedAt, UpdatedAt: installedAt, LastUsedAt: ptr(installedAt), RegionIDs: []string{"us", "eu"},
			InitialRunnerID: ptr(runnerID), Ref: ptr(imageRef(s.name)), Class: "container", publishedState: snapshotActive,
		})
	}
	return all
}

// storedOrganization is the organisation without what was imposed on it.
func (w *world) storedOrganization() *organization {
	if len(w.overridden) == 0 {
		return &w.org
	}
	raw, err := json.Marshal(w.overridden)
	if err == nil {
		if stored, _, err := overlay(&w.org, raw); err == nil {
			return stored
		}
	}
	return &w.org
}

// checkNotSuspended refuses what a suspended organisation cannot do.
func (w *world) checkNotSuspended() error {
	if !w.org.Suspended {
		return nil
	}
	text := "Organization is suspended"
	if w.org.Reason != "" {
		text = fmt.Sprintf("%s: %s", text, w.org.Reason)
	}
	return newAPIError(403, "%s", text)
}

// setOrganization takes over what was set or loaded.
func (w *world) setOrganization(org organization) {
	hadRunners := !w.org.NoRunners
	w.org = org
	by, _ := time.ParseDuration(org.ListLag)
	switch {
	case by <= 0:
		w.lag = nil
	case w.lag == nil:
		w.lag = newLaggingIndex(by, w.sandboxes)
	default:
		w.lag.delay = by
	}
	if !hadRunners && !org.NoRunners {
		w.resume()
	}
}

// rateLimit allows limit calls in ttl seconds.
type rateLimit struct {
	Limit int `json:"limit"`
	TTL   int `json:"ttl"`
}

func (r rateLimit) span() time.Duration { return time.Duration(r.TTL) * time.Second }

// override changes traits of the organisation for as long as this process runs:
// fields are their JSON names. The state file keeps the values from before.
func (w *world) override(fields []string, set func(*organization)) error {
	stored, err := fieldsOf(&w.org)
	if err != nil {
		return err
	}
	for _, field := range fields {
		if _, twice := w.overridden[field]; !twice {
			w.overridden[field] = stored[field]
		}
	}
	org := w.org
	set(&org)
	w.setOrganization(org)
	return nil
}
