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

// A LockedError is the error of New if another process uses the state file.
type LockedError = world.LockedError

// Delays are the durations of the transitions; see [world.Delays].
type Delays = world.Delays

// Options configure a Server. The zero value accepts any key, stores everything in
// memory, finishes every transition by the next request and emulates version 0.205.0.
type Options struct {
	// Key is the only accepted API key. If it is empty, every non-empty key is
	// accepted, except those revoked by the control endpoint.
	Key string
	// StateFile preserves the world across restarts: a change is written to the file
	// before its response is sent. Empty means memory only.
	StateFile string
	// Owner describes this process, for the errors of other processes that want to use
	// the state file; see LockedError.
	Owner string
	// NoWait makes New fail at once if another process uses the state file. Otherwise it
	// waits for up to ten seconds.
	NoWait bool
	// Delays are the durations of the transitions.
	Delays world.Delays
	// Latency is added to every response of the API.
	Latency time.Duration
	// APIVersion is Version205 (the default), Version190 or Version220. The oldest
	// lacks newer routes, ignores newer body fields and omits newer response fields;
	// the newest has no numbered list of sandboxes.
	APIVersion string
	// Now is the clock; nil means time.Now. Waiting requests sleep in real time for
	// the remaining time on this clock: create and start at most 30 s, commands and
	// previews as long as they take.
	Now func() time.Time
	// Faults are the initial faults, each in the syntax of fault.Parse. They last
	// until this Server is closed or the control endpoint lifts them.
	Faults []string
	// Control enables /_emulator/, which needs no credentials.
	Control bool
}
