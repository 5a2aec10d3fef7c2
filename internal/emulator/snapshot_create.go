package emulator

import (
	"cmp"
	"strings"

	"fleet/internal/emulator/world"

	"github.com/google/uuid"
)

func (c *call) createSnapshot() (reply, error) {
	q, err := readSnapshot(&c.input)
	if err != nil {
		return reply{}, err
	}
	if err := q.check(c.World); err != nil {
		return reply{}, err
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.CheckSize(world.Sizes{CPU: q.cpu, Memory: q.memory, Disk: q.disk}); err != nil {
		return reply{}, err
	}
	if err := c.CheckSnapshotQuota(); err != nil {
		return reply{}, err
	}
	if q.fraction {
		return reply{}, world.ErrUnexpected
	}
	for _, s := range c.SnapshotsNamed(q.name) {
		if !s.General && s.Name == q.name {
			return reply{}, world.Conflict(`Snapshot with name "%s" already exists for this organization`, q.name)
		}
	}
	s := c.newSnapshot(q)
	c.Snapshots[s.ID] = s
	c.Schedule(s)
	c.ChangedSnapshot(s)
	return reply{status: success, body: c.srv.viewSnapshot(s)}, nil
}

func (c *call) newSnapshot(q *snapshotRequest) *world.Snapshot {
	in, _ := c.FindRegion(q.region)
	s := &world.Snapshot{
		ID: uuid.NewString(), OrganizationID: world.OrganizationID, Name: q.name, ImageName: q.image, State: world.SnapshotPending,
		CPU: cmp.Or(q.cpu, 1), GPU: q.gpu, GPUType: assignedGPU(q.gpu, q.gpuTypes), Mem: cmp.Or(q.memory, 1), Disk: cmp.Or(q.disk, 3),
		CreatedAt: c.Now, UpdatedAt: c.Now, RegionIDs: []string{in.ID}, Class: q.class,
		Failure: c.srv.faults.runnerFailure(c.method, c.path),
	}
	for _, word := range q.entrypoint {
		if text, ok := word.(string); ok && strings.TrimSpace(text) != "" {
			s.Entrypoint = append(s.Entrypoint, text)
		}
	}
	if q.build != nil {
		s.BuildInfo = world.NewBuildInfo(q.build, c.Now)
		s.Entrypoint = s.BuildInfo.Entrypoint()
		s.Ref = new(world.RegistryRef(s.BuildInfo.SnapshotRef))
	}
	return s
}
