package lease

import (
	"context"
	"errors"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// forgetAfter is the time without a renewal after which the lease of a replica is deleted. A
// replica that starts later would leave it a share of the shards for another LeaseDuration. One
// that was only slow creates its lease again.
const forgetAfter = LeaseDuration

// poll renews the lease of the replica, reads all leases, and acquires shards or gives them up.
func (r *Replica) poll(ctx context.Context, seen observations) observations {
	var renewal sync.WaitGroup
	renewal.Go(func() {
		if err := r.member.renew(ctx); err != nil && ctx.Err() == nil {
			r.options.Log.Info("The lease of this replica cannot be renewed.", "lease", r.member.name, "error", err.Error())
		}
	})
	defer renewal.Wait()
	seen, err := r.read(ctx, seen)
	if ctx.Err() != nil {
		return seen
	}
	if err != nil && !r.failing {
		r.options.Log.Info("The leases cannot be read.", "namespace", r.options.Namespace, "error", err.Error())
	}
	if r.failing = err != nil; !r.failing {
		r.balance(seen)
		r.forget(ctx, seen)
	}
	return seen
}

// read returns the leases of the operator. If it fails, it returns those that were seen.
func (r *Replica) read(ctx context.Context, seen observations) (observations, error) {
	ctx, cancel := context.WithTimeout(ctx, RenewDeadline)
	defer cancel()
	list, err := r.leases.List(ctx, metav1.ListOptions{})
	if err != nil {
		return seen, err
	}
	own := list.Items[:0]
	for _, l := range list.Items {
		if _, ok := r.names.shardOf(l.Name); ok || strings.HasPrefix(l.Name, r.names.members()) {
			own = append(own, l)
		}
	}
	return seen.update(own, now()), nil
}

// balance acquires free shards and gives shards up, so that each replica holds its share.
// While a lease of another number of shards is held, it acquires none.
func (r *Replica) balance(seen observations) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastLoss != nil {
		return
	}
	v, mixed := seen.view(r.names, r.options.Shards, now())
	for shard := range r.holds {
		v.holders[shard] = r.identity
	}
	acquire, giveUp := v.share(r.identity)
	if mixed && !r.mixed {
		r.options.Log.Info("Waiting: replicas with another number of shards hold leases.", "shards", r.options.Shards)
	}
	if r.mixed = mixed; mixed {
		acquire = 0
	}
	offset := shardOf("", r.id, r.options.Shards) // so that replicas rarely try the same shard
	for i := range r.options.Shards {
		shard := (i + offset) % r.options.Shards
		if _, taken := v.holders[shard]; !taken && acquire > 0 {
			acquire--
			r.acquire(shard, seen[r.names.shard(shard)].version)
		}
		if h := r.holds[shard]; h != nil && h.leaving {
			giveUp--
		}
	}
	for shard := r.options.Shards - 1; shard >= 0 && giveUp > 0; shard-- {
		if h := r.holds[shard]; h != nil && !h.leaving {
			giveUp--
			r.giveUp(h)
		}
	}
}

// forget deletes the leases of replicas that are gone, if they have not changed since.
func (r *Replica) forget(ctx context.Context, seen observations) {
	for name, s := range seen {
		if !strings.HasPrefix(name, r.names.members()) || now()-s.since < forgetAfter {
			continue
		}
		version := s.version
		err := r.leases.Delete(ctx, name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &version}})
		if err != nil && !errors.Is(err, context.Canceled) {
			r.options.Log.V(1).Info("The lease of a former replica was not deleted.", "lease", name, "error", err.Error())
		}
	}
}
