package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"fleet/internal/emulator/view"
	"fleet/internal/emulator/world"

	"fleet/internal/emulator/request"

	"github.com/google/uuid"
)

// listVolumes treats any value of includeDeleted as true, even "false".
func (c *call) listVolumes() (reply, error) {
	deleted := request.First(c.query["includeDeleted"]) != ""
	all := slices.SortedFunc(maps.Values(c.Volumes), func(a, b *world.Volume) int {
		return cmp.Or(latestFirst(a.LastUsedAt, b.LastUsedAt), latestFirst(&a.CreatedAt, &b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	views := []map[string]any{}
	for _, v := range all {
		if deleted || v.State != world.VolumeDeleted {
			views = append(views, view.Volume(v))
		}
	}
	return reply{status: success, body: views}, nil
}

// latestFirst compares times in descending order; nil comes last.
func latestFirst(a, b *world.Instant) int {
	if a == nil || b == nil {
		return world.CompareBool(a == nil, b == nil)
	}
	return b.Compare(a.Time)
}

func (c *call) createVolume() (reply, error) {
	name := c.input.Name(true)
	if err := c.input.Err(); err != nil {
		return reply{}, err
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.CheckVolumeQuota(); err != nil {
		return reply{}, err
	}
	v := &world.Volume{
		ID: uuid.NewString(), Name: name, OrganizationID: world.OrganizationID, State: world.VolumePendingCreate,
		CreatedAt: c.Now, UpdatedAt: c.Now, Due: new(c.Now.Plus(world.PickupDelay(c.Delays.VolumeCreate))),
	}
	if name == "" {
		v.Name = v.ID
	}
	if c.VolumeByName(v.Name) != nil {
		return reply{}, world.BadRequest("Volume with name %s already exists", v.Name)
	}
	v.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
	c.Volumes[v.ID] = v
	c.ChangedVolume(v)
	return reply{status: success, body: view.Volume(v)}, nil
}

// getVolume also finds deleted volumes.
func (c *call) getVolume() (reply, error) {
	v := c.Volumes[c.vars["id"]]
	if v == nil {
		return reply{}, world.NotFound("Volume with ID %s not found", c.vars["id"])
	}
	return reply{status: success, body: view.Volume(v)}, nil
}

func (c *call) getVolumeByName() (reply, error) {
	v := c.VolumeByName(c.vars["id"])
	if v == nil {
		return reply{}, world.NotFound("Volume with name %s not found", c.vars["id"])
	}
	return reply{status: success, body: view.Volume(v)}, nil
}

func (c *call) deleteVolume() (reply, error) {
	v := c.Volumes[c.vars["id"]]
	switch {
	case v == nil:
		return reply{}, world.NotFound("Volume with ID %s not found", c.vars["id"])
	case v.State != world.VolumeReady && v.State != world.StateError:
		return reply{}, world.BadRequest("Volume must be in 'ready' or 'error' state in order to be deleted")
	}
	if user := c.MountingSandbox(v.ID); user != nil {
		return reply{}, world.Conflict("Volume cannot be deleted because it is in use by one or more sandboxes (e.g. %s)", user.Name)
	}
	v.State, v.ErrorReason, v.UpdatedAt = world.VolumePendingDelete, nil, c.Now
	v.Failure = c.srv.faults.RunnerFailure(c.method, c.path)
	v.Due = new(c.Now.Plus(world.PickupDelay(c.Delays.VolumeDelete)))
	c.ChangedVolume(v)
	return reply{status: success}, nil
}
