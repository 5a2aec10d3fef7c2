package apply

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// checkUnused fails where a sandbox outside of the fleet has begun to use a snapshot
// that is to go. It sends nothing where the spec says that the snapshot is taken
// from its users. Of volumes the server refuses by itself to delete a mounted one.
func (r *runner) checkUnused(ctx context.Context, s *plan.Step) error {
	if s.Address.Kind != spec.SnapshotKind || s.Want != nil && s.Want.Adopt() {
		return nil
	}
	users, err := r.lister().List(ctx, client.SandboxFilter{Snapshots: []string{s.Have.Name}})
	if err != nil {
		return fmt.Errorf("looking for the users of the snapshot: %w", err)
	}
	planned := map[string]bool{} // of which the plan knew, though it may have let them go since
	for _, t := range r.planTasks {
		planned[t.step.ID] = true
	}
	for _, u := range users {
		inFleet := slices.Contains(r.fleetNames, u.Labels[spec.FleetLabel]) && !spec.HasCopiedLabels(u.Labels, u.Name) && !s.RequiresUnused
		if u.Snapshot() == s.Have.Name && !planned[u.ID] && !inFleet {
			return errStale(fmt.Sprintf("the sandbox %q has begun to use it", u.Name))
		}
	}
	return nil
}
