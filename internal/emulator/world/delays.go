package world

import "time"

// Delays are the durations of the transitions. A zero one is over by the next
// request. A quarter of each passes before the first visible step, as the real
// server's workers need a moment to notice what the API wrote down.
type Delays struct {
	Create, Start, Stop, Archive, Restore, Resize, Delete time.Duration
	// Build is the build of a Dockerfile, for sandboxes and for snapshots.
	Build                        time.Duration
	SnapshotPull, SnapshotRemove time.Duration
	VolumeCreate, VolumeDelete   time.Duration
	// Network is how long a change of network settings occupies the runner, during
	// which a second one and a resize are refused.
	Network time.Duration
}
