package client

import "fleet/internal/state"

// State is the state of a sandbox, a snapshot or a volume, as the API names it. A server
// may have states that are not listed here.
type State string

// States of a sandbox. A desired state is started, stopped, paused, archived or
// destroyed.
const (
	StateArchived         State = state.Archived
	StateArchiving        State = state.Archiving
	StateBuildFailed      State = state.BuildFailed
	StateBuildingSnapshot State = state.BuildingSnapshot
	StateCreating         State = state.Creating
	StateDestroyed        State = state.Destroyed
	StateDestroying       State = state.Destroying
	StateError            State = state.Error
	StateForking          State = state.Forking
	StatePaused           State = state.Paused
	StatePausing          State = state.Pausing
	StatePendingBuild     State = state.PendingBuild
	StatePullingSnapshot  State = state.PullingSnapshot
	StateResizing         State = state.Resizing
	StateRestoring        State = state.Restoring
	StateResuming         State = state.Resuming
	StateSnapshotting     State = state.Snapshotting
	StateStarted          State = state.Started
	StateStarting         State = state.Starting
	StateStopped          State = state.Stopped
	StateStopping         State = state.Stopping
	StateUnknown          State = state.Unknown
)

// States of a snapshot, besides error, build_failed and snapshotting.
const (
	StateActive   State = state.Active
	StateBuilding State = state.Building
	StateInactive State = state.Inactive
	StatePending  State = state.Pending
	StatePulling  State = state.Pulling
	StateRemoving State = state.Removing
)

// States of a volume, besides creating and error.
const (
	StateDeleted       State = state.Deleted
	StateDeleting      State = state.Deleting
	StatePendingCreate State = state.PendingCreate
	StatePendingDelete State = state.PendingDelete
	StateReady         State = state.Ready
)

// failed reports whether only a deletion or a recovery ends the state.
func (s State) failed() bool { return state.Failed(s) }

// statePair is a stored state and the state that the server works towards.
type statePair struct{ stored, desired State }

// effectiveStates holds the pairs for which a single sandbox and a list report different
// states: a list reports the stored one.
var effectiveStates = map[statePair]State{
	{StateStarted, StateStopped}:   StateStopping,
	{StateStarted, StateDestroyed}: StateDestroying,
	{StateStopped, StateStarted}:   StateStarting,
	{StateStopped, StateDestroyed}: StateDestroying,
	{StateStopped, StateArchived}:  StateArchiving,
	{StateUnknown, StateStarted}:   StateCreating,
}
