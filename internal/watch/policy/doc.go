// Package policy decides which steps of a plan a watch applies now, and which wait: for
// another mode, a sync window, the end of a pause, the end of a back-off, or an approval.
//
// It does no I/O and has no clock: callers pass the time. A [Policy] holds what the user
// configured, a [State] what happened so far.
package policy
