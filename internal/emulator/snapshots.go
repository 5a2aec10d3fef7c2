package emulator

import (
	"net/http"

	"fleet/internal/emulator/world"

	"github.com/google/uuid"
)

func (c *call) getSnapshot() (reply, error) {
	found := c.SnapshotsNamed(c.vars["id"])
	if len(found) == 0 {
		return reply{}, world.NotFound("Snapshot with name %s not found", c.vars["id"])
	}
	return reply{status: success, body: c.srv.views().Snapshot(found[0])}, nil
}

// pathSnapshot returns the snapshot in the path, which must be given by id.
func (c *call) pathSnapshot() (*world.Snapshot, error) {
	id := c.vars["id"]
	if uuid.Validate(id) != nil || len(id) != 36 {
		return nil, world.BadRequest("Validation failed (uuid is expected)")
	}
	s := c.Snapshots[id]
	if s == nil || s.General {
		return nil, world.NotFound("Snapshot with ID or name %s not found", id)
	}
	return s, nil
}

// deleteSnapshot deletes a snapshot even if it is in use.
func (c *call) deleteSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	if s.State != world.SnapshotRemoving {
		s.State = world.SnapshotRemoving
		s.Due = new(c.Now.Plus(c.Delays.SnapshotRemove))
		c.ChangedSnapshot(s)
	}
	return reply{status: success}, nil
}

func (c *call) deactivateSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	if s.State != world.SnapshotInactive {
		s.State, s.Due = world.SnapshotInactive, nil
		c.ChangedSnapshot(s)
	}
	return reply{status: http.StatusNoContent}, nil
}

func (c *call) activateSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	switch {
	case s.State == world.SnapshotActive:
		return reply{}, world.BadRequest("Snapshot %s is already active", s.ID)
	case s.State != world.SnapshotInactive:
		return reply{}, world.BadRequest("Snapshot %s cannot be activated - it is in %s state", s.ID, s.State)
	case c.Now.Before(s.UpdatedAt.Plus(world.ReactivationDelay).Time):
		return reply{}, world.BadRequest("Snapshot deactivation is still in progress. Please try again in a few minutes.")
	}
	if err := c.CheckNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.CheckSnapshotQuota(); err != nil {
		return reply{}, err
	}
	s.State = world.SnapshotPending
	c.Schedule(s)
	c.ChangedSnapshot(s)
	return reply{status: success, body: c.srv.views().Snapshot(s)}, nil
}
