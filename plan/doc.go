// Package plan compares what a fleet wants with what is there and says what
// must change.
//
// It is pure: no I/O, no clock, no context. A [Plan] is data that can be
// printed, marshalled, compared and handed to package apply, which carries it
// out without deciding anything.
package plan
