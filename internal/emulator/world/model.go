package world

// The states that the emulator uses. The API has more; the control endpoint can set
// them, and they remain until they are changed.
const (
	StateUnknown      = "unknown"
	StateCreating     = "creating"
	StatePendingBuild = "pending_build"
	StateBuilding     = "building_snapshot"
	StateBuildFailed  = "build_failed"
	StateStarted      = "started"
	StateStarting     = "starting"
	StateStopped      = "stopped"
	StateStopping     = "stopping"
	StateArchived     = "archived"
	StateArchiving    = "archiving"
	StateRestoring    = "restoring"
	StateResizing     = "resizing"
	StateDestroying   = "destroying"
	StateDestroyed    = "destroyed"
	StatePaused       = "paused"
	StateError        = "error"
)

// Sandbox is the stored record of a sandbox. Its fields have the names, units and zero
// values of the API. Its maps and slices are replaced and never modified, so that a
// shallow copy is a snapshot.
type Sandbox struct {
	ID               string           `json:"id"`
	OrganizationID   string           `json:"organizationId"`
	Name             string           `json:"name"`
	Target           string           `json:"target"`
	Snapshot         *string          `json:"snapshot"`
	User             string           `json:"user"`
	Env              map[string]any   `json:"env"`
	Labels           map[string]any   `json:"labels"`
	CPU              int              `json:"cpu"`
	GPU              int              `json:"gpu"`
	GPUType          *string          `json:"gpuType,omitempty"`
	Memory           int              `json:"memory"`
	Disk             int              `json:"disk"`
	Public           bool             `json:"public"`
	NetworkBlockAll  bool             `json:"networkBlockAll"`
	NetworkAllowList *string          `json:"networkAllowList"`
	DomainAllowList  *string          `json:"domainAllowList"`
	Volumes          []map[string]any `json:"volumes"`
	State            string           `json:"state"`
	DesiredState     string           `json:"desiredState"`
	ErrorReason      *string          `json:"errorReason"`
	Recoverable      bool             `json:"recoverable"`
	BackupState      string           `json:"backupState"`
	BackupCreatedAt  *Instant         `json:"backupCreatedAt,omitempty"`
	AutoStop         int              `json:"autoStopInterval"`
	AutoArchive      int              `json:"autoArchiveInterval"`
	AutoDelete       int              `json:"autoDeleteInterval"`
	AutoPause        *int             `json:"autoPauseInterval,omitempty"`
	AutoDestroyAt    *Instant         `json:"autoDestroyAt,omitempty"`
	OutboundProxyURL *string          `json:"outboundProxyUrl,omitempty"`
	OtelEndpoint     *string          `json:"otelEndpointOverride,omitempty"`
	Spot             *bool            `json:"spot,omitempty"`
	Secrets          []map[string]any `json:"secrets,omitempty"`
	Class            string           `json:"sandboxClass"`
	BuildInfo        *BuildInfo       `json:"buildInfo,omitempty"`
	LinkedSandboxID  *string          `json:"linkedSandboxId,omitempty"`
	CreatedAt        Instant          `json:"createdAt"`
	UpdatedAt        Instant          `json:"updatedAt"`
	LastActivityAt   Instant          `json:"lastActivityAt"`
	DaemonVersion    *string          `json:"daemonVersion"`
	RunnerID         *string          `json:"runnerId"`

	// Pending reports whether a transition is running. The API does not show it.
	Pending bool `json:"pending"`
	// Due is the time of the next step of the running transition; nil means never.
	Due *Instant `json:"due,omitempty"`
	// Failure is how the running transition is going to fail; nil means it succeeds.
	Failure *Failure `json:"failure,omitempty"`
	// Resize holds the sizes after a running resize; nil without one.
	Resize *Sizes `json:"resize,omitempty"`
	// JobUntil is when the runner has applied the network settings; nil without a
	// change.
	JobUntil *Instant `json:"jobUntil,omitempty"`

	// AuthToken gives access to the previews. Each start creates a new one.
	AuthToken string `json:"authToken,omitempty"`

	// Files are the files that were uploaded, by absolute path.
	Files map[string]File `json:"files,omitempty"`

	// publishedState is the last state that was published as an event.
	publishedState string
	// publishedDesired is the last desired state that was published.
	publishedDesired string
	// rendered is empty after every change.
	rendered rendered
}

// Sizes are the resources of a sandbox in vCPU and GiB.
type Sizes struct {
	CPU    int `json:"cpu"`
	Memory int `json:"memory"`
	Disk   int `json:"disk"`
}

// Failure describes how a transition is going to fail.
type Failure struct {
	Reason      string `json:"reason"`
	Recoverable bool   `json:"recoverable,omitempty"`
}

// BuildInfo is a declarative image as the client sent it, and its identity.
type BuildInfo struct {
	DockerfileContent *string  `json:"dockerfileContent"`
	ContextHashes     []string `json:"contextHashes"`
	CreatedAt         Instant  `json:"createdAt"`
	UpdatedAt         Instant  `json:"updatedAt"`
	SnapshotRef       string   `json:"snapshotRef"`
}

// Snapshot is the stored record of a snapshot, with the fields of the API.
type Snapshot struct {
	ID              string     `json:"id"`
	OrganizationID  string     `json:"organizationId"`
	General         bool       `json:"general"`
	Name            string     `json:"name"`
	ImageName       string     `json:"imageName"`
	State           string     `json:"state"`
	Size            *float64   `json:"size"`
	Entrypoint      []string   `json:"entrypoint"`
	CPU             int        `json:"cpu"`
	GPU             int        `json:"gpu"`
	GPUType         *string    `json:"gpuType,omitempty"`
	Mem             int        `json:"mem"`
	Disk            int        `json:"disk"`
	ErrorReason     *string    `json:"errorReason"`
	CreatedAt       Instant    `json:"createdAt"`
	UpdatedAt       Instant    `json:"updatedAt"`
	LastUsedAt      *Instant   `json:"lastUsedAt"`
	BuildInfo       *BuildInfo `json:"buildInfo,omitempty"`
	RegionIDs       []string   `json:"regionIds"`
	InitialRunnerID *string    `json:"initialRunnerId,omitempty"`
	Ref             *string    `json:"ref,omitempty"`
	SourceSandboxID *string    `json:"sourceSandboxId"`
	Class           string     `json:"sandboxClass"`

	Due     *Instant `json:"due,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	// BuiltAt is when the image was built for a snapshot; nil if the runners have it
	// for another reason.
	BuiltAt        *Instant `json:"builtAt,omitempty"`
	publishedState string
}

// Volume is the stored record of a volume, with the fields of the API.
type Volume struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	OrganizationID string   `json:"organizationId"`
	State          string   `json:"state"`
	CreatedAt      Instant  `json:"createdAt"`
	UpdatedAt      Instant  `json:"updatedAt"`
	LastUsedAt     *Instant `json:"lastUsedAt,omitempty"`
	ErrorReason    *string  `json:"errorReason"`

	Due            *Instant `json:"due,omitempty"`
	Failure        *Failure `json:"failure,omitempty"`
	publishedState string
}

// Secret is a secret of the organisation. Its value is not stored.
type Secret struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Placeholder string   `json:"placeholder"`
	Hosts       []string `json:"hosts"`
	CreatedAt   Instant  `json:"createdAt"`
	UpdatedAt   Instant  `json:"updatedAt"`
}
