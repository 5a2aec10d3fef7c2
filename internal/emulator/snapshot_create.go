package emulator

import (
	"strings"

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
		name: in.name(true), image: valueOr(in.text("imageName"), ""), entrypoint: in.list("entrypoint"),
		cpu: valueOr(in.number("cpu", 0), 0), gpu: valueOr(in.number("gpu", 0), 0), gpuTypes: in.fields["gpuType"],
		memory: valueOr(in.number("memory", 0), 0), disk: valueOr(in.number("disk", 0), 0),
		region: valueOr(in.text("regionId"), ""), class: valueOr(in.text("sandboxClass"), "container"),
	}
	if sent := in.fields["buildInfo"]; sent != nil {
		m, _ := sent.(map[string]any)
		q.build = orEmpty(m)
	}
	q.fraction = in.fraction
	return q, in.err()
}

// check refuses what the server refuses, in its order.
func (q *snapshotRequest) check(w *world) error {
	if q.build != nil {
		switch {
		case q.image != "":
			return badRequest("Cannot specify an image name when using a build info entry")
		case len(q.entrypoint) > 0:
			return badRequest("Cannot specify an entrypoint when using a build info entry")
		}
	} else if q.image == "" {
		return badRequest("Must specify an image name")
	}
	if _, err := w.findRegion(q.region); err != nil {
		return err
	}
	if !snapshotName.MatchString(q.name) {
		return badRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes")
	}
	if q.build == nil {
		if p := imageProblem(q.image); p != "" {
			return badRequest("%s", p)
		}
	}
	return nil
}

func (c *call) createSnapshot() (reply, error) {
	q, err := readSnapshot(&c.input)
	if err != nil {
		return reply{}, err
	}
	if err := q.check(c.world); err != nil {
		return reply{}, err
	}
	if err := c.checkNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.checkSize(sizes{q.cpu, q.memory, q.disk}); err != nil {
		return reply{}, err
	}
	if err := c.checkSnapshotQuota(); err != nil {
		return reply{}, err
	}
	if q.fraction {
		return reply{}, errUnexpected
	}
	for _, s := range c.snapshotsNamed(q.name) {
		if !s.General && s.Name == q.name {
			return reply{}, conflict(`Snapshot with name "%s" already exists for this organization`, q.name)
		}
	}
	s := c.newSnapshot(q)
	c.snapshots[s.ID] = s
	c.schedule(s)
	c.changedSnapshot(s)
	return reply{status: success, body: c.srv.viewSnapshot(s)}, nil
}

func (c *call) newSnapshot(q *snapshotRequest) *snapshot {
	in, _ := c.findRegion(q.region)
	s := &snapshot{
		ID: uuid.NewString(), OrganizationID: organizationID, Name: q.name, ImageName: q.image, State: snapshotPending,
		CPU: orDefault(q.cpu, 1), GPU: q.gpu, GPUType: assignedGPU(q.gpu, q.gpuTypes), Mem: orDefault(q.memory, 1), Disk: orDefault(q.disk, 3),
		CreatedAt: c.now, UpdatedAt: c.now, RegionIDs: []string{in.ID}, Class: q.class,
		Failure: c.srv.faults.runnerFailure(c.method, c.path),
	}
	for _, word := range q.entrypoint {
		if text, ok := word.(string); ok && strings.TrimSpace(text) != "" {
			s.Entrypoint = append(s.Entrypoint, text)
		}
	}
	if q.build != nil {
		s.BuildInfo = newBuildInfo(q.build, c.now)
		s.Entrypoint = s.BuildInfo.entrypoint()
		s.Ref = ptr(registryRef(s.BuildInfo.SnapshotRef))
	}
	return s
}
