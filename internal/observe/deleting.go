package observe

import (
	"fleet/client"
	"fleet/internal/kind"
	"fleet/internal/state"
	"fleet/plan"
)

// collectDeleting converts a listed sandbox. It adds a sandbox whose deletion was
// accepted and has not ended to World.Deleting, and leaves it out of the list.
func (o *observer) collectDeleting(s client.Sandbox) (*plan.Object, error) {
	if !s.Deleted() || s.State == client.StateDestroyed {
		return kind.FromListed(s)
	}
	object, err := kind.FromSandbox(s, false)
	if err != nil {
		return nil, err
	}
	name, start := s.DeletedName()
	object.Name, object.State = name, state.Destroying
	if !start.IsZero() {
		object.LastActive = start
	}
	o.world.Deleting = append(o.world.Deleting, object)
	return nil, nil
}
