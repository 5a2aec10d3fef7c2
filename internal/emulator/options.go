package emulator

import "time"

// The API versions that can be emulated.
const (
	Version220 = "0.220.0"
	Version205 = "0.205.0"
	Version190 = "0.190.0"
)

// Options configure a Server. The zero value accepts any key, keeps everything
// in memory, finishes every transition by the next request and speaks 0.205.0.
type Options struct {
	// Key is the one accepted API key. When empty, every non-empty key is
	// accepted but those revoked over the control endpoint.
	Key string
	// StateFile keeps the world over restarts: what a request changed is in the
	// file before its answer is sent. Empty means memory only.
	StateFile string
	// Delays say how long each transition takes.
	Delays Delays
	// Latency is added to every answer of the API.
	Latency time.Duration
	// APIVersion is Version205 (the default), Version190 or Version220. The oldest
	// lacks the newer routes, ignores newer body fields and omits newer answer
	// fields; the newest has no numbered list of sandboxes.
	APIVersion string
	// Now is the clock; nil means time.Now. Waiting calls sleep in real time for what
	// is left on this clock: create and start 30 s at most, commands and previews as
	// long as they take.
	Now func() time.Time
	// Faults is the trouble to begin with, each as ParseFault reads it. It lasts
	// until this Server ends or the control endpoint lifts it.
	Faults []string
	// Control serves /_emulator/, which needs no credentials.
	Control bool
}

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
