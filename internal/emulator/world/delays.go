package world

import "time"

// Delays are the durations of the transitions. A transition with a zero delay is
// finished by the next request. A quarter of each delay passes before the first
// visible step, as the workers of the real server need a moment to pick up a request.
type Delays struct {
	Create, Start, Stop, Archive, Restore, Resize, Delete time.Duration
	// Build is the duration of the build of a Dockerfile, for sandboxes and snapshots.
	Build                        time.Duration
	SnapshotPull, SnapshotRemove time.Duration
	// SnapshotSpread is the interval of the job that brings built snapshots to the
	// runners; 0 means that they can be used at once.
	SnapshotSpread             time.Duration
	VolumeCreate, VolumeDelete time.Duration
	// Network is the time for which a change of network settings occupies the runner.
	// Meanwhile, another change and a resize are refused.
	Network time.Duration
}
