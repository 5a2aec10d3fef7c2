package operation

import (
	"context"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// checkUnused returns an error if a sandbox outside of the fleet has started to use a
// snapshot since the plan was made. Sandboxes of the fleet count, too, if the snapshot is
// a former version: none is to use it after the plan. If the spec adopts the snapshot, its users do not
// count, and nothing is sent. Volumes need no check: the server refuses to delete a
// mounted one.
func checkUnused(ctx context.Context, e *Env, s *plan.Step) error {
	if s.Address.Kind != spec.SnapshotKind || s.Want != nil && s.Want.Adopt() {
		return nil
	}
	users, err := e.lister().List(ctx, client.SandboxFilter{Snapshots: []string{s.Have.Name}})
	if err != nil {
		return fmt.Errorf("listing the sandboxes that use the snapshot: %w", err)
	}
	for _, u := range users {
		inFleet := slices.Contains(e.Names, u.Labels[spec.FleetLabel]) && !spec.HasCopiedLabels(u.Labels, u.Name) && !s.RequiresUnused && !s.IsFormerVersion()
		if u.Snapshot() == s.Have.Name && !e.PlannedIDs[u.ID] && !inFleet {
			return errStale(fmt.Sprintf("the sandbox %q has started to use it", u.Name))
		}
	}
	return nil
}
