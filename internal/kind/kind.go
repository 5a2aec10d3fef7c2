package kind

import (
	"context"
	"io"
	"time"

	"fleet/client"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// Ops are the operations on the objects of one kind. Objects that no longer exist
// are nil, not errors.
type Ops struct {
	Kind spec.Kind
	Path string // of the objects in the API, without a slash at either end

	Ready  string   // state that a creation ends in
	States []string // states in which a server reports objects of the kind, sorted

	// Labelled means that the objects carry labels, which say who owns them.
	Labelled bool

	// ListsLag means that a list may not yet show what was just written.
	ListsLag bool

	// List lists all objects of the organisation. The server is of the version;
	// the zero Version is an unknown one.
	List func(ctx context.Context, api *client.Client, server spec.Version) ([]*plan.Object, error)

	// Read reads the object with the id.
	Read func(ctx context.Context, api *client.Client, id string) (*plan.Object, error)

	// Find reads the object that holds the name. One that is being deleted may
	// still hold it.
	Find func(ctx context.Context, api *client.Client, server spec.Version, name string) (*plan.Object, error)

	// Create asks for an object. The server answers before the object is ready.
	Create func(ctx context.Context, api *client.Client, body map[string]any) (Created, error)

	// Delete asks for the deletion of the object with the id.
	Delete func(ctx context.Context, api *client.Client, id string) error

	// BuildLog opens the log of the build of the object with the id; nil if objects
	// of the kind are never built.
	BuildLog func(api *client.Client, ctx context.Context, id string) (io.ReadCloser, error)
}

// Created is what the server returns for a creation.
type Created struct {
	ID string
	At time.Time // by the clock of the server; zero if it is not known
}

// All lists the kinds in the order in which they depend on each other.
var All = []*Ops{
	{
		Kind:  spec.VolumeKind,
		Path:  "volumes",
		Ready: state.Ready,
		States: []string{
			state.Creating, state.Deleting, state.Error, state.PendingCreate, state.PendingDelete, state.Ready,
		},
		List: list((*client.Client).Volumes, FromVolume),
		Read: read((*client.Client).Volume, FromVolume),
		Find: find((*client.Client).VolumeByName, FromVolume),
		Create: create(createVolume, func(v client.Volume) Created {
			return Created{v.ID, v.CreatedAt}
		}),
		Delete: remove((*client.Client).DeleteVolume),
	},
	{
		Kind:  spec.SnapshotKind,
		Path:  "snapshots",
		Ready: state.Active,
		States: []string{
			state.Active, state.BuildFailed, state.Building, state.Error, state.Inactive, state.Pending,
			state.Pulling, state.Removing,
		},
		List: list((*client.Client).Snapshots, FromSnapshot),
		Read: read((*client.Client).Snapshot, FromSnapshot),
		Find: find((*client.Client).Snapshot, FromSnapshot),
		Create: create((*client.Client).CreateSnapshot, func(s client.Snapshot) Created {
			return Created{s.ID, s.CreatedAt}
		}),
		Delete:   remove((*client.Client).DeleteSnapshot),
		BuildLog: (*client.Client).SnapshotBuildLog,
	},
	{
		Kind:  spec.SandboxKind,
		Path:  "sandbox",
		Ready: state.Started,
		States: []string{
			state.Archived, state.Archiving, state.BuildFailed, state.BuildingSnapshot, state.Creating,
			state.Destroying, state.Error, state.Forking, state.Paused, state.Pausing,
			state.PendingBuild, state.PullingSnapshot, state.Resizing, state.Restoring, state.Resuming,
			state.Snapshotting, state.Started, state.Starting, state.Stopped, state.Stopping, state.Unknown,
		},
		Labelled: true,
		ListsLag: true,
		List:     listSandboxes,
		Read:     ReadSandbox,
		Find:     findSandbox,
		Create: create((*client.Client).CreateSandbox, func(s client.Sandbox) Created {
			return Created{s.ID, s.CreatedAt}
		}),
		Delete:   deleteSandbox,
		BuildLog: (*client.Client).SandboxBuildLog,
	},
}

// Of returns the operations on the objects of a kind; nil for a kind that has no
// objects of its own, such as images.
func Of(k spec.Kind) *Ops {
	for _, ops := range All {
		if ops.Kind == k {
			return ops
		}
	}
	return nil
}
