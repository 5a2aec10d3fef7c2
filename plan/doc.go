// Package plan computes the changes that turn an observed [World] into the state
// that a spec declares.
//
// The package is pure: no I/O, no clock, no context. A [Plan] is data that can be
// printed, marshalled, compared and handed to package apply, which executes it
// and makes no decisions of its own.
package plan
