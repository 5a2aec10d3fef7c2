package observe

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// objectFromListed is a sandbox of a list as a plan sees it; nil when it is gone.
func objectFromListed(s client.Sandbox) (*plan.Object, error) {
	if s.Deleted() {
		return nil, nil
	}
	return ObjectFromSandbox(s, false)
}

// convert gathers objects, leaving out what to leaves out.
func convert[T any](list []T, toObject func(T) (*plan.Object, error)) ([]*plan.Object, error) {
	objects := make([]*plan.Object, 0, len(list))
	for _, item := range list {
		o, err := toObject(item)
		if err != nil {
			return nil, err
		}
		if o != nil {
			objects = append(objects, o)
		}
	}
	return objects, nil
}

// ObjectFromSandbox is a sandbox as a plan sees it. One whose deletion was accepted
// is on its way to be destroyed.
func ObjectFromSandbox(s client.Sandbox, detailed bool) (*plan.Object, error) {
	attrs, err := spec.Tables[spec.SandboxKind].Read(s.Fields)
	if err != nil {
		return nil, fmt.Errorf("sandbox %q: %w", s.Name, err)
	}
	next := s.DesiredState
	if s.Settled() || s.Failed() {
		next = s.Effective()
	}
	if s.Deleted() {
		next = client.StateDestroyed
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, Labels: s.Labels, FullyRead: detailed},
		ID:     s.ID, Name: s.Name, State: string(s.Effective()), TargetState: string(next),
		Failed: s.Failed(), Recoverable: s.Recoverable, ErrorReason: s.ErrorReason,
		Class: s.Class, Created: s.CreatedAt, LastActive: s.LastActivityAt, Organization: s.OrganizationID,
	}, nil
}

// ObjectFromSnapshot is a snapshot as a plan sees it.
func ObjectFromSnapshot(s client.Snapshot) (*plan.Object, error) {
	attrs, err := spec.Tables[spec.SnapshotKind].Read(s.Fields)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", s.Name, err)
	}
	next := client.StateActive
	if s.Settled() || s.Failed() || s.State == client.StateRemoving {
		next = s.State
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, FullyRead: true},
		ID:     s.ID, Name: s.Name, State: string(s.State), TargetState: string(next),
		Failed: s.Failed(), ErrorReason: s.ErrorReason, Shared: s.General, Created: s.CreatedAt, LastActive: s.LastUsedAt, Organization: s.OrganizationID,
	}, nil
}

// ObjectFromVolume is a volume as a plan sees it; nil when it is gone.
func ObjectFromVolume(v client.Volume) (*plan.Object, error) {
	if v.Deleted() {
		return nil, nil
	}
	next := v.State
	if v.State == client.StatePendingCreate || v.State == client.StateCreating {
		next = client.StateReady
	}
	return &plan.Object{
		Object: spec.Object{FullyRead: true},
		ID:     v.ID, Name: v.Name, State: string(v.State), TargetState: string(next),
		Failed: v.Failed(), ErrorReason: v.ErrorReason, Created: v.CreatedAt, LastActive: v.LastUsedAt, Organization: v.OrganizationID,
	}, nil
}

// Read reads one object by id; nil when it is gone.
func Read(ctx context.Context, api *client.Client, kind spec.Kind, id string) (o *plan.Object, err error) {
	switch kind {
	case spec.SandboxKind:
		return ReadSandbox(ctx, api, id)
	case spec.SnapshotKind:
		var s client.Snapshot
		if s, err = api.Snapshot(ctx, id); err == nil {
			return ObjectFromSnapshot(s)
		}
	case spec.VolumeKind:
		var v client.Volume
		if v, err = api.Volume(ctx, id); err == nil {
			return ObjectFromVolume(v)
		}
	}
	return nil, client.IgnoreNotFound(err)
}

// ReadSandbox reads one sandbox by its id or name; nil when it is gone. By name
// the answer may be ten seconds old.
func ReadSandbox(ctx context.Context, api *client.Client, id string) (*plan.Object, error) {
	s, err := api.Sandbox(ctx, id)
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return ObjectFromSandbox(s, true)
}
