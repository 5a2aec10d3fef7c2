package observe

import (
	"fleet/client"
	"fleet/plan"
)

// keepDeleting is listedSandbox, and keeps the sandboxes whose deletion was
// accepted and has not ended apart from those that plans see.
func (o *observer) keepDeleting(s client.Sandbox) (*plan.Object, error) {
	if !s.Gone() || s.State == client.StateDestroyed {
		return listedSandbox(s)
	}
	object, err := Sandbox(s, false)
	if err != nil {
		return nil, err
	}
	name, began := s.Deletion()
	object.Name, object.State = name, string(client.StateDestroying)
	if !began.IsZero() {
		object.Active = began
	}
	o.world.Deleting = append(o.world.Deleting, object)
	return nil, nil
}
