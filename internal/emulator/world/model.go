package world

// The states the emulator moves objects through. The API knows more; those can
// be set over the control endpoint and stay until changed.
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

// sandbox is the stored record of a sandbox, under the API's names. Its maps and
// slices are replaced, never changed, so that a shallow copy stays a snapshot.
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
	BuildInfo        *buildInfo       `json:"buildInfo,omitempty"`
	LinkedSandboxID  *string          `json:"linkedSandboxId,omitempty"`
	CreatedAt        Instant          `json:"createdAt"`
	UpdatedAt        Instant          `json:"updatedAt"`
	LastActivityAt   Instant          `json:"lastActivityAt"`
	DaemonVersion    *string          `json:"daemonVersion"`
	RunnerID         *string          `json:"runnerId"`

	// Pending is the server's hidden mark of a transition in progress.
	Pending bool `json:"pending"`
	// Due is when the running transition takes its next step; nil means never.
	Due *Instant `json:"due,omitempty"`
	// Failure, when set, is how the running transition ends.
	Failure *Failure `json:"failure,omitempty"`
	// Resize holds the sizes that apply once a resize is done.
	Resize *Sizes `json:"resize,omitempty"`
	// JobUntil is the end of the runner's work on the network settings.
	JobUntil *Instant `json:"jobUntil,omitempty"`

	// AuthToken opens the previews; each start makes another one.
	AuthToken string `json:"authToken,omitempty"`

	// publishedState is the state that subscribers know of.
	publishedState string
}

// sizes are the resources of a sandbox in vCPU and GiB.
type Sizes struct {
	CPU    int `json:"cpu"`
	Memory int `json:"memory"`
	Disk   int `json:"disk"`
}

// failure is the way a transition is going to fail.
type Failure struct {
	Reason      string `json:"reason"`
	Recoverable bool   `json:"recoverable,omitempty"`
}

// buildInfo is a declarative image as it was sent, and its identity.
type buildInfo struct {
	DockerfileContent *string  `json:"dockerfileContent"`
	ContextHashes     []string `json:"contextHashes"`
	CreatedAt         Instant  `json:"createdAt"`
	UpdatedAt         Instant  `json:"updatedAt"`
	SnapshotRef       string   `json:"snapshotRef"`
}

// snapshot is the stored record of a snapshot, under the API's names.
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
	BuildInfo       *buildInfo `json:"buildInfo,omitempty"`
	RegionIDs       []string   `json:"regionIds"`
	InitialRunnerID *string    `json:"initialRunnerId,omitempty"`
	Ref             *string    `json:"ref,omitempty"`
	SourceSandboxID *string    `json:"sourceSandboxId"`
	Class           string     `json:"sandboxClass"`

	Due            *Instant `json:"due,omitempty"`
	Failure        *Failure `json:"failure,omitempty"`
	publishedState string
}

// volume is the stored record of a volume, under the API's names.
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

// secret is a vault secret; its value is never shown.
type Secret struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Placeholder string   `json:"placeholder"`
	Hosts       []string `json:"hosts"`
	CreatedAt   Instant  `json:"createdAt"`
	UpdatedAt   Instant  `json:"updatedAt"`
}
