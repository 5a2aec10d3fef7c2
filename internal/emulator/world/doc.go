// Package world is the state of the emulated Daytona: its sandboxes, snapshots,
// volumes, secrets and uploaded objects, their state machines, and the journal that
// stores them. It knows nothing of HTTP.
package world
