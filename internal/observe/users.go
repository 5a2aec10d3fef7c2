package observe

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// manyForeign is from how many sandboxes outside of the fleet on they are not
// read one by one for the volumes that they mount. The server refuses to delete
// a volume that is mounted, whoever asks; of snapshots it does not.
const manyForeign = 500

// users finds the sandboxes outside of the fleet that use what a plan may take
// away. Lists tell from which snapshot a sandbox was made, and can be asked for
// it; what it mounts it tells only by itself.
func (o *observer) users(ctx context.Context, atRisk []*plan.Object) error {
	var snapshots []string
	byName, volumes := map[string]*plan.Object{}, map[string]bool{}
	for _, x := range atRisk {
		if slices.Contains(o.world.Snapshots, x) {
			snapshots, byName[x.Name] = append(snapshots, x.Name), x
		} else {
			volumes[x.ID] = true
		}
	}
	o.world.Users = map[string][]string{}
	if len(snapshots) > 0 {
		foreign, err := o.foreign(ctx, client.SandboxFilter{Snapshots: snapshots})
		if err != nil {
			return fmt.Errorf("looking for the users of snapshots: %w", err)
		}
		for _, s := range foreign {
			if used := byName[s.Snapshot()]; used != nil {
				o.world.Users[used.ID] = append(o.world.Users[used.ID], s.Name)
			}
		}
	}
	if len(volumes) > 0 {
		if err := o.mounts(ctx, volumes); err != nil {
			return fmt.Errorf("looking for the users of volumes: %w", err)
		}
	}
	for _, names := range o.world.Users {
		slices.Sort(names)
	}
	return nil
}

// mounts finds the sandboxes outside of the fleet that mount one of the volumes.
func (o *observer) mounts(ctx context.Context, volumes map[string]bool) error {
	foreign, err := o.foreign(ctx, client.SandboxFilter{})
	if err != nil {
		return err
	}
	if len(foreign) > manyForeign {
		o.world.Unread = len(foreign)
		return nil
	}
	others := &observer{api: o.api, world: &plan.World{Sandboxes: slices.Clone(foreign)}}
	if err := others.read(ctx, foreign, func(int) {}); err != nil {
		return err
	}
	for _, s := range others.world.Sandboxes {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(s.Mounts()))) {
			if volumes[id] {
				o.world.Users[id] = append(o.world.Users[id], s.Name)
			}
		}
	}
	return nil
}

// foreign lists the sandboxes outside of the fleet. A fork carries its labels,
// and is none of it.
func (o *observer) foreign(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	list, err := o.list(ctx, filter)
	return slices.DeleteFunc(list, func(s *plan.Object) bool {
		return o.fleet.Is(s.Labels[spec.FleetLabel]) && !spec.Copied(s.Labels, s.Name)
	}), err
}
