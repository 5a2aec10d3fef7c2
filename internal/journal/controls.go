package journal

// Controls are what the readers of a journal can ask of its watch. They may be used by
// several goroutines at once, and return before the watch has acted. by is the source of the request,
// "page" or "command".
type Controls interface {
	// Reconcile asks for a pass.
	Reconcile(by string)

	// Approve approves the plan with the digest. The error states why it cannot be
	// approved: there is none, or it is another one by now.
	Approve(digest, by string) error

	// Pause leaves out an address of the fleet, or "" for the whole fleet, until
	// Resume. The error states that there is no such address.
	Pause(address, by string) error
	Resume(address, by string) error
}
