// Package fault describes the faults that the emulator injects on request: into
// responses, into transitions, and into the settings of the organisation.
package fault
