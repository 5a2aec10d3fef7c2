package gc

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// knownStates are those in which an object is found, by kind.
var knownStates = map[spec.Kind][]client.State{
	spec.SandboxKind: {
		client.StateArchived, client.StateArchiving, client.StateBuildFailed, client.StateBuildingSnapshot, client.StateCreating,
		client.StateDestroying, client.StateError, client.StateForking, client.StatePaused, client.StatePausing,
		client.StatePendingBuild, client.StatePullingSnapshot, client.StateResizing, client.StateRestoring, client.StateResuming,
		client.StateSnapshotting, client.StateStarted, client.StateStarting, client.StateStopped, client.StateStopping, client.StateUnknown,
	},
	spec.SnapshotKind: {
		client.StateActive, client.StateBuildFailed, client.StateBuilding, client.StateError, client.StateInactive, client.StatePending,
		client.StatePulling, client.StateRemoving,
	},
	spec.VolumeKind: {
		client.StateCreating, client.StateDeleting, client.StateError, client.StatePendingCreate, client.StatePendingDelete, client.StateReady,
	},
}

// checkStates refuses states that nothing is ever in: a rule with one would
// never pick anything, and nobody would notice.
func (r Rule) checkStates() error {
	known := knownStates[r.Kind]
	for _, s := range r.States {
		if slices.Contains(known, client.State(s)) {
			continue
		}
		var names []string
		for _, k := range known {
			names = append(names, string(k))
		}
		return fmt.Errorf("a %s is never in state %q; %s", r.Kind, s, cmp.Or(suggest.DidYouMean(s, names), "its states are "+plan.JoinAnd(names)))
	}
	return nil
}
