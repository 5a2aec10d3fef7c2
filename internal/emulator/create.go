package emulator

import (
	"cmp"

	"fleet/internal/emulator/world"

	"fleet/internal/emulator/request"

	"github.com/google/uuid"
)

func (c *call) createSandbox() (reply, error) {
	q, err := request.ReadCreateSandbox(&c.input, c.srv.opts.APIVersion)
	if err != nil {
		return reply{}, err
	}
	if err := q.CheckExclusive(); err != nil {
		return reply{}, err
	}
	in, err := c.FindRegion(q.Target)
	if err != nil {
		return reply{}, err
	}
	sb := c.newSandbox(q, in)
	if q.Build != nil {
		err = c.fromBuild(sb, q)
	} else {
		err = c.fromSnapshot(sb, q, in)
	}
	if err != nil {
		return reply{}, err
	}
	if err := c.setOptions(sb, q); err != nil {
		return reply{}, err
	}
	if q.Fraction {
		return reply{}, world.ErrUnexpected
	}
	_, taken := c.Sandboxes.ByName[sb.Name]
	// The real server reports every unique violation of the transaction like this.
	if taken || sb.BuildInfo != nil && !c.InsertBuild(sb.BuildInfo, c.arrived) {
		return reply{}, world.Conflict("Sandbox with name %s already exists", sb.Name)
	}
	c.insert(sb)
	rep := reply{status: success, body: c.srv.views().Created(sb)}
	if sb.BuildInfo == nil {
		rep.wait = &wait{id: sb.ID}
	}
	return rep, nil
}

// newSandbox returns a sandbox with the defaults and the fields that need no checks.
func (c *call) newSandbox(q *request.CreateSandbox, in world.Region) *world.Sandbox {
	id := uuid.NewString()
	sb := &world.Sandbox{
		ID: id, OrganizationID: world.OrganizationID, Name: q.Name, Target: in.ID, User: q.User,
		Env: world.OrEmpty(q.Env), Labels: world.OrEmpty(q.Labels), Public: q.Public, NetworkBlockAll: q.BlockAll,
		Volumes: []map[string]any{}, DesiredState: world.StateStarted, Pending: true, BackupState: "None",
		AutoStop: 15, AutoArchive: 10080, AutoDelete: world.ValueOr(q.AutoDelete, -1), Class: "container",
		CreatedAt: c.Now, UpdatedAt: c.Now, LastActivityAt: c.Now,
	}
	if sb.Name == "" {
		sb.Name = id
	}
	if sb.User == "" {
		sb.User = "daytona"
	}
	return sb
}

// fromBuild sets up a sandbox that is built from a Dockerfile.
func (c *call) fromBuild(sb *world.Sandbox, q *request.CreateSandbox) error {
	sb.CPU, sb.Memory, sb.Disk = cmp.Or(q.CPU, 1), cmp.Or(q.Memory, 1), cmp.Or(q.Disk, 3)
	if err := c.CheckGPU(q.GPU, q.GPUTypes); err != nil {
		return err
	}
	sb.GPU, sb.GPUType = q.GPU, assignedGPU(q.GPU, q.GPUTypes)
	if err := c.checkLimits(sb, q); err != nil {
		return err
	}
	sb.BuildInfo = world.NewBuildInfo(q.Build, c.Now)
	sb.State = world.StatePendingBuild
	if !c.Org.NoRunners {
		sb.Due = new(c.Now.Plus(world.PickupDelay(c.Delays.Build)))
	}
	return nil
}

// assignedGPU returns the GPU type that the scheduler assigns: the first requested
// one, or its own choice. The field may be a list or a single text.
func assignedGPU(count int, preferences any) *string {
	if count == 0 {
		return nil
	}
	if list, ok := preferences.([]any); ok && len(list) > 0 {
		preferences = list[0]
	}
	if text, ok := preferences.(string); ok {
		return new(text)
	}
	return new("H100")
}

// fromSnapshot sets up a sandbox that is created from a snapshot.
func (c *call) fromSnapshot(sb *world.Sandbox, q *request.CreateSandbox, in world.Region) error {
	s, err := c.usableSnapshot(q.Snapshot, in)
	if err != nil {
		return err
	}
	sb.Snapshot = new(s.Name)
	sb.CPU, sb.GPU, sb.Memory, sb.Disk, sb.Class = s.CPU, s.GPU, s.Mem, s.Disk, s.Class
	sb.GPUType = s.GPUType
	if err := c.linkSandbox(sb, q); err != nil {
		return err
	}
	if err := c.checkLimits(sb, q); err != nil {
		return err
	}
	if c.Org.NoRunners || c.IsSpreading(s) {
		return world.ErrNoRunners
	}
	sb.State = world.StateUnknown
	sb.RunnerID = new(world.RunnerID)
	sb.Due = new(c.Now.Plus(world.PickupDelay(c.Delays.Create)))
	return nil
}

