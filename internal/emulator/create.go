package emulator

import (
	"github.com/google/uuid"
)

func (c *call) createSandbox() (reply, error) {
	q, err := readCreate(&c.input, c.srv.opts.APIVersion)
	if err != nil {
		return reply{}, err
	}
	if err := q.checkExclusive(); err != nil {
		return reply{}, err
	}
	in, err := c.findRegion(q.target)
	if err != nil {
		return reply{}, err
	}
	sb := c.newSandbox(q, in)
	if q.build != nil {
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
	if q.fraction {
		return reply{}, errUnexpected
	}
	if _, taken := c.sandboxes.byName[sb.Name]; taken {
		return reply{}, conflict("Sandbox with name %s already exists", sb.Name)
	}
	c.insert(sb)
	rep := reply{status: success, body: c.srv.viewCreated(sb)}
	if sb.BuildInfo == nil {
		rep.wait = &wait{id: sb.ID}
	}
	return rep, nil
}

// newSandbox is a sandbox with all defaults and what needs no checks.
func (c *call) newSandbox(q *createRequest, in region) *sandbox {
	id := uuid.NewString()
	sb := &sandbox{
		ID: id, OrganizationID: organizationID, Name: q.name, Target: in.ID, User: q.user,
		Env: orEmpty(q.env), Labels: orEmpty(q.labels), Public: q.public, NetworkBlockAll: q.blockAll,
		Volumes: []map[string]any{}, DesiredState: stateStarted, Pending: true, BackupState: "None",
		AutoStop: 15, AutoArchive: 10080, AutoDelete: valueOr(q.autoDelete, -1), Class: "container",
		CreatedAt: c.now, UpdatedAt: c.now, LastActivityAt: c.now,
	}
	if sb.Name == "" {
		sb.Name = id
	}
	if sb.User == "" {
		sb.User = "daytona"
	}
	return sb
}

func (c *call) fromBuild(sb *sandbox, q *createRequest) error {
	sb.CPU, sb.Memory, sb.Disk = orDefault(q.cpu, 1), orDefault(q.memory, 1), orDefault(q.disk, 3)
	if err := c.checkGPU(q.gpu, q.gpuTypes); err != nil {
		return err
	}
	sb.GPU, sb.GPUType = q.gpu, assignedGPU(q.gpu, q.gpuTypes)
	if err := c.checkLimits(sb, q); err != nil {
		return err
	}
	sb.BuildInfo = newBuildInfo(q.build, c.now)
	sb.State = statePendingBuild
	if !c.org.NoRunners {
		sb.Due = ptr(c.now.plus(pickupDelay(c.delays.Build)))
	}
	return nil
}

// assignedGPU is the type that the scheduler chooses: the first that is asked
// for, or one of its own. The field may be a list or a single text.
func assignedGPU(count int, preferences any) *string {
	if count == 0 {
		return nil
	}
	if list, ok := preferences.([]any); ok && len(list) > 0 {
		preferences = list[0]
	}
	if text, ok := preferences.(string); ok {
		return ptr(text)
	}
	return ptr("H100")
}

func (c *call) fromSnapshot(sb *sandbox, q *createRequest, in region) error {
	s, err := c.usableSnapshot(q.snapshot, in)
	if err != nil {
		return err
	}
	sb.Snapshot = ptr(s.Name)
	sb.CPU, sb.GPU, sb.Memory, sb.Disk, sb.Class = s.CPU, s.GPU, s.Mem, s.Disk, s.Class
	sb.GPUType = s.GPUType
	if err := c.linkSandbox(sb, q); err != nil {
		return err
	}
	if err := c.checkLimits(sb, q); err != nil {
		return err
	}
	if c.org.NoRunners || c.isSpreading(s) {
		return errNoRunners
	}
	sb.State = stateUnknown
	sb.RunnerID = ptr(runnerID)
	sb.Due = ptr(c.now.plus(pickupDelay(c.delays.Create)))
	return nil
}

// checkLimits checks the organisation and its limits, then the volumes.
func (c *call) checkLimits(sb *sandbox, q *createRequest) error {
	if sb.GPU > 0 && sb.AutoDelete != 0 {
		return badRequest("GPU sandboxes must be ephemeral - set autoDeleteInterval to 0")
	}
	if err := c.checkNotSuspended(); err != nil {
		return err
	}
	if err := c.checkQuota(sb.Target, sizes{sb.CPU, sb.Memory, sb.Disk}, nil); err != nil {
		return err
	}
	if limit := c.org.Quota.GPU; limit != nil && sb.GPU > 0 && c.gpusUsed(sb.Target)+sb.GPU > *limit {
		return badRequest("Total GPU limit exceeded")
	}
	mounts, err := c.resolveVolumes(q.volumes)
	if err != nil {
		return err
	}
	sb.Volumes = mounts
	return nil
}

// usableSnapshot finds the snapshot to create from, by id or name; an active one wins.
func (c *call) usableSnapshot(idOrName string, in region) (*snapshot, error) {
	if idOrName == "" {
		idOrName = defaultSnapshot
	}
	var found *snapshot
	for _, s := range c.snapshotsNamed(idOrName) {
		if found == nil || found.State != snapshotActive {
			found = s
		}
	}
	switch {
	case found == nil:
		return nil, badRequest("Snapshot %s not found. Did you add it through the Daytona Dashboard?", idOrName)
	case !contains(found.RegionIDs, in.ID):
		return nil, badRequest("Snapshot %s is not available in region %s", idOrName, in.ID)
	case found.State != snapshotActive:
		return nil, badRequest("Snapshot %s is %s", idOrName, found.State)
	}
	return found, nil
}

// linkSandbox resolves the sandbox that a follower lives and dies with.
func (c *call) linkSandbox(sb *sandbox, q *createRequest) error {
	if q.linked == "" {
		return nil
	}
	if sb.AutoDelete != 0 {
		return badRequest("Linked sandboxes must be ephemeral (set autoDeleteInterval to 0)")
	}
	owner := c.find(q.linked)
	switch {
	case owner == nil:
		return sandboxNotFound(q.linked)
	case owner.LinkedSandboxID != nil:
		return badRequest("Linked sandbox %s is itself linked to another sandbox; chained links are not allowed", owner.ID)
	case owner.State != stateStarted && owner.State != stateStopped || owner.RunnerID == nil:
		return badRequest("Linked sandbox must be in STARTED or STOPPED state with an assigned runner (current: %s)", owner.State)
	}
	sb.LinkedSandboxID = ptr(owner.ID)
	return nil
}

// setOptions checks and sets what the server looks at last.
func (c *call) setOptions(sb *sandbox, q *createRequest) error {
	if q.networks != nil {
		if err := checkNetworks(*q.networks); err != nil {
			return err
		}
		sb.NetworkAllowList = q.networks
	}
	if q.domains != nil {
		if err := checkDomains(*q.domains); err != nil {
			return err
		}
		sb.DomainAllowList = q.domains
	}
	if q.autoStop != nil {
		if *q.autoStop < 0 {
			return errNegativeStop
		}
		sb.AutoStop = *q.autoStop
	}
	if q.autoArchive != nil {
		n, err := archiveInterval(*q.autoArchive)
		if err != nil {
			return err
		}
		sb.AutoArchive = n
	}
	return c.setNewerOptions(sb, q)
}

func (c *call) setNewerOptions(sb *sandbox, q *createRequest) error {
	sb.AutoPause, sb.OutboundProxyURL, sb.OtelEndpoint, sb.Spot = q.autoPause, q.proxy, q.otel, q.spot
	if q.ttl != nil && *q.ttl > 0 {
		sb.AutoDestroyAt = ptr(c.now.plusMinutes(*q.ttl))
	}
	secrets, err := c.resolveSecrets(q.secrets)
	sb.Secrets = secrets
	return err
}

// insert makes the sandbox real.
func (c *call) insert(sb *sandbox) {
	sb.Failure = c.srv.faults.runnerFailure(c.method, c.path)
	c.markVolumesUsed(sb.Volumes)
	if sb.Snapshot != nil {
		if found := c.snapshotsNamed(*sb.Snapshot); len(found) > 0 {
			found[0].LastUsedAt = ptr(c.now)
			c.rearmSnapshot(found[0])
		}
	}
	c.add(sb)
}
