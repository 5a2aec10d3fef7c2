package lease

import (
	"context"
	"hash/fnv"
)

// An Owner decides which fleets this replica works for. Its methods may be called from any
// goroutine.
type Owner interface {
	// Holds reports whether the replica holds the shard of a fleet, and returns the fence of
	// its lease. It is for reading: work that writes uses Begin.
	Holds(namespace, name string) (*Fence, bool)

	// Begin starts work for a fleet if the replica holds its shard. The returned context is
	// canceled, with the cause ErrGivenUp, when the shard is to be given up: the work should
	// then start nothing new and call done soon. The shard is given up once all work has
	// called done. Requests to Kubernetes with this context are checked by the fence of the
	// shard, which FenceOf returns for requests to others.
	Begin(ctx context.Context, namespace, name string) (work context.Context, done func(), ok bool)

	// Shard returns the shard of a fleet.
	Shard(namespace, name string) int
}

// shardOf returns the shard of a fleet out of n. It is the same in all processes and versions.
func shardOf(namespace, name string, n int) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(namespace + "/" + name))
	sum := h.Sum64()
	return int((sum ^ sum>>32) % uint64(n))
}

// Shard implements Owner.
func (r *Replica) Shard(namespace, name string) int {
	return shardOf(namespace, name, r.options.Shards)
}

// Holds implements Owner.
func (r *Replica) Holds(namespace, name string) (*Fence, bool) {
	if t := r.tenure(r.Shard(namespace, name)); t != nil {
		return t.fence, true
	}
	return nil, false
}

// Begin implements Owner.
func (r *Replica) Begin(ctx context.Context, namespace, name string) (context.Context, func(), bool) {
	if t := r.tenure(r.Shard(namespace, name)); t != nil {
		return t.begin(ctx)
	}
	return nil, nil, false
}

// tenure returns that of a shard, and nil if the replica does not work for it.
func (r *Replica) tenure(shard int) *tenure {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.holds[shard]; h != nil && h.public && !h.leaving {
		return h.tenure
	}
	return nil
}
