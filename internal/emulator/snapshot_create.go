package emulator

import (
	"cmp"
	"strings"

	"fleet/internal/emulator/world"

	"github.com/google/uuid"
)

// snapshotRequest is the body of POST /snapshots after the validator.
type snapshotRequest struct {
	name, image, region    string
	entrypoint             []any
	cpu, gpu, memory, disk int
	gpuTypes               any
	class                  string
	build                  map[string]any
	fraction               bool
}

func readSnapshot(in *input) (*snapshotRequest, error) {
	q := &snapshotRequest{
		name: in.name(true), image: world.ValueOr(in.text("imageName"), ""), entrypoint: in.list("entrypoint"),
		cpu: world.ValueOr(in.number("cpu", 0), 0), gpu: world.ValueOr(in.number("gpu", 0), 0), gpuTypes: in.fields["gpuType"],
		memory: world.ValueOr(in.number("memory", 0), 0), disk: world.ValueOr(in.number("disk", 0), 0),
		region: world.ValueOr(in.text("regionId"), ""), class: world.ValueOr(in.text("sandboxClass"), "container"),
	}
	if sent := in.fields["buildInfo"]; sent != nil {
		m, _ := sent.(map[string]any)
		q.build = world.OrEmpty(m)
	}
	q.fraction = in.fraction
	return q, in.err()
}

// check refuses what the server refuses, in its order.
func (q *snapshotRequest) check(w *world.World) error {
	if q.build != nil {
		switch {
		case q.image != "":
			return world.BadRequest("Cannot specify an image name when using a build info entry")
		case len(q.entrypoint) > 0:
			return world.BadRequest("Cannot specify an entrypoint when using a build info entry")
		}
	} else if q.image == "" {
		return world.BadRequest("Must specify an image name")
	}
	if _, err := w.FindRegion(q.region); err != nil {
		return err
	}
	if !snapshotName.MatchString(q.name) {
		return world.BadRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes")
	}
	if q.build == nil {
		if p := imageProblem(q.image); p != "" {
			return world.BadRequest("%s", p)
		}
	}
	return nil
}

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
