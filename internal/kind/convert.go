package kind

import (
	"fmt"
	"iter"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// FromSandbox converts a sandbox for plans. One whose deletion was accepted has
// destroyed as its target state. detailed means that s was read by its id, and not
// from a list, which shows fewer attributes.
func FromSandbox(s client.Sandbox, detailed bool) (*plan.Object, error) {
	o, err := fromSandbox(s, spec.NewAttrsReader(spec.Tables[spec.SandboxKind]))
	if err != nil {
		return nil, err
	}
	o.FullyRead = detailed
	return o, nil
}

// fromSandbox converts a sandbox that is not known to be shown completely.
func fromSandbox(s client.Sandbox, r *spec.AttrsReader) (*plan.Object, error) {
	attrs, err := r.Read(s.Fields)
	if err != nil {
		return nil, fmt.Errorf("sandbox %q: %w", s.Name, err)
	}
	next := s.DesiredState // which may lag behind the state of a sandbox at rest
	if s.Settled() || s.Failed() {
		next = s.Effective()
	}
	if s.Deleted() {
		next = client.StateDestroyed
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, Labels: s.Labels},
		ID:     s.ID, Name: s.Name, State: string(s.Effective()), TargetState: string(next),
		Failed: s.Failed(), Recoverable: s.Recoverable, ErrorReason: s.ErrorReason,
		Class: s.Class, Created: s.CreatedAt, LastActive: s.LastActivityAt, Organization: s.OrganizationID,
	}, nil
}

// FromSnapshot converts a snapshot for plans.
func FromSnapshot(s client.Snapshot) (*plan.Object, error) {
	attrs, err := spec.Tables[spec.SnapshotKind].Read(s.Fields)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", s.Name, err)
	}
	next := client.StateActive // where all transitions of snapshots but the removal lead
	if s.Settled() || s.Failed() || s.State == client.StateRemoving {
		next = s.State
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, FullyRead: true},
		ID:     s.ID, Name: s.Name, State: string(s.State), TargetState: string(next),
		Failed: s.Failed(), ErrorReason: s.ErrorReason, Shared: s.General, Created: s.CreatedAt, LastActive: s.LastUsedAt, Organization: s.OrganizationID,
		Size: s.Size,
	}, nil
}

// FromVolume converts a volume for plans; nil if it was deleted.
func FromVolume(v client.Volume) (*plan.Object, error) {
	if v.Deleted() {
		return nil, nil
	}
	attrs, err := spec.Tables[spec.VolumeKind].Read(v.Fields)
	if err != nil {
		return nil, fmt.Errorf("volume %q: %w", v.Name, err)
	}
	next := v.State
	if v.State == client.StatePendingCreate || v.State == client.StateCreating {
		next = client.StateReady
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, FullyRead: true},
		ID:     v.ID, Name: v.Name, State: string(v.State), TargetState: string(next),
		Failed: v.Failed(), ErrorReason: v.ErrorReason, Created: v.CreatedAt, LastActive: v.LastUsedAt, Organization: v.OrganizationID,
	}, nil
}

// Collect returns the objects of a list, without those that convert turns into nil.
// It fails with the first error of either.
func Collect[T any](list iter.Seq2[T, error], convert func(T) (*plan.Object, error)) ([]*plan.Object, error) {
	var objects []*plan.Object
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		o, err := convert(item)
		if err != nil {
			return nil, err
		}
		if o != nil {
			objects = append(objects, o)
		}
	}
	return objects, nil
}
