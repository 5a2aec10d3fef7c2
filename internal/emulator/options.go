package emulator

import (
	"time"

	"fleet/internal/emulator/world"
)

// The API versions that can be emulated.
const (
	Version220 = world.Version220
	Version205 = world.Version205
	Version190 = world.Version190
)

// Delays are the durations of the transitions; see [world.Delays].
type Delays = world.Delays

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
	Delays world.Delays
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
