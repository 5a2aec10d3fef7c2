// Package operation carries out the operations of a step: it sends their requests
// and returns what has to be waited for.
//
// The operations are functions of an [Env], which all workers of a run share and
// which never changes, and of a [Task], which belongs to one worker at a time. They
// know nothing of other steps, of queues or of the loop that waits.
package operation
