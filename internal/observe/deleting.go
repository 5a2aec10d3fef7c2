package observe

import (
	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
)

// collectDeleting is objectFromListed, and keeps the sandboxes whose deletion was
// accepted and has not ended apart from those that plans see.
func (o *observer) collectDeleting(s client.Sandbox) (*plan.Object, error) {
	if !s.Deleted() || s.State == client.StateDestroyed {
		return kind.FromListed(s)
	}
	object, err := kind.FromSandbox(s, false)
	if err != nil {
		return nil, err
	}
	name, start := s.DeletedName()
	object.Name, object.State = name, string(client.StateDestroying)
	if !start.IsZero() {
		object.LastActive = start
	}
	o.world.Deleting = append(o.world.Deleting, object)
	return nil, nil
}
