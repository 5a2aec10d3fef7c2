package emulator

import (
	"cmp"
	"strings"

	"fleet/internal/emulator/world"

	"fleet/internal/emulator/request"

	"github.com/google/uuid"
)

func (c *call) createSnapshot() (reply, error) {
	q, err := request.ReadCreateSnapshot(&c.input)
	if err != nil {
		return reply{}, err
	}
	if err := q.Check(c.World); err != nil {
		return reply{}, err
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.CheckSize(world.Sizes{CPU: q.CPU, Memory: q.Memory, Disk: q.Disk}, q.GPU); err != nil {
		return reply{}, err
	}
	if err := c.CheckSnapshotQuota(); err != nil {
		return reply{}, err
	}
	if q.Fraction {
		return reply{}, world.ErrUnexpected
	}
	for _, s := range c.SnapshotsNamed(q.Name) {
		if !s.General && s.Name == q.Name {
			return reply{}, world.Conflict(`Snapshot with name "%s" already exists for this organization`, q.Name)
		}
	}
	s := c.newSnapshot(q)
	if s.BuildInfo != nil && !c.InsertBuild(s.BuildInfo, c.arrived) {
		return reply{}, world.ErrUnexpected
	}
	c.Snapshots[s.ID] = s
	c.Schedule(s)
	c.ChangedSnapshot(s)
	return reply{status: success, body: c.srv.views().Snapshot(s)}, nil
}

// newSnapshot returns a pending snapshot.
func (c *call) newSnapshot(q *request.CreateSnapshot) *world.Snapshot {
	in, _ := c.FindRegion(q.Region)
	s := &world.Snapshot{
		ID: uuid.NewString(), OrganizationID: world.OrganizationID, Name: q.Name, ImageName: q.Image, State: world.SnapshotPending,
		CPU: cmp.Or(q.CPU, 1), GPU: q.GPU, GPUType: assignedGPU(q.GPU, q.GPUTypes), Mem: cmp.Or(q.Memory, 1), Disk: cmp.Or(q.Disk, 3),
		CreatedAt: c.Now, UpdatedAt: c.Now, RegionIDs: []string{in.ID}, Class: q.Class,
		Failure: c.srv.faults.RunnerFailure(c.method, c.path),
	}
	for _, word := range q.Entrypoint {
		if text, ok := word.(string); ok && strings.TrimSpace(text) != "" {
			s.Entrypoint = append(s.Entrypoint, text)
		}
	}
	if q.Build != nil {
		s.BuildInfo = world.NewBuildInfo(q.Build, c.Now)
		s.Entrypoint = s.BuildInfo.Entrypoint()
		s.Ref = new(world.RegistryRef(s.BuildInfo.SnapshotRef))
	}
	return s
}
