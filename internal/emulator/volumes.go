package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// viewVolume leaves out what a client cannot know.
func viewVolume(v *volume) map[string]any {
	m := map[string]any{
		"id": v.ID, "name": v.Name, "organizationId": v.OrganizationID, "state": v.State,
		"createdAt": v.CreatedAt, "updatedAt": v.UpdatedAt, "errorReason": v.ErrorReason,
	}
	if v.LastUsedAt != nil {
		m["lastUsedAt"] = v.LastUsedAt
	}
	return m
}

// listVolumes takes any text for includeDeleted as true, be it "false".
func (c *call) listVolumes() (reply, error) {
	deleted := first(c.query["includeDeleted"]) != ""
	all := slices.SortedFunc(maps.Values(c.volumes), func(a, b *volume) int {
		return cmp.Or(latestFirst(a.LastUsedAt, b.LastUsedAt), latestFirst(&a.CreatedAt, &b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	views := []map[string]any{}
	for _, v := range all {
		if deleted || v.State != volumeDeleted {
			views = append(views, viewVolume(v))
		}
	}
	return reply{status: success, body: views}, nil
}

// latestFirst orders by time, those that never happened last.
func latestFirst(a, b *instant) int {
	if a == nil || b == nil {
		return compareBool(a == nil, b == nil)
	}
	return b.Compare(a.Time)
}

func (c *call) createVolume() (reply, error) {
	name := c.input.name(true)
	if err := c.input.err(); err != nil {
		return reply{}, err
	}
	if err := c.checkNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.checkVolumeQuota(); err != nil {
		return reply{}, err
	}
	v := &volume{
		ID: uuid.NewString(), Name: name, OrganizationID: organizationID, State: volumePendingCreate,
		CreatedAt: c.now, UpdatedAt: c.now, Due: ptr(c.now.plus(pickupDelay(c.delays.VolumeCreate))),
	}
	if name == "" {
		v.Name = v.ID
	}
	if c.volumeByName(v.Name) != nil {
		return reply{}, badRequest("Volume with name %s already exists", v.Name)
	}
	v.Failure = c.srv.faults.runnerFailure(c.method, c.path)
	c.volumes[v.ID] = v
	c.changedVolume(v)
	return reply{status: success, body: viewVolume(v)}, nil
}

// getVolume finds deleted volumes too.
func (c *call) getVolume() (reply, error) {
	v := c.volumes[c.vars["id"]]
	if v == nil {
		return reply{}, notFound("Volume with ID %s not found", c.vars["id"])
	}
	return reply{status: success, body: viewVolume(v)}, nil
}

func (c *call) getVolumeByName() (reply, error) {
	v := c.volumeByName(c.vars["id"])
	if v == nil {
		return reply{}, notFound("Volume with name %s not found", c.vars["id"])
	}
	return reply{status: success, body: viewVolume(v)}, nil
}

func (c *call) deleteVolume() (reply, error) {
	v := c.volumes[c.vars["id"]]
	switch {
	case v == nil:
		return reply{}, notFound("Volume with ID %s not found", c.vars["id"])
	case v.State != volumeReady && v.State != stateError:
		return reply{}, badRequest("Volume must be in 'ready' or 'error' state in order to be deleted")
	}
	if user := c.mountingSandbox(v.ID); user != nil {
		return reply{}, conflict("Volume cannot be deleted because it is in use by one or more sandboxes (e.g. %s)", user.Name)
	}
	v.State, v.ErrorReason, v.UpdatedAt = volumePendingDelete, nil, c.now
	v.Failure = c.srv.faults.runnerFailure(c.method, c.path)
	v.Due = ptr(c.now.plus(pickupDelay(c.delays.VolumeDelete)))
	c.changedVolume(v)
	return reply{status: success}, nil
}
