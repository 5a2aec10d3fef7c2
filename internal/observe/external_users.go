package observe

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// maxForeignReads is from how many sandboxes outside of the fleet on they are not
// read one by one for the volumes that they mount. The server refuses to delete
// a volume that is mounted, whoever asks; of snapshots it does not.
const maxForeignReads = 500

// findExternalUsers finds the sandboxes outside of the fleet that use what a plan may take
// away. Lists tell from which snapshot a sandbox was made, and can be asked for
// it; what it mounts it tells only by itself.
func (o *observer) findExternalUsers(ctx context.Context, atRisk []*plan.Object) error {
	var snapshots []string
	byName, volumes := map[string]*plan.Object{}, map[string]bool{}
	for _, x := range atRisk {
		if slices.Contains(o.world.Snapshots, x) {
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

// findExternalMounts finds the sandboxes outside of the fleet that mount one of the volumes.
func (o *observer) findExternalMounts(ctx context.Context, volumes map[string]bool) error {
	foreign, err := o.foreignSandboxes(ctx, client.SandboxFilter{})
	if err != nil {
		return err
	}
	if len(foreign) > maxForeignReads {
		o.world.UnreadCount = len(foreign)
		return nil
	}
	others := &observer{api: o.api, world: &plan.World{Sandboxes: slices.Clone(foreign)}}
	if err := others.readEach(ctx, foreign, func(int) {}); err != nil {
		return err
	}
	for _, s := range others.world.Sandboxes {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(s.Mounts()))) {
			if volumes[id] {
				o.world.ExternalUsers[id] = append(o.world.ExternalUsers[id], s.Name)
			}
		}
	}
	return nil
}

// foreignSandboxes lists the sandboxes outside of the fleet. A fork carries its labels,
// and is none of it.
func (o *observer) foreignSandboxes(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	list, err := o.list(ctx, filter)
	return slices.DeleteFunc(list, func(s *plan.Object) bool {
		return o.fleet.HasName(s.Labels[spec.FleetLabel]) && !spec.HasCopiedLabels(s.Labels, s.Name)
	}), err
}
