package client

// State is the state of a sandbox, a snapshot or a volume, as the API names it. A server
// may have states that are not listed here.
type State string

// States of a sandbox. A desired state is started, stopped, paused, archived or
// destroyed.
const (
	StateArchived         State = "archived"
	StateArchiving        State = "archiving"
	StateBuildFailed      State = "build_failed"
	StateBuildingSnapshot State = "building_snapshot"
	StateCreating         State = "creating"
	StateDestroyed        State = "destroyed"
	StateDestroying       State = "destroying"
	StateError            State = "error"
	StateForking          State = "forking"
	StatePaused           State = "paused"
	StatePausing          State = "pausing"
	StatePendingBuild     State = "pending_build"
	StatePullingSnapshot  State = "pulling_snapshot"
	StateResizing         State = "resizing"
	StateRestoring        State = "restoring"
	StateResuming         State = "resuming"
	StateSnapshotting     State = "snapshotting"
	StateStarted          State = "started"
	StateStarting         State = "starting"
	StateStopped          State = "stopped"
	StateStopping         State = "stopping"
	StateUnknown          State = "unknown"
)

// States of a snapshot, besides error, build_failed and snapshotting.
const (
	StateActive   State = "active"
	StateBuilding State = "building"
	StateInactive State = "inactive"
	StatePending  State = "pending"
	StatePulling  State = "pulling"
	StateRemoving State = "removing"
)

// States of a volume, besides creating and error.
const (
	StateDeleted       State = "deleted"
	StateDeleting      State = "deleting"
	StatePendingCreate State = "pending_create"
	StatePendingDelete State = "pending_delete"
	StateReady         State = "ready"
)

// failed reports whether only a deletion or a recovery ends the state.
func (s State) failed() bool { return s == StateError || s == StateBuildFailed }

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
