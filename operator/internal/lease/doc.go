// Package lease decides which fleets a replica of the operator may write for.
//
// The fleets are divided into shards, and each shard has a Lease in Kubernetes. A replica
// works for a fleet while it holds the lease of its shard. The election is that of client-go,
// with a Fence for each lease: the replica writes only while its last successful renewal is
// younger than RenewDeadline, counted from when the renewal was sent, on a clock that also
// runs while the machine sleeps. Other replicas take a lease over no sooner than LeaseDuration
// after they saw its last renewal. The difference is the time that a request has to arrive.
//
// Two replicas never write for one fleet after a process was frozen, the network was cut, the
// API server was slow, the wall clock was changed, a user deleted or edited a lease, the process
// was copied with its identity, or the number of shards was changed. What remains is a request
// that was sent while the fence was open, and that a proxy holds back for 5 seconds or the
// process, frozen between the last check and the system call, sends late: the server has no
// means to refuse it.
package lease

import "time"

// The times of a lease, which are those of the components of Kubernetes.
const (
	// LeaseDuration is how long a lease must be seen without a change before another replica
	// takes it over.
	LeaseDuration = 15 * time.Second

	// RenewDeadline is the age of the last renewal from which on the holder writes nothing, and
	// the longest time that it tries to renew the lease before it ends.
	RenewDeadline = 10 * time.Second

	// RetryPeriod is the time between two renewals.
	RetryPeriod = 2 * time.Second

	// pollInterval is the time between two readings of all leases. With LeaseDuration, it
	// bounds the time in which a lease is taken over.
	pollInterval = time.Second

	// abandonAfter is the age of the last renewal from which on requests in flight are
	// canceled. It is before the earliest time at which another replica holds the lease.
	abandonAfter = LeaseDuration - time.Second

	// unacknowledged is the longest time for which the kernel tries to deliver a request.
	unacknowledged = abandonAfter - RenewDeadline
)