// checkLimits checks the organisation and its limits, then the volumes.
func (c *call) checkLimits(sb *world.Sandbox, q *request.CreateSandbox) error {
	if sb.GPU > 0 && sb.AutoDelete != 0 {
		return world.BadRequest("GPU sandboxes must be ephemeral - set autoDeleteInterval to 0")
	}
	if err := c.CheckNotSuspended(); err != nil {
		return err
	}
	if err := c.CheckQuota(sb.Target, world.Sizes{CPU: sb.CPU, Memory: sb.Memory, Disk: sb.Disk}, sb.GPU, nil); err != nil {
		return err
	}
	if limit := c.Org.Quota.GPU; limit != nil && sb.GPU > 0 && c.GPUsUsed(sb.Target)+sb.GPU > *limit {
		return world.BadRequest("Total GPU limit exceeded")
	}
	mounts, err := c.ResolveVolumes(q.Volumes)
	if err != nil {
		return err
	}
	sb.Volumes = mounts
	return nil
}

// usableSnapshot returns the snapshot to create from, by id or name, preferably an
// active one.
func (c *call) usableSnapshot(idOrName string, in world.Region) (*world.Snapshot, error) {
	if idOrName == "" {
		idOrName = world.DefaultSnapshot
	}
	var found *world.Snapshot
	for _, s := range c.SnapshotsNamed(idOrName) {
		if found == nil || found.State != world.SnapshotActive {
			found = s
		}
	}
	switch {
	case found == nil:
		return nil, world.BadRequest("Snapshot %s not found. Did you add it through the Daytona Dashboard?", idOrName)
	case !contains(found.RegionIDs, in.ID):
		return nil, world.BadRequest("Snapshot %s is not available in region %s", idOrName, in.ID)
	case found.State != world.SnapshotActive:
		return nil, world.BadRequest("Snapshot %s is %s", idOrName, found.State)
	}
	return found, nil
}

// linkSandbox resolves the sandbox to which the new one is linked. A linked sandbox is
// deleted with it.
func (c *call) linkSandbox(sb *world.Sandbox, q *request.CreateSandbox) error {
	if q.Linked == "" {
		return nil
	}
	if sb.AutoDelete != 0 {
		return world.BadRequest("Linked sandboxes must be ephemeral (set autoDeleteInterval to 0)")
	}
	owner := c.Find(q.Linked)
	switch {
	case owner == nil:
		return world.SandboxNotFound(q.Linked)
	case owner.LinkedSandboxID != nil:
		return world.BadRequest("Linked sandbox %s is itself linked to another sandbox; chained links are not allowed", owner.ID)
	case owner.State != world.StateStarted && owner.State != world.StateStopped || owner.RunnerID == nil:
		return world.BadRequest("Linked sandbox must be in STARTED or STOPPED state with an assigned runner (current: %s)", owner.State)
	}
	sb.LinkedSandboxID = new(owner.ID)
	return nil
}

// setOptions validates and sets the options that the server checks last.
func (c *call) setOptions(sb *world.Sandbox, q *request.CreateSandbox) error {
	if q.Networks != nil {
		if err := world.CheckNetworks(*q.Networks); err != nil {
			return err
		}
		sb.NetworkAllowList = q.Networks
	}
	if q.Domains != nil {
		if err := world.CheckDomains(*q.Domains); err != nil {
			return err
		}
		sb.DomainAllowList = q.Domains
	}
	if q.AutoStop != nil {
		if *q.AutoStop < 0 {
			return errNegativeStop
		}
		sb.AutoStop = *q.AutoStop
	}
	if q.AutoArchive != nil {
		n, err := archiveInterval(*q.AutoArchive)
		if err != nil {
			return err
		}
		sb.AutoArchive = n
	}
	return c.setNewerOptions(sb, q)
}

// setNewerOptions sets the options that 0.205 introduced.
func (c *call) setNewerOptions(sb *world.Sandbox, q *request.CreateSandbox) error {
	sb.AutoPause, sb.OutboundProxyURL, sb.OtelEndpoint, sb.Spot = q.AutoPause, q.Proxy, q.Otel, q.Spot
	if q.TTL != nil && *q.TTL > 0 {
		sb.AutoDestroyAt = new(c.Now.PlusMinutes(*q.TTL))
	}
	secrets, err := c.ResolveSecrets(q.Secrets)
	sb.Secrets = secrets
	return err
}

// insert adds the new sandbox to the world.
func (c *call) insert(sb *world.Sandbox) {
	sb.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
	c.MarkVolumesUsed(sb.Volumes)
	if sb.Snapshot != nil {
		if found := c.SnapshotsNamed(*sb.Snapshot); len(found) > 0 {
			found[0].LastUsedAt = new(c.Now)
			c.RearmSnapshot(found[0])
		}
	}
	c.Add(sb)
}
