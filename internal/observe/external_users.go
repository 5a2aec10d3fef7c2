package observe

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// maxForeignReads is the number of sandboxes outside of the fleet up to which each is
// read for the volumes that it mounts. Above it they are not read: the server
// refuses to delete a mounted volume anyway, unlike a snapshot in use.
const maxForeignReads = 500

// findExternalUsers finds the sandboxes outside of the fleet that use the snapshots and
// volumes at risk. Lists can be filtered by snapshot; which volumes a sandbox mounts
// is shown only when it is read by id.
func (o *observer) findExternalUsers(ctx context.Context, atRisk []*plan.Object) error {
	var snapshots []string
	byName, volumes := map[string]*plan.Object{}, map[string]bool{}
	for _, x := range atRisk {
		if slices.Contains(o.world.Objects[spec.SnapshotKind], x) {
			snapshots, byName[x.Name] = append(snapshots, x.Name), x
		} else {
			volumes[x.ID] = true
		}
	}
	o.world.ExternalUsers = map[string][]string{}
	if len(snapshots) > 0 {
		foreign, err := o.foreignSandboxes(ctx, client.SandboxFilter{Snapshots: snapshots})
		if err != nil {
			return fmt.Errorf("looking for the users of snapshots: %w", err)
		}
		for _, s := range foreign {
			if used := byName[s.Snapshot()]; used != nil {
				o.world.ExternalUsers[used.ID] = append(o.world.ExternalUsers[used.ID], s.Name)
			}
		}
	}
	if len(volumes) > 0 {
		if err := o.findExternalMounts(ctx, volumes); err != nil {
			return fmt.Errorf("looking for the users of volumes: %w", err)
		}
	}
	for _, names := range o.world.ExternalUsers {
		slices.Sort(names)
	}
	return nil
}

// findExternalMounts finds the sandboxes outside of the fleet that mount one of the
// volumes, given by id.
func (o *observer) findExternalMounts(ctx context.Context, volumes map[string]bool) error {
	foreign, err := o.foreignSandboxes(ctx, client.SandboxFilter{})
	if err != nil {
		return err
	}
	if len(foreign) > maxForeignReads {
		o.world.UnreadCount = len(foreign)
		return nil
	}
	removed, err := readEach(ctx, o.api, foreign, nil)
	if err != nil {
		return err
	}
	for _, s := range foreign {
		if removed[s] {
			continue
		}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(s.Mounts()))) {
			if volumes[id] {
				o.world.ExternalUsers[id] = append(o.world.ExternalUsers[id], s.Name)
			}
		}
	}
	return nil
}

// foreignSandboxes lists the sandboxes outside of the fleet. A fork carries the labels
// of its original without being part of the fleet.
func (o *observer) foreignSandboxes(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	list, err := o.listSandboxes(ctx, filter)
	return slices.DeleteFunc(list, func(s *plan.Object) bool {
		return o.fleet.HasName(s.Labels[spec.FleetLabel]) && !spec.HasCopiedLabels(s.Labels, s.Name)
	}), err
}
