// Package state names the states of sandboxes, snapshots and volumes as the API
// spells them. The client, plans and reports share these names.
//
// The names are untyped constants, so that they compare with client.State as well
// as with the strings of plans. Servers may report states that are not listed here.
package state

import "slices"

// States of a sandbox. A desired state is one of started, stopped, paused,
// archived and destroyed.
const (
	Archived         = "archived"
	Archiving        = "archiving"
	BuildFailed      = "build_failed"
	BuildingSnapshot = "building_snapshot"
	Creating         = "creating"
	Destroyed        = "destroyed"
	Destroying       = "destroying"
	Error            = "error"
	Forking          = "forking"
	Paused           = "paused"
	Pausing          = "pausing"
	PendingBuild     = "pending_build"
	PullingSnapshot  = "pulling_snapshot"
	Resizing         = "resizing"
	Restoring        = "restoring"
	Resuming         = "resuming"
	Snapshotting     = "snapshotting"
	Started          = "started"
	Starting         = "starting"
	Stopped          = "stopped"
	Stopping         = "stopping"
	Unknown          = "unknown"
)

// States of a snapshot, besides error, build_failed and snapshotting.
const (
	Active   = "active"
	Building = "building"
	Inactive = "inactive"
	Pending  = "pending"
	Pulling  = "pulling"
	Removing = "removing"
)

// States of a volume, besides creating and error.
const (
	Deleted       = "deleted"
	Deleting      = "deleting"
	PendingCreate = "pending_create"
	PendingDelete = "pending_delete"
	Ready         = "ready"
)

// Failed reports whether an object in the state stays in it until it is recovered or
// deleted.
func Failed[S ~string](s S) bool { return s == Error || s == BuildFailed }

// IsDeletion reports whether an object in the state is being deleted, or was.
func IsDeletion[S ~string](s S) bool {
	return slices.Contains([]S{Removing, PendingDelete, Deleting, Deleted, Destroying, Destroyed}, s)
}
